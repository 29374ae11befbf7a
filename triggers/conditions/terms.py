"""What is a piece of a condition, once its kinds are known and it can be asked?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from triggers.conditions.answers import UNKNOWN, Ask, negated
from triggers.conditions.environment import Env
from triggers.conditions.fields import reading
from triggers.conditions.mistakes import ConditionMistake
from triggers.conditions.syntax import Node
from triggers.kinds import EVERY, Kind
from triggers.mistakes import LONGEST_QUOTE
from triggers.shapes import ANY, Scope, Shape

NO_VALUE = object()


@dataclass(frozen=True, slots=True)
class Term:
    """`ask` yields its value; `deny` is set for what is a question, and yields the opposite.

    `constant` is a literal's value, `path` says where a value is read, `joined` marks what
    `and`, `or`, `not` or a comparison made.
    """

    text: str
    column: int
    kinds: Kind
    ask: Ask
    deny: Ask | None = None
    parts: tuple[Term, ...] = ()
    path: str | None = None
    shape: Shape = ANY
    constant: Any = NO_VALUE
    joined: bool = False

    @property
    def said(self) -> str:
        """The text inside a message: not too long."""
        return self.text if len(self.text) <= LONGEST_QUOTE else f"{self.text[:LONGEST_QUOTE]}…"

    @property
    def broken(self) -> bool:
        """Its mistake is told already: it fits everywhere, so that no second one follows."""
        return self.kinds == EVERY


class Draft:
    """A condition in the making: its text, what it may read, and what is wrong so far."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.mistakes: list[ConditionMistake] = []
        self.paths: set[str] = set()

    def term(self, node: Node, kinds: Kind, ask: Ask, **more: Any) -> Term:
        text = " ".join(self.text[node.start : node.end].split())
        return Term(text, node.start + 1, kinds, ask, **more)

    def question(
        self, node: Node, ask: Ask, parts: tuple[Term, ...], *, deny: Ask | None = None
    ) -> Term:
        """`deny` where the opposite is more than yes for no: `not (unknown and open)` is open."""
        deny = deny or negated(ask)
        return self.term(node, Kind.BOOLEAN, ask, deny=deny, parts=parts, joined=True)

    def refuse(self, node: Node, message: str, column: int | None = None) -> Term:
        self.mistakes.append(ConditionMistake(column or node.start + 1, message))
        return self.broken(node)

    def broken(self, node: Node) -> Term:
        return self.term(node, EVERY, _never, deny=_never)

    def misfit(self, term: Term, message: str) -> Term:
        """The same for a piece that is fine by itself and wrong where it stands."""
        self.mistakes.append(ConditionMistake(term.column, message))
        return replace(term, kinds=EVERY, ask=_never, deny=_never, constant=NO_VALUE)


def _never(env: Env) -> Any:  # noqa: ARG001 - the shape of every closure
    return UNKNOWN


def fitted(term: Term, kinds: Kind) -> Term:
    """The term, yielding only values of these kinds; any other value is unknown."""
    if term.path is None or term.broken:
        return term
    kinds = term.kinds & kinds
    return replace(term, kinds=kinds, ask=reading(term.path, kinds))


def questioned(draft: Draft, term: Term) -> Term:
    """The term as a question, which is answered with yes or no."""
    if term.deny is not None:
        return term
    if Kind.BOOLEAN not in term.kinds:
        message = f"a condition is a question; {term.said} is {term.kinds}, compare it"
        return draft.misfit(term, message)
    asked = fitted(term, Kind.BOOLEAN)
    return replace(asked, deny=negated(asked.ask))
