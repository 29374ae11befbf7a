"""Is everything that somebody does at the console on record, in his name, with nothing personal?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from tests.worker.http.console.busy import TRIGGER, busy
from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.lives import DANA, EMAIL, FREE, PHONE, lived
from tests.worker.http.console.visiting import PASSWORD
from tests.worker.http.console.world import troubled
from tests.worker.http.house import House
from tests.worker.operators import on_record
from worker.channels.outbox import OutboxChannel
from worker.http.console.roles import OPEN, ROLES
from worker.store.engine import reading
from worker.store.tables import events, messages, refused_events


class Deed(NamedTuple):
    """A form as it is sent, in which world, and what stands on record then."""

    world: Callable[[House], object]
    fields: dict[str, Any]
    record: str
    status: int = 303


def aside(house: House) -> None:
    troubled(house.engine)


def sending(house: House) -> None:
    busy(house)
    house.channels = {"sms": OutboxChannel("sms", lambda _letter: None)}


NOTE = f"{PHONE} {EMAIL} is Dana Levi"
DEEDS = {
    "/console/sign-in": Deed(lived, {"name": "admin", "password": PASSWORD}, "sign in"),
    "/console/sign-out": Deed(lived, {}, "sign out"),
    "/console/account/password": Deed(
        lived, {"old": PASSWORD, "new": "another good one"}, "set password"
    ),
    "/console/duty/parked": Deed(aside, {"choice": "give_up", "id": messages}, "parked given_up"),
    "/console/duty/refused": Deed(
        aside, {"choice": "dismiss", "id": refused_events}, "dismiss refused"
    ),
    "/console/duty/set-aside": Deed(
        aside, {"choice": "dismiss", "id": events}, "dismiss set aside"
    ),
    "/console/duty/pause": Deed(aside, {"scope": "category:service"}, "pause"),
    "/console/duty/resume": Deed(aside, {"scope": "channel:email"}, "resume"),
    "/console/duty/alarm": Deed(
        aside, {"kind": "sender_failing", "subject": "outbox:sms"}, "dismiss"
    ),
    "/console/customers/erase": Deed(lived, {"id": DANA}, "erase"),
    "/console/customers/call": Deed(
        lived, {"id": DANA, "queue": "help", "why": NOTE, "once": "1"}, "handoff asked"
    ),
    "/console/users/add": Deed(
        lived, {"name": "noa", "role": "viewer", "own": PASSWORD}, "add user", 200
    ),
    "/console/users/password": Deed(
        lived, {"name": "viewer", "own": PASSWORD}, "set password", 200
    ),
    "/console/users/role": Deed(
        lived, {"name": "viewer", "role": "operator", "own": PASSWORD}, "set role", 200
    ),
    "/console/users/remove": Deed(lived, {"name": "viewer", "own": PASSWORD}, "remove user", 200),
    "/console/queue/{call}": Deed(lived, {"deed": "take", "note": NOTE}, "handoff taken"),
    "/console/triggers/pause": Deed(busy, {"trigger": TRIGGER}, "pause"),
    "/console/triggers/resume": Deed(busy, {"trigger": "low_checkbook"}, "resume"),
    "/console/messages/send": Deed(
        sending, {"message": TRIGGER, "language": "en", "to": PHONE}, "preview"
    ),
}
LOOKS = {
    "/console/customers",
    "/console/duty/holds",
    "/console/messages",
    "/console/messages/mail",
    "/console/triggers/backtest",
    "/console/triggers/plan",
}
"""Forms that change nothing: what is asked for does not belong into an address line."""


def posts() -> Iterator[str]:
    yield from (path for method, path in {*ROLES, *OPEN} if method == "POST")


def test_of_every_form_it_is_known_what_it_leaves_on_record() -> None:
    assert sorted(posts()) == sorted([*DEEDS, *LOOKS])


@pytest.mark.parametrize("path", sorted(DEEDS))
def test_what_is_done_is_on_record_in_the_name_of_who_did_it(
    house: House, visit: Visit, path: str
) -> None:
    deed = DEEDS[path]
    deed.world(house)
    visitor = visit() if path == "/console/sign-in" else visit("admin")
    before = len(on_record(house.engine))

    answer = visitor.post(
        path.replace("{call}", FREE),
        path if path == "/console/sign-in" else "/console/account",
        sure="1",
        **{name: ids(house, value) for name, value in deed.fields.items()},
    )

    assert answer.status_code == deed.status, answer.text
    rows = on_record(house.engine)[before:]
    assert {(by, what) for by, what, _ in rows} == {("admin", deed.record)}
    for personal in (PHONE, EMAIL, "Dana Levi", PASSWORD, "another good one"):
        assert personal not in str(rows)
        assert personal not in answer.headers.get("location", "")


@pytest.mark.parametrize("path", sorted(LOOKS))
def test_what_only_looks_leaves_nothing(house: House, visit: Visit, path: str) -> None:
    busy(house)
    visitor = visit("admin")
    before = on_record(house.engine)

    asked = {"who": PHONE, "trigger": TRIGGER, "message": TRIGGER, "sure": "1"}
    answer = visitor.post(path, "/console/account", **asked)

    assert answer.status_code < 500
    assert PHONE not in str(answer.headers)
    assert on_record(house.engine) == before


def ids(house: House, value: Any) -> Any:
    """Of a table, those of its rows that wait for somebody."""
    if isinstance(value, str):
        return value
    key = value.c.id if value is messages else value.c.seq
    waits = value.c.state.in_(["parked", "refused", "set_aside"])
    rows = reading(house.engine, lambda c: c.scalars(select(key).where(waits)).all())
    return [str(row) for row in rows]
