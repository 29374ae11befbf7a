"""A customer with whom everything happened that can, another one who is not to be trusted, and
calls that people are to make to both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, update

from tests.worker.http.console.world import (
    EVIL,
    HOUR,
    attempt_row,
    decision_row,
    event_row,
    handoff_row,
    inbound_row,
    message_row,
    occurrence_row,
    store,
)
from tests.worker.http.house import FILES, House
from triggers.configuration import read_configuration
from triggers.facts import TriggerKey
from worker.hashing import Hasher
from worker.steps.apply import apply
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.tables import (
    activations,
    answers,
    attempts,
    clicks,
    customer_history,
    customers,
    decisions,
    events,
    facts,
    handoffs,
    inbound,
    messages,
    occurrences,
    receipts,
    refusals,
    suppressions,
    trigger_births,
)

DANA, PHONE, EMAIL = "dana-17", "+972501234567", "dana@mail.example"
PLAN, READING, FREE, THEIRS, ENDED, UNKNOWN = (f"{number:032x}" for number in range(900, 906))
HTML = (
    "<h1>Your plan</h1><script>parent.document.title = 'taken over'</script>"
    '<a href="https://bank.example/pay">Pay</a>'
)
POLICY = """
languages: [en, he]
timezone: Asia/Jerusalem
country: IL
categories: {service: {quiet: none}}
agents: {retention: {}, help: {}}
"""
RULES = dict(FILES) | {
    "config/outreach.yaml": POLICY,
    "config/events/support.contacted.yaml": (
        "event: support.contacted\nabout: A call.\ndata: {type: object}\n"
    ),
    "config/triggers/never.yaml": (
        "trigger: never_heard\non: support.contacted\nsend: [{agent: help}]\n"
        "limits: {category: service}\n"
    ),
    "templates/never_heard/agent.en.txt": "Call.\n",
}


def lived(house: House) -> datetime:
    """Now, by the database's clock; everything lies in the days before it."""
    apply(house.engine, RULES, "test")
    house.current = read_configuration(RULES)
    return live(house.engine, house.current.hash, house.hasher)


def live(engine: Engine, bundle: str, hasher: Hasher) -> datetime:
    phone = hasher.address("sms", PHONE)

    def work(connection: Connection) -> datetime:
        now = read_now(connection)
        # the rules were in force before anything happened
        connection.execute(update(activations).values(at=now - 90 * HOUR))
        connection.execute(update(trigger_births).values(born_at=now - 90 * HOUR))
        _known(connection, now)
        _decided(connection, now, bundle)
        _written(connection, now, phone, hasher)
        _answered(connection, now, phone)
        _calls(connection, now)
        _hostile(connection, now)
        return now

    return in_transaction(engine, work)


def of_dana(**more: Any) -> Mapping[str, Any]:
    return {"customer_id": DANA} | more


def _known(connection: Connection, now: datetime) -> None:
    profile = {
        "phone": PHONE, "email": EMAIL, "language": "he", "timezone": "America/New_York",
        "age": 71, "name": "Dana Levi",
        "consent": {"marketing": {"given": True, "source": "branch", "time": "2026-01-05T10:00Z"}},
    }  # fmt: skip
    order: Mapping[str, Any] = {"field_orders": {}, "updated_at": now - 50 * HOUR}
    store(connection, customers, id=DANA, profile=profile, phone=PHONE, email=EMAIL, **order)
    store(connection, customers, id="dana-old", profile={}, merged_into=DANA, **order)
    store(connection, customers, id="gone", profile={}, erased_at=now - HOUR, field_orders={},
          updated_at=now - HOUR)  # fmt: skip
    changes = {"age": {"from": 70, "to": 71}, "consent": {"from": None, "to": {"marketing": True}}}
    store(connection, customer_history, **of_dana(at=now - 60 * HOUR, source="crm", event_id="u1",
                                                  changes=changes))  # fmt: skip


def _decided(connection: Connection, now: datetime, bundle: str) -> None:
    """One trigger spoke, was put off and was called off; an event did not qualify."""
    for number, (back, amount) in enumerate([(48, 250), (30, 400), (3, 20)], 700):
        at, data = now - back * HOUR, {"plan_id": f"p{number}", "amount": amount}
        row = of_dana(data=data, read_at=at)
        store(connection, events, **event_row(number, at, **row))
        fact = {"customer_id": DANA, "path": "event.data.plan_id", "key": f"p{number}",
                "type": "plan.ending", "time": at, "source": "billing", "id": f"e{number}",
                "received_at": at, "data": data, "hops": 0, "history": False}  # fmt: skip
        store(connection, facts, **fact)
    for back, key, verdict, reason in [
        (48, "p700", "started", None),
        (47, "p700", "later", "quiet"),
        (46, "p700", "claimed", None),
        (30, "p701", "started", None),
        (29, "p701", "skipped", "suppressed"),
    ]:
        at = now - back * HOUR
        moment = at + HOUR if verdict in ("started", "later") else None
        more = {"verdict": verdict, "reason": reason, "key": key, "bundle": bundle}
        more["detail"] = "sms" if reason == "suppressed" else None
        row = decision_row(1, at, **of_dana(moment=moment, **more))
        store(connection, decisions, **row)
    said = {"topic": "bill", "channel": "call", "seconds": 340, "agent": "noa", "mood": ["calm"]}
    contact = of_dana(type="support.contacted", source="callcentre", data=said)
    store(connection, events, **event_row(710, now - 20 * HOUR, **contact))
    ours = of_dana(type="outreach.sent", source="outreach", data={"trigger": "plan_ending"})
    store(connection, events, **event_row(711, now - 46 * HOUR, **ours))
    rows = {"key": "p702", "due": now + 5 * HOUR, "bundle": bundle, "reason": "quiet"}
    store(connection, occurrences, **occurrence_row(720, now - 2 * HOUR, **of_dana(**rows)))


