"""Does a value stand at a path at all?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from triggers.conditions.answers import OPEN, Ask
from triggers.conditions.environment import Env
from triggers.conditions.fields import raw
from triggers.conditions.syntax import Node
from triggers.conditions.terms import Draft, Term

_ALWAYS = ("segment", "now")


def presence(draft: Draft, node: Node, value: Term) -> Term:
    """`has(path)`: never unknown, whatever kind of value it is."""
    if value.broken:
        return draft.broken(node)
    if value.path is None:
        return draft.refuse(node, f"{value.said} is no path; has takes one, like event.data.total")
    if value.path.split(".")[0] in _ALWAYS:
        return draft.refuse(node, f"{value.said} is always there; has asks for a field")
    # not `reading`: what is of the wrong kind is there all the same
    standing = raw(value.path)
    ask = _there(standing)
    part = replace(value, ask=standing)
    return draft.question(node, ask, (part,))


def _there(read: Ask) -> Ask:
    def ask(env: Env) -> Any:
        value = read(env)
        return OPEN if value is OPEN else value is not None

    return ask
