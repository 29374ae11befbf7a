"""How is reckoned with moments: how far apart, how much later, in how many days?"""

from __future__ import annotations

import operator
from typing import Any

from triggers.conditions.answers import OPEN, Answer, Ask, of_two
from triggers.conditions.environment import Env
from triggers.conditions.fields import guarded, moment
from triggers.durations import Duration


def shifted(start: Ask, duration: Duration) -> Ask:
    """So much later; days are calendar days on the customer's clock."""

    def ask(env: Env) -> Any:
        value = start(env)
        if type(value) is Answer:
            return value
        # elapsed time is the same on every clock: the zone need not be known yet
        if not duration.days:
            return value + duration.rest
        return OPEN if env.zone is None else duration.after(value, env.zone)

    return guarded(ask)


def apart(left: Ask, right: Ask) -> Ask:
    """The time from the right moment to the left one, as it elapses."""

    return guarded(of_two(operator.sub, left, right))


def days_until(start: Ask) -> Ask:
    """Calendar days from today to the moment's day, on the customer's clock."""

    def ask(env: Env) -> Any:
        value = start(env)
        if type(value) is Answer:
            return value
        if env.now is None or env.zone is None:
            return OPEN
        today = env.now.astimezone(env.zone).date()
        return (value.astimezone(env.zone).date() - today).days

    return guarded(ask)


def read_date(text: Ask) -> Ask:
    """The moment that a text names."""

    def ask(env: Env) -> Any:
        value = text(env)
        if type(value) is Answer:
            return value
        return moment(value, env.zone)

    return ask
