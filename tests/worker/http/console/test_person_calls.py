"""Can somebody at the console have a customer called by a person?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.lives import DANA, lived
from tests.worker.http.console.visiting import Visitor
from tests.worker.http.console.world import EVIL, HOUR
from tests.worker.http.house import House, build
from worker.steps.handing import NotHanded, Wish, hand_over
from worker.store.tables import handoffs

HOME = "/console/customers"
ASKED = {"id": DANA, "queue": "retention", "why": "Asked for it in the branch.", "once": "1"}


@pytest.fixture
def now(house: House) -> datetime:
    return lived(house)


@pytest.fixture
def noa(now: datetime, visit: Visit) -> Visitor:
    return visit("operator")


def ask(visitor: Visitor, **changes: str) -> httpx.Response:
    return visitor.post(f"{HOME}/call", f"{HOME}?id={DANA}", **ASKED | changes)


def asked(house: House) -> list[Any]:
    """The calls that came neither from a trigger nor from a text."""
    rows = house.rows(handoffs)
    return [one for one in rows if one.trigger is None and one.inbound is None and one.why in
            {ASKED["why"], EVIL}]  # fmt: skip


def test_a_call_is_in_its_queue_with_its_reason_and_the_story_beside_it(
    house: House, noa: Visitor, now: datetime
) -> None:
    form = noa.get(f"{HOME}?id={DANA}").text
    assert f'action="{HOME}/call"' in form
    assert re.search(r'name="once" value="\w{16}"', form)

    answer = ask(noa)

    [call] = asked(house)
    assert answer.headers["location"] == f"/console/queue/{call.id}?done=asked"
    assert (call.customer_id, call.queue, call.state) == (DANA, "retention", "open")
    assert now <= call.due <= now + HOUR
    page = noa.get(f"/console/queue/{call.id}?done=asked").text
    assert ASKED["why"] in page
    assert "What you may say" not in page
    assert "The story" in page
    assert call.id in noa.get("/console/queue").text


def test_sent_twice_it_is_one_call_and_asked_again_it_is_another(
    house: House, noa: Visitor
) -> None:
    assert ask(noa).headers["location"] == ask(noa).headers["location"]
    assert len(asked(house)) == 1

    ask(noa, once="2")
    assert len(asked(house)) == 2


def test_it_is_due_by_the_house_s_clock_and_never_before_now(
    house: House, noa: Visitor, now: datetime
) -> None:
    ask(noa, due="2099-01-05T10:30", once="1")
    ask(noa, due="2001-01-05T10:30", once="2")

    late, past = sorted((one.due for one in asked(house)), reverse=True)
    assert late.isoformat() == "2099-01-05T08:30:00+00:00"
    assert past >= now


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"why": ""}, 422),
        ({"queue": "nobody's"}, 422),
        ({"due": "soon"}, 422),
        ({"id": "never heard of"}, 404),
    ],
)
def test_what_cannot_be_asked_for_is_said_and_asks_nobody(
    house: House, noa: Visitor, changes: dict[str, str], status: int
) -> None:
    answer = ask(noa, **changes)

    assert answer.status_code == status
    assert asked(house) == []


def test_a_former_id_asks_for_the_person_that_it_is_now(house: House, noa: Visitor) -> None:
    ask(noa, id="dana-old")

    assert [one.customer_id for one in asked(house)] == [DANA]


def test_a_reason_that_sounds_like_one_of_ours_is_ended_like_any_other(
    house: House, noa: Visitor
) -> None:
    ours = "may be a refusal: nothing is sent until somebody has read it"
    where = ask(noa, why=ours).headers["location"].partition("?")[0]
    noa.post(where, deed="take")

    assert "Does the customer ask for no more messages?" not in noa.get(where).text
    assert noa.post(where, deed="done").status_code == 303


def test_while_something_else_holds_the_customer_nothing_is_written(
    engine_of: Callable[[str], Engine], postgres_database_url: str
) -> None:
    """Where rows are locked: SQLite lets one write after the other."""
    house = build(engine_of(postgres_database_url))
    lived(house)
    rules = house.current
    assert rules is not None
    wish = Wish(DANA, "help", "Now.", "noa", "1")
    with house.engine.begin() as other:
        other.exec_driver_sql("SELECT 1 FROM customers WHERE id = 'dana-17' FOR UPDATE")
        with pytest.raises(NotHanded, match="held"):
            hand_over(house.engine, rules, wish)

    assert not [one for one in house.rows(handoffs) if one.why == wish.why]
