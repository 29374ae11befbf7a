"""How is each word of a customer's story told on the page, and why did nothing come of it?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from triggers.answering import Call
from triggers.clock import instant
from triggers.consents import consents_of
from triggers.explaining.told import SILENT
from worker.http.console.customer_why import Told, Why
from worker.http.console.words import Words
from worker.lifecycle import MessageState
from worker.store.stories import Facts
from worker.wiring import TEXT_READERS

HOME = "/console/customers"
CALLS = {one.value: one.name.lower() for one in Call}
_MARKS = {one: f"\\u{one:04x}" for one in (0x200E, 0x200F, *range(0x202A, 0x202F),
                                             *range(0x2066, 0x206A))}  # fmt: skip
LONGEST_VALUE = 80
MOST_VALUES = 4
GOOD = {"delivered", "done", "sent", "accepted"}
BAD = {"failed", "expired", "called_off", "parked", "undelivered", "refused"}
ENDED_BADLY = frozenset(
    {
        MessageState.FAILED,
        MessageState.EXPIRED,
        MessageState.CALLED_OFF,
        MessageState.PARKED,
        MessageState.PLANNED,
        MessageState.UNKNOWN,
        MessageState.DELIVERY_UNKNOWN,
    }
)
"""Of these somebody asks why the message is not there."""
DID_NOT = frozenset(
    {"later", "called_off", "skipped", "held_out", "shadowed", "expired", "noted", "pending"}
)
"""Verdicts, and states, by which nothing was said to the customer."""


@dataclass(frozen=True)
class Entry:
    """`contact`: he called, wrote or came. `told`: why not, in whole sentences. `ask`: where it
    is asked as it was known then; None where there is nothing to ask.
    """

    kind: str
    at: datetime
    facts: Facts
    contact: bool = False
    told: Sequence[Told] = ()
    ask: str | None = None

    @property
    def values(self) -> Mapping[str, str]:
        """The first few of an event's plain values, in short."""
        data = self.facts.get("data") or {}
        plain = ((k, v) for k, v in sorted(data.items()) if not isinstance(v, dict | list))
        return dict([(k, as_text(v)[:LONGEST_VALUE]) for k, v in plain][:MOST_VALUES])

    @property
    def whole(self) -> str:
        """All that an event said, where its few values are not all of it."""
        data = self.facts.get("data") or {}
        if all(as_text(value) == self.values.get(name) for name, value in data.items()):
            return ""
        return _json(data, indent=2)

    @property
    def words(self) -> str:
        """What somebody wrote to us; nothing where it is kept no more."""
        reader = TEXT_READERS.get(self.facts.get("provider") or "")
        text = reader(self.facts["raw"]) if reader else None
        return text.words if text else str(self.facts["raw"].get("Body") or "")


def entries(
    story: Sequence[Facts], customer: str, why: Why, *, contact: str | None
) -> Iterator[Entry]:
    """`contact`: the type of the event by which customers reach us after all."""
    for facts in story:
        at = instant(facts["at"])
        told, ask = _why(facts, at, customer, why)
        yield Entry(facts["kind"], at, facts, facts.get("type") == contact, told, ask)


def _why(facts: Facts, at: datetime, customer: str, why: Why) -> tuple[Sequence[Told], str | None]:
    match facts["kind"]:
        case "event":
            silent = why.silences.get((facts["source"], facts["id"]), ())
            return silent, ask(customer, at=instant(facts["received_at"]))
        case "decision" if facts["verdict"] in DID_NOT:
            case = why.cases.get(_case(facts))
            # what is said of the case now may be another thing than what was decided then
            same = case is not None and case.point.at == at
            return [case] if case and same else (), ask(customer, facts["trigger"], at)
        case "occurrence":
            case = why.cases.get(_case(facts))
            return [case] if case else (), ask(customer, facts["trigger"])
        case "message" if facts["state"] in ENDED_BADLY:
            case = why.cases.get(_case(facts))
            return [case] if case else (), ask(customer, facts["trigger"])
        case _:
            return (), None


def _case(facts: Facts) -> tuple[str, str, str]:
    return facts["trigger"], facts["key"] or "", facts["epoch"] or ""


def ask(customer: str, trigger: str | None = None, at: datetime | None = None) -> str:
    """Where the page tells why, of one trigger or of all, now or as it was known then."""
    query = {"id": customer}
    if trigger is not None:
        query["trigger"] = trigger
    if at is not None:
        query["at"] = at.isoformat()
    return f"{HOME}?{urlencode(query)}#why"


def mail_of(message: str, number: int) -> str:
    return f"{HOME}/mail?{urlencode({'message': message, 'number': number})}"


def as_text(value: Any) -> str:
    """A text as it is; anything else as JSON, in every alphabet."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any, *, indent: int | None = None) -> str:
    """Marks of direction within it are shown as signs: here nothing keeps them apart."""
    return json.dumps(value, ensure_ascii=False, indent=indent).translate(_MARKS)


def call_why(words: Words, why: str) -> str:
    """Our own words in the visit's language, all else as the trigger's writer put it."""
    return words(f"queue.why.{CALLS[why]}") if why in CALLS else why


def tone(state: str | None) -> str:
    """The class of a mark that names a state."""
    if state in GOOD:
        return " good"
    if state in BAD:
        return " bad"
    return " warn" if state in DID_NOT or state == SILENT else ""


def words_of(words: Words) -> Mapping[str, Any]:
    """What the templates of a story call."""
    return {
        "tone": tone,
        "as_text": as_text,
        "instant": lambda text: instant(text) if text else None,
        "mail_of": mail_of,
        "ask": ask,
        "consents": lambda value: consents_of({"consent": value}),
        "why_of": lambda why: call_why(words, why),
    }
