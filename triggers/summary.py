"""What do all the outcomes of a forecast come to, trigger by trigger?"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from triggers.fuses import busiest_hour
from triggers.lines import Line
from triggers.verdicts import Outcome

REACHED = (Outcome.SENT, Outcome.HANDED_OVER)


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

    def told(self) -> Iterator[tuple[str, int, str]]:
        """Rows of a table: what, how many, and of which kinds, the commonest first."""
        for outcome in Outcome:
            if self.outcomes[outcome]:
                kinds = ", ".join(
                    f"{how} {n}" for how, n in self.hows[outcome].most_common() if how
                )
                yield outcome.value.replace("_", " "), self.outcomes[outcome], kinds
        if self.segments:
            yield "SMS segments", self.segments, ""
        if self.quiet:
            yield "moved by quiet hours", self.quiet, ""
        most, since = self.busiest
        if since is not None:
            yield "most in an hour", most, f"from {since:%Y-%m-%d %H:%M} UTC"


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
    def reached(self) -> int:
        """Customers to whom something was sent, or whom a person calls."""
        return len(self._reached_by)

    @property
    def overlap(self) -> Counter[tuple[str, ...]]:
        """Customers reached by several triggers, by which."""
        return Counter(tuple(sorted(names)) for names in self._overlap.values())
