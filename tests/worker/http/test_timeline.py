"""Is a customer's whole story told in order, page by page, with messages as they looked?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.worker.http.house import NOW, WRITER, House, bearer
from tests.worker.http.test_lookups import MESSAGE, keep, keep_message, keep_occurrence, publish
from worker.store.tables import (
    answers,
    clicks,
    customer_history,
    customers,
    decisions,
    events,
    handoffs,
    inbound,
    refusals,
)

KINDS = ["event", "occurrence", "message", "receipt", "click", "reply", "answer", "handoff",
         "profile", "decision"]  # fmt: skip


def live_a_story(house: House, client: httpx.Client, *, step: timedelta) -> None:
    """One of each kind; `step` apart, or all at one moment."""
    publish(client, time=(NOW - step).isoformat())
    publish(client, id="e2", subject="another")
    keep_occurrence(house, updated_at=NOW)
    keep_message(house)
    keep(house, clicks, token="t", message_id=MESSAGE, at=NOW + step, by="person")
    keep(house, clicks, token="t", message_id="another", at=NOW + step, by="person")
    keep(house, inbound, provider="twilio", provider_ref="r", channel="sms", address_hash="0" * 32,
         raw={"Body": "thanks"}, received_at=NOW + 2 * step, state="read", customer_id="c1",
         message_id=MESSAGE)  # fmt: skip
    keep(house, answers, message_id=MESSAGE, trigger="t", customer_id="c1", survey="s",
         channel="sms", score=2, text="slow", at=NOW + 3 * step)  # fmt: skip
    keep(house, handoffs, id="ff" * 16, customer_id="c1", queue="retention", why="low", text="t",
         state="open", due=NOW, created_at=NOW + 4 * step, updated_at=NOW)  # fmt: skip
    keep(house, customer_history, customer_id="c1", at=NOW + 5 * step, source="crm",
         event_id="e9", changes={"age": {"from": None, "to": 7}})  # fmt: skip
    keep(house, decisions, at=NOW + 6 * step, trigger="plan_ending", customer_id="c1",
         key="p1", verdict="later", reason="quiet", facts=[], bundle="0" * 32)  # fmt: skip


def pages(client: httpx.Client, limit: int) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        asked = {"limit": limit} | ({"after": after} if after else {})
        page = client.get("/v1/customers/c1/timeline", params=asked).json()
        assert len(page["timeline"]) <= limit
        told += page["timeline"]
        after = page["next"]
        if after is None:
            return told


def test_everything_is_told_newest_first(client: httpx.Client, house: House) -> None:
    live_a_story(house, client, step=timedelta(minutes=1))

    told = client.get("/v1/customers/c1/timeline").json()["timeline"]

    assert {one["kind"] for one in told} == set(KINDS)
    moments = [one["at"] for one in told]
    assert moments == sorted(moments, reverse=True)
    [message] = [one for one in told if one["kind"] == "message"]
    assert [one["text"] for one in message["attempts"]] == ["Your plan ends."]
    [reply] = [one for one in told if one["kind"] == "reply"]
    assert reply["raw"] == {"Body": "thanks"}
    assert len([one for one in told if one["kind"] == "click"]) == 1


@pytest.mark.parametrize("step", [timedelta(0), timedelta(minutes=1)])
@pytest.mark.parametrize("limit", [1, 3])
def test_pages_hold_each_word_of_the_story_once(
    client: httpx.Client, house: House, step: timedelta, limit: int
) -> None:
    live_a_story(house, client, step=step)
    keep(house, customer_history, customer_id="c1", at=NOW, source="crm", event_id="e8", changes={})
    whole = client.get("/v1/customers/c1/timeline").json()

    assert pages(client, limit) == whole["timeline"]
    assert whole["next"] is None
    assert len(whole["timeline"]) == len(KINDS) + 1


def test_refusals_merges_and_erasure_are_part_of_the_story(
    client: httpx.Client, house: House
) -> None:
    publish(client)
    keep_message(house)
    blank = {"profile": {}, "field_orders": {}}
    keep(house, customers, id="c1", **blank, updated_at=NOW, erased_at=NOW)
    keep(house, customers, id="c0", **blank, updated_at=NOW, merged_into="c1")
    keep(house, customers, id="c9", **blank, updated_at=NOW, merged_into="c8", erased_at=NOW)
    said = {"channel": "sms", "category": "*", "said": "refused", "source": "reply", "proof": {}}
    for digit in "01":
        keep(house, refusals, address_hash=digit * 32, wording=f"stop {digit}", at=NOW, **said)

    told = client.get("/v1/customers/c1/timeline").json()["timeline"]

    by_kind = {one["kind"]: one for one in told}
    assert by_kind["merge"]["id"] == "c0"
    assert by_kind["erasure"]["id"] == "c1"
    assert [one["wording"] for one in told if one["kind"] == "refusal"] == ["stop 0"]
    assert by_kind["refusal"]["said"] == "refused"
    assert len(told) == len(pages(client, 1)) == 6


@pytest.mark.parametrize("after", ["x", "a~b~c", "2026-11-01T00:00:00Z~event~x", "~event~1", "~~"])
def test_a_place_that_nobody_named_is_400(client: httpx.Client, after: str) -> None:
    answer = client.get("/v1/customers/c1/timeline", params={"after": after})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/query/after"


def test_a_story_is_for_readers_only(client: httpx.Client, house: House) -> None:
    publish(client)
    assert house.rows(events)

    answer = client.get("/v1/customers/c1/timeline", headers=bearer(WRITER))

    assert answer.status_code == 403
