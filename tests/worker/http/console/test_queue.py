"""Can people see whom to call, take a call that nobody else takes, and say how it ended?"""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

import httpx
import pytest

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.lives import (
    ENDED,
    FREE,
    PHONE,
    PLAN,
    READING,
    THEIRS,
    UNKNOWN,
    lived,
)
from tests.worker.http.console.visiting import Visitor
from tests.worker.http.console.world import EVIL, HOUR, handoff_row, store
from tests.worker.http.house import House
from tests.worker.operators import on_record
from worker.lifecycle import HandoffState
from worker.steps.calling import Said, settle_call
from worker.store.calls import Wanted, read_calls
from worker.store.engine import in_transaction, reading
from worker.store.tables import handoffs, suppressions

HOME = "/console/queue"


@pytest.fixture
def now(house: House) -> datetime:
    return lived(house)


@pytest.fixture
def noa(now: datetime, visit: Visit) -> Visitor:
    """She is signed in under the name `operator`."""
    return visit("operator")


def listed(visitor: Visitor, **asked: str) -> list[str]:
    answer = visitor.client.get(HOME, params=asked)
    assert answer.status_code == 200, answer.text
    return re.findall(r'id="call-(\w+)"', answer.text)


def say(visitor: Visitor, call: str, deed: str, **more: str) -> httpx.Response:
    return visitor.post(f"{HOME}/{call}", deed=deed, **more)


def row(house: House, call: str) -> Any:
    return {one.id: one for one in house.rows(handoffs)}[call]


def test_calls_are_listed_by_when_they_are_due_and_what_is_overdue_is_marked(noa: Visitor) -> None:
    text = noa.get(HOME).text

    assert listed(noa) == [PLAN, READING, UNKNOWN, FREE, THEIRS]
    assert text.count("overdue by") == 2
    assert '<bdi>retention</bdi> <span class="mark bad">3</span>' in text
    assert '<bdi>help</bdi> <span class="mark bad">2</span>' in text


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        ({"queue": "help"}, [READING, UNKNOWN]),
        ({"queue": "retention", "view": "open"}, [PLAN, FREE]),
        ({"view": "done"}, [ENDED]),
        ({"view": "mine"}, []),
        ({"view": "failed"}, []),
        ({"queue": "no such"}, []),
        ({"queue": "a\x00"}, [PLAN, READING, UNKNOWN, FREE, THEIRS]),
        ({"view": "no such", "after": PLAN}, [READING, UNKNOWN, FREE, THEIRS]),
    ],
)
def test_a_queue_a_state_and_ones_own_can_be_chosen(
    noa: Visitor, asked: dict[str, str], calls: list[str]
) -> None:
    assert listed(noa, **asked) == calls


def test_a_call_is_taken_and_done_with_a_note_and_it_is_on_record(
    noa: Visitor, house: House
) -> None:
    taken = say(noa, PLAN, "take")
    assert taken.headers["location"] == f"{HOME}/{PLAN}?done=take"
    assert "It is yours now." in noa.get(taken.headers["location"]).text
    assert listed(noa, view="mine") == [PLAN]

    done = say(noa, PLAN, "done", note="  She renews.  ")

    assert "Noted as done." in noa.get(done.headers["location"]).text
    found = row(house, PLAN)
    assert (found.state, found.taken_by, found.note) == ("done", "operator", "She renews.")
    told = [(by, what) for by, what, _ in on_record(house.engine)]
    assert told[-2:] == [("operator", "handoff taken"), ("operator", "handoff done")]


@pytest.mark.parametrize(("deed", "state"), [("failed", "failed"), ("back", "open")])
def test_a_call_that_came_to_nothing_is_noted_or_given_back(
    noa: Visitor, house: House, deed: str, state: str
) -> None:
    say(noa, PLAN, "take")
    say(noa, PLAN, deed, note="Nobody answers.")

    assert (row(house, PLAN).state, row(house, PLAN).note) == (state, "Nobody answers.")


def test_whoever_comes_second_is_told_who_was_first_and_his_note_is_not_lost(
    noa: Visitor, house: House
) -> None:
    say(noa, PLAN, "take")
    settle_call(house.engine, PLAN, Said(HandoffState.OPEN, "lead"))
    settle_call(house.engine, PLAN, Said(HandoffState.TAKEN, "tal"))

    answer = say(noa, PLAN, "done", note="She renews.")

    assert answer.status_code == 409
    assert "Nothing was changed: \u2068tal\u2069 has this call." in unescape(answer.text)
    assert "She renews." in answer.text
    assert row(house, PLAN).state == "taken"


def test_a_call_that_has_ended_says_so_to_who_would_take_it(noa: Visitor) -> None:
    answer = say(noa, ENDED, "take")

    assert answer.status_code == 409
    assert "this call has ended (done, \u2068noa\u2069)" in unescape(answer.text)


def test_the_call_of_somebody_else_can_be_given_back_and_nothing_more(
    noa: Visitor, house: House
) -> None:
    text = noa.get(f"{HOME}/{THEIRS}").text
    assert re.findall(r'name="deed" value="(\w+)"', text) == ["back"]
    assert say(noa, THEIRS, "done").status_code == 409

    say(noa, THEIRS, "back")

    assert row(house, THEIRS).state == "open"


