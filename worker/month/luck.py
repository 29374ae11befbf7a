"""What happens by chance in the month? The same of the same seed, whoever asks first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random


@dataclass(frozen=True, slots=True)
class Luck:
    """`of` names what is drawn for: each thing has draws of its own, so that none moves another."""

    seed: int

    def of(self, *names: str) -> Random:
        return Random("\x1f".join((str(self.seed), *names)))  # noqa: S311 - invented lives


def within(draw: Random, first: timedelta, last: timedelta) -> timedelta:
    """A length of time between the two, in whole seconds."""
    return timedelta(seconds=draw.randint(int(first.total_seconds()), int(last.total_seconds())))
