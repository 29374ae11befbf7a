"""What is asked of the gates: one occurrence, its customer, and all they may look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from triggers.calendars.allowed import Whereabouts
from triggers.conditions import Condition, Env, segment_answers
from triggers.customers import Customer
from triggers.definitions import Category, MessageRoute, Policy, Trigger
from triggers.facts import Occurrence
from triggers.profiles import customer_env
from triggers.standing import Standing
from triggers.verdicts import Later, Reason


@dataclass(frozen=True)
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

    @cached_property
    def category(self) -> Category:
        return self.policy.categories[self.trigger.limits.category]

    @cached_property
    def env(self) -> Env:
        """Everything is known now: nothing in a condition is open any more."""
        profile = customer_env(self.customer)
        # without the event: a segment says the same of a customer whatever happened to him
        about_customer = Env(customer=profile, now=self.now, zone=self.where.zones[0])
        counted = self.waiting.counted
        return Env(
            event=self.waiting.event,
            customer=profile,
            segment=segment_answers(self.policy.segments, about_customer),
            # nothing counted is an empty count: None would leave the condition open
            count=counted.as_mapping() if counted else {},
            now=self.now,
            zone=self.where.zones[0],
        )

    def holds(self, condition: Condition | None) -> bool:
        return condition is None or condition.holds(self.env)

    @property
    def waiting(self) -> Occurrence:
        """The occurrence, for gates that come after the one that asks whether there is any."""
        if self.occurrence is None:
            raise LookupError("the timeline holds this occurrence no longer")
        return self.occurrence

    def later(self, moment: datetime, reason: Reason, detail: str = "") -> Later:
        """Never asked again later than the moment it expires: then it ends with a record."""
        return Later(min(moment, self.waiting.expires), reason, detail)
