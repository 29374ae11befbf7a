"""What does a literal mean beside the value that it stands with?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from triggers.conditions.answers import Ask
from triggers.conditions.environment import Env
from triggers.conditions.fields import moment_of
from triggers.conditions.terms import NO_VALUE, Draft, Term
from triggers.kinds import SCALAR, Kind, kind_of
from triggers.mistakes import listed, meant, quoted
from triggers.moments import as_written

MOST_NAMED = 8


def constantly(value: Any) -> Ask:
    """The same value whatever is asked."""
    return lambda _: value


def moment_literal(draft: Draft, term: Term) -> Term:
    """A text that stands where a date or time belongs, read as one."""
    written = as_written(term.constant)
    if written is None:
        message = f'{term.said} is no date; write one like "2026-12-31" or "2026-12-31T09:00+02:00"'
        return draft.misfit(term, message)
    kind = Kind.TIME if isinstance(written, datetime) else Kind.DATE
    return replace(term, kinds=kind, ask=_in_the_zone(written), constant=NO_VALUE)


def _in_the_zone(written: date | datetime) -> Ask:
    def ask(env: Env) -> Any:
        return moment_of(written, env.zone)

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
