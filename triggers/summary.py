"""What do all the outcomes of a forecast come to, trigger by trigger?"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from triggers.costs import Volume, cost_of
from triggers.definitions import Policy
from triggers.fuses import busiest_hour
from triggers.lines import Line
from triggers.verdicts import Outcome

REACHED = (Outcome.SENT, Outcome.HANDED_OVER)

Row = tuple[str, str, str]
"""Of a table: what, how many, and of which kinds."""


@dataclass(slots=True)
class Account:
    """One trigger's outcomes. `hows` are channels, queues or reasons, by outcome."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    hows: dict[Outcome, Counter[str]] = field(default_factory=dict)
    segments: int = 0
    quiet: int = 0
    sent_at: array[float] = field(default_factory=lambda: array("d"))

    def add(self, line: Line) -> None:
        self.outcomes[line.outcome] += 1
        self.hows.setdefault(line.outcome, Counter())[_how(line)] += 1
        self.segments += line.segments or 0
        self.quiet += line.quiet
        if line.outcome is Outcome.SENT:
            self.sent_at.append(line.at.timestamp())

    @property
    def busiest(self) -> tuple[int, datetime | None]:
        """The most messages within sixty minutes, and since when."""
        return busiest_hour(datetime.fromtimestamp(one, UTC) for one in self.sent_at)

    @property
    def volume(self) -> Volume:
        return Volume(self.segments, self.hows.get(Outcome.SENT, Counter())["email"])

    def told(self, policy: Policy) -> Iterator[Row]:
        """The commonest kinds first."""
        for outcome in Outcome:
            if self.outcomes[outcome]:
                kinds = ", ".join(
                    f"{how} {n}" for how, n in self.hows[outcome].most_common() if how
                )
                yield outcome.value.replace("_", " "), f"{self.outcomes[outcome]:,}", kinds
        yield from told_of(self.volume, policy)
        if self.quiet:
            yield "moved by quiet hours", f"{self.quiet:,}", ""
        most, since = self.busiest
        if since is not None:
            yield "most in an hour", f"{most:,}", f"from {since:%Y-%m-%d %H:%M} UTC"


def told_of(volume: Volume, policy: Policy) -> Iterator[Row]:
    """What is paid for, and how much that is."""
    if volume.segments:
        yield "SMS segments", f"{volume.segments:,}", ""
    cost = cost_of(volume, policy)
    if cost is not None:
        yield "estimated cost", *cost.told()


def _how(line: Line) -> str:
    match line.outcome:
        case Outcome.SENT:
            return line.channel or ""
        case Outcome.HANDED_OVER:
            return line.to or ""
        case _:
            return line.reason or ""


class Summary:
    """Adds up lines as they come."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self._reached_by: dict[str, str] = {}
        self._overlap: dict[str, set[str]] = {}

    def add(self, line: Line) -> None:
        trigger, customer = line.key.trigger, line.key.customer
        self.accounts.setdefault(trigger, Account()).add(line)
        if line.outcome in REACHED:
            first = self._reached_by.setdefault(customer, trigger)
            if first != trigger:
                self._overlap.setdefault(customer, {first}).add(trigger)

    @property
    def volume(self) -> Volume:
        """Of all triggers."""
        return sum((one.volume for one in self.accounts.values()), Volume())

    @property
    def reached(self) -> int:
        """Customers to whom something was sent, or whom a person calls."""
        return len(self._reached_by)

    @property
    def overlap(self) -> Counter[tuple[str, ...]]:
        """Customers reached by several triggers, by which."""
        return Counter(tuple(sorted(names)) for names in self._overlap.values())
