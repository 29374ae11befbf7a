"""What does a literal mean beside the value that it stands with?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from triggers.clock import instant
from triggers.conditions.answers import Ask
from triggers.conditions.environment import Env
from triggers.conditions.fields import moment, written_date
from triggers.conditions.terms import NO_VALUE, Draft, Term
from triggers.kinds import SCALAR, Kind, kind_of
from triggers.mistakes import listed, meant, quoted

MOST_NAMED = 8


def constantly(value: Any) -> Ask:
    """The same value whatever is asked."""
    return lambda _: value


def moment_literal(draft: Draft, term: Term) -> Term:
    """A text that stands where a date or time belongs, read as one."""
    try:
        written = written_date(term.constant) or instant(term.constant)
    except ValueError:
        message = f'{term.said} is no date; write one like "2026-12-31" or "2026-12-31T09:00+02:00"'
        return draft.misfit(term, message)
    if isinstance(written, datetime):
        return replace(term, kinds=Kind.TIME, ask=constantly(written), constant=NO_VALUE)
    return replace(term, kinds=Kind.DATE, ask=_midnight(written), constant=NO_VALUE)


def _midnight(day: date) -> Ask:
    def ask(env: Env) -> Any:
        return moment(day, env.zone, dates=True, times=False)

    return ask


def not_chosen(draft: Draft, value: Term, constant: Any, beside: Term) -> bool:
    """Whether the literal can never be the value, for it is not in its enum; that is told."""
    choices = value.shape.choices
    kind = kind_of(constant)
    if choices is None or kind is None or kind not in SCALAR:
        return False
    same = [choice for choice in choices if kind_of(choice) is kind]
    if constant in same:
        return False
    if any(choice is not None for choice in choices):
        draft.misfit(beside, f"{value.said} is never {_shown(constant)}{_instead(constant, same)}")
        return True
    return False


def _instead(constant: Any, choices: list[Any]) -> str:
    suggestion = meant(constant, map(str, choices)) if isinstance(constant, str) else ""
    if suggestion or not choices:
        return suggestion
    named = [_shown(choice) for choice in choices[:MOST_NAMED]]
    return f"; it is {listed(named)}" + (" and others" if len(choices) > MOST_NAMED else "")


def _shown(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else str(value).lower()
