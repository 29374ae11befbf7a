"""May a group of events be ours, all or none? Else every mistake of every one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from triggers.admission import admit
from triggers.configuration import Configuration
from triggers.envelope import Envelope, digest
from triggers.refusals import Kind, Problem, Refusal
from worker.steps.accept import Incoming

Placed = Callable[[int, Refusal], Iterable[Problem]]
"""Where, in what was sent, the mistakes of the envelope of this index lie."""


def admit_group(
    envelopes: Sequence[Envelope],
    configuration: Configuration,
    *,
    door: str,
    writes_customer: bool,
    now: datetime,
    placed: Placed,
) -> list[Incoming]:
    """The events, ready to be stored; Refusal."""
    group: list[Incoming] = []
    problems: list[Problem] = []
    for index, envelope in enumerate(envelopes):
        try:
            event = admit(envelope, configuration.catalog, configuration.policy, now=now, door=door)
        except Refusal as refusal:
            problems += placed(index, refusal)
        else:
            group.append(Incoming(event, digest(envelope), writes_customer, door))
    if problems:
        raise Refusal(Kind.AGAINST_CATALOG, tuple(problems))
    return group
