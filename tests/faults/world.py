"""What is published in a run of faults, by which rules is it answered, and to whom?

One trigger of each kind. Waits are seconds, and one category falls quiet while the run is on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SOURCE = "faults"
QUIET_ZONE, OTHER_ZONE = "UTC", "Asia/Tokyo"
QUIET_LENGTH = timedelta(hours=3)
QUIET_CATEGORY = "calm"
IMMEDIATE = {"order.placed": ("receipt", "order"), "parcel.lost": ("lost", "parcel")}
"""Every one of these events has an occurrence of that trigger, by that key."""

POLICY = """
languages: [en]
timezone: UTC
country: IL
brand: {{name: {{en: Example Bank}}}}
categories:
  service: {{quiet: none}}
  capped: {{quiet: none, caps: [4 per 1d]}}
  calm: {{quiet: default}}
quiet:
  default: {{nights: "{begin} to {end}", resume: "{end}"}}
agents:
  desk: {{capacity: 100000 per 1d}}
fuse: {{customer: 500 per 1h, trigger: 1000000 per 1h}}
grace: 1s
sms: {{max_segments: 3, countries: [IL]}}
unknown: {{sms: hold, email: hold}}
"""

TYPES = {
    "order.placed": ("order",),
    "cart.started": ("cart",),
    "cart.done": ("cart",),
    "check.deposited": ("account", "number"),
    "book.ordered": ("account",),
    "visit.made": (),
    "parcel.lost": ("parcel",),
    "plan.updated": ("plan", "at"),
    "offer.made": ("offer",),
    "page.seen": ("page",),
}

TRIGGERS = """
trigger: receipt
about: Said at once, once an order.
on: order.placed
key: event.data.order
send: [{message: note, by: [sms, email]}]
limits: {category: service, expires: 1h}
---
trigger: cart
about: A cart that nobody brought to its end.
on: cart.started
key: event.data.cart
wait: 3s
unless: cart.done
send: [{message: note, by: [sms]}]
limits: {category: service, priority: high, holdout: 10%}
---
trigger: book
about: A book is nearly used up.
on: check.deposited
key: event.data.account
count: {reach: 4, since: book.ordered, distinct: event.data.number}
send: [{message: note, by: [email, sms]}]
limits: {category: service}
---
trigger: thanks
about: After every visit, within a cap.
on: visit.made
send: [{message: note, by: [email]}]
limits: {category: capped, pace: 100000 per 1h}
---
trigger: lost
about: A person calls.
on: parcel.lost
key: event.data.parcel
send: [{message: call, agent: desk, due: 1d}]
limits: {category: service}
---
trigger: plan
about: After a date.
on: plan.updated
key: event.data.plan
wait: 2s after event.data.at
send: [{message: note, by: [sms, email]}]
limits: {category: service, expires: 20s}
---
trigger: offer
about: Not at night.
on: offer.made
key: event.data.offer
send: [{message: note, by: [email, sms]}]
limits: {category: calm, expires: 1d}
---
trigger: after
about: Our own words start something too.
on: outreach.delivered
key: event.data.message_id
when: event.data.trigger == "cart"
wait: 1s
send: [{message: call, agent: desk, due: 1d}]
limits: {category: service}
"""

TEXTS = {
    "note/sms.en.txt": "Note {{ event.id }} of {{ trigger }}\n",
    "note/email.en.subject.txt": "Note {{ event.id }}\n",
    "note/email.en.txt": "Note {{ event.id }} of {{ trigger }}\n",
    "note/email.en.html": "<p>Note {{ event.id }} of {{ trigger }}</p>\n",
    "call/agent.en.txt": "Call about {{ event.id }}\n",
}


@dataclass(frozen=True)
class Night:
    """When the quiet category is quiet, on the clock of those in the quiet zone."""

    begins: datetime
    ends: datetime

    def holds(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends


def night_from(begins: datetime) -> Night:
    minute = begins.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return Night(minute, minute + QUIET_LENGTH)


def configure(folder: Path, night: Night) -> None:
    """config/ and templates/ of the run."""
    begin, end = (f"{one:%H:%M}" for one in (night.begins, night.ends))
    files = {
        "config/outreach.yaml": POLICY.format(begin=begin, end=end),
        "config/customer.yaml": "type: object\nproperties: {}\n",
        "config/triggers/all.yaml": TRIGGERS,
        **{f"config/events/{name}.yaml": _event_type(name) for name in TYPES},
        **{f"templates/{name}": text for name, text in TEXTS.items()},
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _event_type(name: str) -> str:
    fields = TYPES[name]
    kind = {"at": "{type: string, format: date-time}"}
    properties = ", ".join(
        f"{one}: {kind.get(one, '{type: string, minLength: 1, maxLength: 40}')}" for one in fields
    )
    example = ", ".join(
        f"{one}: '{'2026-11-01T09:00:00Z' if one == 'at' else 'x1'}'" for one in fields
    )
    return (
        f"event: {name}\nabout: One of the run's.\n"
        f"data: {{type: object, required: [{', '.join(fields)}], properties: {{{properties}}}}}\n"
        f"examples: [{{{example}}}]\n"
    )


def customers(count: int) -> list[dict[str, Any]]:
    """Half of them where the night falls; one in nine has no phone."""
    people: list[dict[str, Any]] = []
    for number in range(count):
        person = {
            "id": f"c{number}",
            "email": f"c{number}@customer.example",
            "language": "en",
            "timezone": (QUIET_ZONE, OTHER_ZONE)[number % 2],
        }
        people.append(person if number % 9 == 8 else {**person, "phone": phone(number)})
    return people


def phone(number: int) -> str:
    return f"+97250{number:07}"


class Happenings:
    """Events without end; the same seed, the same events. Of one publisher, named by `name`."""

    def __init__(self, seed: int, name: str, *, people: int, quiet: float = 0.3) -> None:
        self._dice = random.Random(f"{seed}/{name}")
        self._name = name
        self._people = people
        self._quiet = quiet
        self._number = 0

    def some(self, now: datetime) -> Iterator[dict[str, Any]]:
        """What happens to one customer next: one event, or several that belong together."""
        dice = self._dice
        self._number += 1
        key = f"{self._name}-{self._number}"
        customer = f"c{dice.randrange(self._people)}"
        if dice.random() < self._quiet:
            yield self._event("page.seen", customer, now, page=key)
            return
        match dice.randrange(8):
            case 0:
                yield self._event("order.placed", customer, now, order=key)
            case 1:
                yield self._event("cart.started", customer, now, cart=key)
                if dice.random() < 0.7:
                    # before its start, at once, or when the message may be out already
                    later = now + timedelta(seconds=dice.choice((-5, 0.5, 2, 3.5)))
                    yield self._event("cart.done", customer, later, cart=key)
            case 2 | 3:
                account = f"{customer}-{dice.randrange(2)}"
                number = str(dice.randrange(9))
                yield self._event("check.deposited", customer, now, account=account, number=number)
                if dice.random() < 0.15:
                    yield self._event("book.ordered", customer, now, account=account)
            case 4:
                yield self._event("visit.made", customer, now)
            case 5:
                at = now + timedelta(seconds=dice.choice((-4, 1, 3, 8)))
                yield self._event("plan.updated", customer, now, plan=key, at=at.isoformat())
                if dice.random() < 0.4:
                    moved = (at + timedelta(seconds=2)).isoformat()
                    after = now + timedelta(seconds=1)
                    yield self._event("plan.updated", customer, after, plan=key, at=moved)
            case 6:
                yield self._event("offer.made", customer, now, offer=key)
            case _:
                yield self._event("parcel.lost", customer, now, parcel=key)

    def _event(self, type_: str, customer: str, time: datetime, **data: str) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": f"{self._name}-{self._number}-{type_}-{self._dice.randrange(10**9)}",
            "source": SOURCE,
            "type": type_,
            "subject": customer,
            "time": time.isoformat(),
            "data": data,
        }


def key_of(event: Mapping[str, Any]) -> tuple[str, str]:
    return event["source"], event["id"]