@pytest.mark.parametrize(("refused", "lifted"), [("yes", False), ("no", True)])
def test_who_has_read_a_text_that_may_be_a_refusal_says_whether_it_is_one(
    noa: Visitor, house: House, refused: str, lifted: bool
) -> None:
    say(noa, READING, "take")
    assert "Does the customer ask for no more messages?" in noa.get(f"{HOME}/{READING}").text

    silent = say(noa, READING, "done", note="Read.")
    assert silent.status_code == 409
    assert "Say first whether the text is a refusal." in silent.text
    assert row(house, READING).state == "taken"
    say(noa, READING, "done", refused=refused)

    [stands] = house.rows(suppressions)
    assert (stands.lifted_at is not None) == lifted
    assert stands.source == ("reply" if refused == "yes" else "unclear reply")
    assert row(house, READING).state == "done"


def test_a_call_holds_all_that_whoever_makes_it_has_to_know(noa: Visitor) -> None:
    text = unescape(noa.get(f"{HOME}/{PLAN}").text)

    assert "A plan ends soon." in text
    assert "Offer the renewal; the price stays until the 15th." in text
    assert f'href="tel:{PHONE}"' in text
    assert "Refuses messages by SMS" in text
    assert "support.contacted" in text
    assert "kept silent about p701 for good" in text
    assert "It is" in text
    assert "/console/customers?id=dana-17" in text


def test_a_text_of_a_customer_stands_in_its_call_as_it_was_written(noa: Visitor) -> None:
    text = noa.get(f"{HOME}/{READING}").text
    call = text.partition('id="call"')[2].partition("<form")[0]

    assert "What was written to us" in call
    assert '<p class="bubble theirs" dir="auto">נמאס לי כבר מההודעות האלה, מספיק</p>' in call
    assert "What you may say" not in call


def test_of_nobody_known_there_is_the_text_and_no_story(noa: Visitor) -> None:
    text = noa.get(f"{HOME}/{UNKNOWN}").text

    assert "Asks for a person" in text
    assert "call me" in text
    assert "there is no story to show" in text


def test_whatever_others_have_written_is_shown_and_never_obeyed(noa: Visitor) -> None:
    for path in (HOME, f"{HOME}/{FREE}"):
        text = noa.get(path).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("call", ["0" * 32, "x", "a%00b"])
def test_a_call_there_is_not_is_404(noa: Visitor, call: str) -> None:
    assert noa.get(f"{HOME}/{call}").status_code == 404
    assert noa.post(f"{HOME}/{call}", HOME, deed="take").status_code == 404
    assert noa.post(f"{HOME}/{PLAN}", HOME, deed="steal").status_code == 422


def test_a_viewer_sees_the_queue_and_is_offered_nothing(
    noa: Visitor, visit: Visit, house: House
) -> None:
    viewer = visit("viewer")

    for path in (HOME, f"{HOME}/{PLAN}", f"{HOME}/{THEIRS}"):
        assert 'name="deed"' not in viewer.get(path).text
    assert viewer.post(f"{HOME}/{PLAN}", "/console/account", deed="take").status_code == 403
    assert row(house, PLAN).state == "open"


def test_a_form_without_the_pages_token_takes_nothing(noa: Visitor, house: House) -> None:
    assert noa.client.post(f"{HOME}/{PLAN}", data={"deed": "take"}).status_code == 403
    assert row(house, PLAN).state == "open"


def test_a_long_queue_is_turned_page_by_page_in_order(
    noa: Visitor, house: House, now: datetime
) -> None:
    def fill(connection: Any) -> None:
        for number in range(120):
            due = now + (number // 3) * HOUR
            one = handoff_row(5000 + number, due, queue=("a", "b", "c")[number % 3])
            store(connection, handoffs, **one)

    in_transaction(house.engine, fill)
    seen: list[str] = []
    after = ""
    while True:
        page = listed(noa, **({"after": after} if after else {}))
        seen += page
        if len(page) < 50:
            break
        after = page[-1]

    rows = sorted((one for one in house.rows(handoffs) if one.state in ("open", "taken")),
                  key=lambda one: (one.due, one.id))  # fmt: skip
    assert seen == [one.id for one in rows]


def test_what_has_ended_is_told_from_the_last_on_and_page_by_page(
    noa: Visitor, house: House, now: datetime
) -> None:
    def fill(connection: Any) -> None:
        for number in range(7):
            one = handoff_row(6000 + number, now + number * HOUR, state="failed", queue=EVIL)
            store(connection, handoffs, **one)

    in_transaction(house.engine, fill)
    states = (HandoffState.FAILED,)

    first = reading(house.engine, lambda c: read_calls(c, Wanted(states), most=4))
    wanted = Wanted(states, after=first.calls[-1].id)
    rest = reading(house.engine, lambda c: read_calls(c, wanted, most=4))

    assert [int(one.id, 16) - 6000 for one in (*first.calls, *rest.calls)] == [6, 5, 4, 3, 2, 1, 0]
    assert (first.more, rest.more) == (True, False)


def test_a_call_to_somebody_who_was_erased_says_what_is_gone(
    noa: Visitor, house: House, now: datetime
) -> None:
    gone = handoff_row(1, now, customer_id="gone", state="failed", why="", text="")
    in_transaction(house.engine, lambda c: store(c, handoffs, **gone))

    text = noa.get(f"{HOME}/{gone['id']}").text

    assert text.count("erased, or kept no longer") >= 2
    assert "the customer was erased" in text
    assert 'name="deed"' not in text