def _written(connection: Connection, now: datetime, phone: str, hasher: Hasher) -> None:
    at = now - 46 * HOUR
    text = "שלום דנה, התוכנית p700 מסתיימת ב־1.12. לחידוש: https://bank.example/p700"
    store(connection, messages, **message_row(730, at, **of_dana(
        key="p700", language="he",
        occurrence_id=hasher.epoch(TriggerKey("plan_ending", DANA, "p700"), "once"))))  # fmt: skip
    sent = of_dana(address=PHONE, address_hash=phone, text=text, segments=2)
    store(connection, attempts, **attempt_row(730, at, **sent))
    store(connection, receipts, provider="twilio", message_id=f"{730:032x}", attempt=1, raw={},
          status="delivered", received_at=at + timedelta(minutes=1), state="applied")  # fmt: skip
    store(connection, clicks, token="t", message_id=f"{730:032x}", at=at + HOUR, by="person")
    later = now - 10 * HOUR
    mailed = of_dana(key="p703", channel="email", state="failed", why="undelivered")
    store(connection, messages, **message_row(731, later, **mailed))
    mail = of_dana(channel="email", sender="outbox:email", address=EMAIL, subject="Your plan ends",
                   text="Your plan ends on Tuesday.", html=HTML, state="undelivered",
                   error="550 no such mailbox", address_hash="e" * 32)  # fmt: skip
    store(connection, attempts, **attempt_row(731, later, **mail))


def _answered(connection: Connection, now: datetime, phone: str) -> None:
    words = "נמאס לי כבר מההודעות האלה, מספיק"
    text = of_dana(raw={"Body": words, "From": PHONE, "MessageSid": "SM1"}, address_hash=phone,
                   meaning="unclear", message_id=f"{730:032x}")  # fmt: skip
    store(connection, inbound, seq=77, **inbound_row(1, now - 5 * HOUR, **text))
    said: dict[str, Any] = {
        "address_hash": phone, "channel": "sms", "category": "*", "source": "unclear reply",
        "wording": words, "at": now - 5 * HOUR,
    }  # fmt: skip
    store(connection, refusals, said="refused", proof={}, **said)
    store(connection, suppressions, **said)
    store(connection, answers, message_id=f"{730:032x}", trigger="plan_ending", customer_id=DANA,
          survey="plan", channel="sms", score=2, text="לקח יותר מדי זמן",
          at=now - 40 * HOUR)  # fmt: skip


def _calls(connection: Connection, now: datetime) -> None:
    words = "Dana's plan p700 ends on 1.12. Offer the renewal; the price stays until the 15th."
    calls: list[tuple[str, datetime, Mapping[str, Any]]] = [
        (PLAN, now - 2 * HOUR, of_dana(queue="retention", why="A plan ends soon.", text=words)),
        (READING, now - HOUR, of_dana(
            queue="help", trigger=None, inbound=77, text="נמאס לי כבר מההודעות האלה, מספיק",
            why="may be a refusal: nothing is sent until somebody has read it")),
        (FREE, now + 3 * HOUR, {"customer_id": EVIL, "queue": "retention", "why": EVIL}),
        (THEIRS, now + 4 * HOUR, of_dana(queue="retention", state="taken", taken_by="noa",
                                         taken_at=now - HOUR, why="A check came back.")),
        (ENDED, now - 30 * HOUR, of_dana(queue="retention", state="done", taken_by="noa",
                                         note="She renews.", ended_at=now - 29 * HOUR)),
        (UNKNOWN, now + HOUR, {"customer_id": "", "queue": "help", "trigger": None,
                               "why": "asks for a person", "text": "call me"}),
    ]  # fmt: skip
    for id_, due, more in calls:
        row = handoff_row(1, now - 30 * HOUR, **more) | {"id": id_, "due": due}
        store(connection, handoffs, **row)


def _hostile(connection: Connection, now: datetime) -> None:
    """Whatever others may write is written by somebody who means harm."""
    theirs: Mapping[str, Any] = {"customer_id": EVIL}
    profile = {"phone": EVIL, "timezone": EVIL, EVIL: EVIL, "channels": [EVIL], "language": EVIL}
    store(connection, customers, id=EVIL, profile=profile, field_orders={}, updated_at=now)
    data = {EVIL: EVIL, "deep": {EVIL: [EVIL]}}
    row = event_row(750, now - HOUR, **theirs, data=data, type=EVIL, source=EVIL, id=EVIL)
    store(connection, events, **row, error=EVIL)
    verdict = {"verdict": "skipped", "reason": "no_address", "detail": EVIL}
    store(connection, decisions, **decision_row(2, now - HOUR, **theirs, **verdict))
    store(connection, messages, **message_row(751, now, **theirs, state="failed", why=EVIL))
    sent = {"text": EVIL, "address": EVIL, "error": EVIL, "subject": EVIL, "html": EVIL,
            "channel": "email"}  # fmt: skip
    store(connection, attempts, **attempt_row(751, now, **theirs, **sent))
    store(connection, inbound, **inbound_row(2, now, **theirs))
    changes = {EVIL: {"from": EVIL, "to": {EVIL: EVIL}}}
    store(connection, customer_history, customer_id=EVIL, at=now, source=EVIL, event_id=EVIL,
          changes=changes)  # fmt: skip
