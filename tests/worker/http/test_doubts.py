"""Does a person who has read what may be a refusal decide it, and nothing that he may not?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests.worker.http.conftest import Open
from tests.worker.http.house import READER, House, bearer
from tests.worker.replying import Inbox, inbox
from tests.worker.sending import trigger
from tests.worker.small_world import NOON
from worker.bells import Bell
from worker.lifecycle import HandoffState
from worker.steps.calling import Said, settle_call

UNCLEAR = "enough already mate"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def one(engine: Engine) -> Inbox:
    """Dana has written what may be a refusal."""
    made = inbox(
        engine, trigger(), trigger("gone", on="outreach.opted_out", key="event.id", wait="1h")
    )
    made.says(UNCLEAR, now=NOON + MINUTE)
    assert made.suppressed == [("unclear reply", True)]
    return made


@pytest.fixture
def client(house: House, open_doors: Open, one: Inbox) -> httpx.Client:
    house.current = one.post.configuration
    return open_doors(house)


def end(client: httpx.Client, call: Any, refused: bool | None, **more: Any) -> httpx.Response:
    said = {"state": "done", "by": "noa", "refused": refused, **more}
    return client.post(f"/v1/handoffs/{call.id}", json=said)


def test_a_text_that_is_no_refusal_holds_nothing_back_any_more(
    client: httpx.Client, one: Inbox
) -> None:
    [call] = one.calls

    answer = end(client, call, False)

    assert answer.status_code == 200
    assert one.suppressed == [("unclear reply", False)]
    agreed = one.log[-1]
    assert (agreed.said, agreed.source, agreed.wording) == ("agreed", "read by a person", None)
    assert (agreed.proof["handoff"], agreed.proof["by"]) == (call.id, "noa")


def test_a_text_that_is_one_is_a_refusal_from_then_on_and_is_told(
    client: httpx.Client, house: House, one: Inbox
) -> None:
    end(client, one.calls[0], True)

    assert one.suppressed == [("reply", True)]
    assert [told.data["source"] for told in one.told if told.type.endswith("opted_out")] == [
        "reply"
    ]
    assert house.rung == [Bell.EVALUATE]
    assert end(client, one.calls[0], False).status_code == 200
    assert one.suppressed == [("reply", True)], "only a doubt is lifted"


@pytest.mark.parametrize("words", ["STOP", "wrong number"])
def test_what_was_said_since_in_clear_words_stays(
    client: httpx.Client, one: Inbox, words: str
) -> None:
    one.says(words, now=NOON + 2 * MINUTE)
    [(source, _)] = one.suppressed

    end(client, one.calls[0], False)

    assert one.suppressed == [(source, True)]
    assert source != "unclear reply"


def test_a_call_that_is_ended_without_a_word_of_it_keeps_the_doubt(
    client: httpx.Client, one: Inbox
) -> None:
    end(client, one.calls[0], None)
    assert one.suppressed == [("unclear reply", True)]

    # it is said later
    end(client, one.calls[0], False)
    assert one.suppressed == [("unclear reply", False)]


def test_the_last_of_an_address_s_texts_lifts_the_doubt(client: httpx.Client, one: Inbox) -> None:
    one.says(UNCLEAR, now=NOON + 2 * MINUTE)
    first, second = one.calls

    end(client, first, False)
    assert one.suppressed == [("unclear reply", True)]
    end(client, second, False)
    assert one.suppressed == [("unclear reply", False)]


def test_of_two_who_end_the_last_two_at_once_one_lifts_it(engine: Engine, one: Inbox) -> None:
    one.says(UNCLEAR, now=NOON + 2 * MINUTE)

    with ThreadPoolExecutor(2) as pool:
        said = Said(HandoffState.DONE, "noa", refused=False)
        list(pool.map(lambda call: settle_call(engine, call.id, said), one.calls))

    assert one.suppressed == [("unclear reply", False)]


def test_of_a_call_that_came_from_no_such_text_it_cannot_be_said(
    client: httpx.Client, one: Inbox
) -> None:
    one.says("call me", now=NOON + 2 * MINUTE)

    answer = end(client, one.calls[-1], False)

    assert answer.status_code == 409
    assert one.calls[-1].state == "open"
    assert one.suppressed == [("unclear reply", True)]


def test_somebody_else_s_call_is_not_decided(client: httpx.Client, one: Inbox) -> None:
    [call] = one.calls
    client.post(f"/v1/handoffs/{call.id}", json={"state": "taken", "by": "noa"})

    assert end(client, call, False, by="tal").status_code == 409
    assert one.suppressed == [("unclear reply", True)]


def test_whoever_reads_a_call_reads_what_was_written_whoever_wrote_it(
    client: httpx.Client, one: Inbox
) -> None:
    stranger = "+972501239999"
    one.writes("what is this about", phone=stranger, now=NOON + 2 * MINUTE, From=stranger)
    one.answer(NOON + 2 * MINUTE)

    found = client.get("/v1/handoffs", headers=bearer(READER)).json()["handoffs"]

    shown = {call["customer_id"]: call["inbound"] for call in found}
    assert {name: one["text"] for name, one in shown.items()} == {
        "c1": UNCLEAR,
        "": "what is this about",
    }
    kept = one.kept[0]
    assert shown["c1"] == {
        "id": kept.seq, "channel": "sms", "meaning": kept.meaning, "text": UNCLEAR,
        "received_at": "2026-11-02T12:01:00.000000Z",
    }  # fmt: skip
