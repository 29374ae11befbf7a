"""May this occurrence be claimed now? The first objection wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triggers.calendars.allowed import Whereabouts
from triggers.customers import Customer
from triggers.definitions import MessageRoute, Policy, Trigger
from triggers.facts import Occurrence
from triggers.standing import Standing
from triggers.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """All that the gates may look at. `occurrence` None: the timeline holds it no longer.

    `route` is set for a retry: it keeps the route, and the channels that are left, of its message.
    """

    trigger: Trigger
    occurrence: Occurrence | None
    customer: Customer
    standing: Standing
    policy: Policy
    where: Whereabouts
    now: datetime
    key: str
    route: MessageRoute | None = None


def ask(case: Case) -> Verdict:
    raise NotImplementedError
