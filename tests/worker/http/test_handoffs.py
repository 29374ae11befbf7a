"""Can people see whom to call, take a call so that nobody else does, and say how it ended?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests.worker.http.house import NOW, READER, House, bearer
from tests.worker.http.test_lookups import keep
from worker.lifecycle import HandoffState
from worker.steps.calling import NotYours, Said, settle_call
from worker.store.engine import in_transaction
from worker.store.handoffs import change_handoff
from worker.store.tables import actions, handoffs

CALL = "0a" * 16


def keep_call(house: House, id_: str = CALL, **more: Any) -> None:
    row = {
        "id": id_, "customer_id": "c1", "queue": "retention", "why": "A plan ends.",
        "text": "Call Dana.", "state": "open", "due": NOW, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    keep(house, handoffs, **(row | more))


def say(client: httpx.Client, state: str, by: str = "noa", **more: Any) -> httpx.Response:
    return client.post(f"/v1/handoffs/{CALL}", json={"state": state, "by": by, **more})


def listed(client: httpx.Client, **asked: Any) -> list[str]:
    found = client.get("/v1/handoffs", params=asked).json()["handoffs"]
    return [one["id"][:2] for one in found]


def test_a_queue_is_listed_by_when_its_calls_are_due_page_by_page(
    client: httpx.Client, house: House
) -> None:
    keep_call(house, "03" * 16, due=NOW + timedelta(hours=1))
    keep_call(house, "02" * 16)
    keep_call(house, "01" * 16)
    keep_call(house, "04" * 16, queue="claims")
    keep_call(house, "05" * 16, state="taken", taken_by="noa")

    assert listed(client, queue="retention", state="open") == ["01", "02", "03"]
    assert listed(client, queue="retention", state="open", limit=2) == ["01", "02"]
    assert listed(client, queue="retention", state="open", after="02" * 16) == ["03"]
    assert listed(client, state="taken") == ["05"]
    assert listed(client) == ["01", "02", "04", "05", "03"]
    assert listed(client, after="nobody") == []


def test_whoever_reads_a_call_reads_why_and_what_may_be_said(
    client: httpx.Client, house: House
) -> None:
    keep_call(house)

    [found] = client.get("/v1/handoffs", headers=bearer(READER)).json()["handoffs"]

    assert (found["customer_id"], found["why"], found["text"]) == (
        "c1",
        "A plan ends.",
        "Call Dana.",
    )


def test_a_call_is_taken_done_and_noted(client: httpx.Client, house: House) -> None:
    keep_call(house)

    taken = say(client, "taken")
    done = say(client, "done", note="She renews.")

    assert (taken.status_code, done.status_code) == (200, 200)
    [row] = house.rows(handoffs)
    assert (row.state, row.taken_by, row.note) == ("done", "noa", "She renews.")
    assert row.taken_at is not None
    assert row.ended_at >= row.taken_at
    assert done.json()["ended_at"] is not None
    noted = [(one.action, one.by, one.target) for one in house.rows(actions)]
    assert noted == [(f"handoff {state}", "noa", {"handoff": CALL}) for state in ("taken", "done")]


def test_the_same_word_twice_is_done_once(client: httpx.Client, house: House) -> None:
    keep_call(house)

    answers = [say(client, "taken") for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert len(house.rows(actions)) == 1


def test_a_call_given_back_can_be_taken_by_somebody_else(
    client: httpx.Client, house: House
) -> None:
    keep_call(house)
    say(client, "taken")

    assert say(client, "open", by="lead").json()["taken_by"] is None
    assert say(client, "taken", by="tal").json()["taken_by"] == "tal"


@pytest.mark.parametrize(
    ("first", "then", "by"),
    [
        ("taken", "taken", "tal"),
        ("taken", "done", "tal"),
        ("taken", "failed", "tal"),
        ("done", "taken", "noa"),
        ("failed", "open", "noa"),
        ("done", "failed", "noa"),
    ],
)
def test_what_is_somebody_elses_or_has_ended_stays(
    client: httpx.Client, house: House, first: str, then: str, by: str
) -> None:
    keep_call(house)
    say(client, first)
    before = house.rows(handoffs)

    assert say(client, then, by=by).status_code == 409
    assert house.rows(handoffs) == before


def test_of_many_who_take_one_call_at_once_one_has_it(engine: Engine, house: House) -> None:
    keep_call(house)

    def take(name: str) -> str | None:
        try:
            return str(settle_call(engine, CALL, Said(HandoffState.TAKEN, name)).call.taken_by)
        except NotYours:
            return None

    with ThreadPoolExecutor(8) as pool:
        found = [name for name in pool.map(take, [f"agent-{n}" for n in range(8)]) if name]

    [row] = house.rows(handoffs)
    assert found == [row.taken_by]
    assert len(house.rows(actions)) == 1


@pytest.mark.parametrize("since", [{"state": "done"}, {"taken_by": "tal"}])
def test_what_has_changed_since_it_was_seen_is_not_written_over(
    engine: Engine, house: House, since: dict[str, str]
) -> None:
    keep_call(house, state="taken", taken_by="noa")
    seen = house.rows(handoffs)[0]
    in_transaction(engine, lambda c: c.execute(handoffs.update().values(**since)))

    changed = in_transaction(engine, lambda c: change_handoff(c, seen, {"state": "failed"}))

    assert changed is None
    assert house.rows(handoffs)[0]._mapping.items() >= since.items()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({"by": "noa"}, "/state"),
        ({"state": "lost", "by": "noa"}, "/state"),
        ({"state": "taken"}, "/by"),
        ({"state": "taken", "by": " "}, "/by"),
        ({"state": "taken", "by": "a\x00"}, "/by"),
        ({"state": "taken", "by": 7}, "/by"),
        ({"state": "taken", "by": "noa", "note": "n" * 2001}, "/note"),
        ({"state": "taken", "by": "noa", "who": 1}, "/who"),
        ({"state": "done", "by": "noa", "refused": "no"}, "/refused"),
        ({"state": "taken", "by": "noa", "refused": False}, "/refused"),
    ],
)
def test_what_cannot_be_said_of_a_call_is_refused(
    client: httpx.Client, house: House, body: Any, pointer: str
) -> None:
    keep_call(house)

    answer = client.post(f"/v1/handoffs/{CALL}", json=body)

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert house.rows(handoffs)[0].state == "open"


def test_a_call_nobody_was_asked_for_is_404_and_a_reader_may_not_take_one(
    client: httpx.Client, house: House
) -> None:
    assert say(client, "taken").status_code == 404
    keep_call(house)

    words = {"state": "taken", "by": "noa"}
    answer = client.post(f"/v1/handoffs/{CALL}", json=words, headers=bearer(READER))

    assert answer.status_code == 403
