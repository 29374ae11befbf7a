"""Does this hold, for this event and this customer, as far as anybody knows by now?"""

from __future__ import annotations

from triggers.conditions.answers import OPEN, Answer, answer_of
from triggers.conditions.certainty import certain_paths
from triggers.conditions.compiling import compiled
from triggers.conditions.environment import Env
from triggers.conditions.equalities import only_texts_at, required_texts
from triggers.conditions.explaining import Explanation, explained, unknown_paths
from triggers.conditions.mistakes import ConditionRefused
from triggers.conditions.parsing import parse
from triggers.conditions.terms import Draft
from triggers.conditions.tokens import tokens_of
from triggers.shapes import Scope

NOTHING_KNOWN = Env()


class Condition:
    """A text, checked against what it may read and compiled once; asking it never raises.

    Two conditions with the same text in the same scope are equal.
    """

    __slots__ = ("_ask", "_term", "_tree", "needs", "paths", "roots", "scope", "segments", "text")

    def __init__(self, text: str, scope: Scope) -> None:
        """ConditionRefused tells every mistake in the text at once."""
        tokens, mistakes = tokens_of(text)
        draft = Draft(text, scope)
        try:
            tree = parse(tokens)
        except ConditionRefused as refused:
            # what was mended may have been meant otherwise: its own mistake says enough
            raise ConditionRefused(mistakes or refused.mistakes) from None
        term = compiled(draft, tree)
        if mistakes or draft.mistakes:
            raise ConditionRefused([*mistakes, *draft.mistakes])
        self.text = text
        self.scope = scope
        self.paths = frozenset(draft.paths)
        self.roots = frozenset(path.partition(".")[0] for path in draft.paths)
        self.segments = frozenset(
            path.partition(".")[2] for path in draft.paths if path.startswith("segment.")
        )
        self.needs = tuple(required_texts(tree, scope))
        # the tree and the term stay: what is asked besides yes or no is read off them
        self._tree = tree
        self._term = term
        self._ask = term.ask

    def ask(self, env: Env) -> Answer:
        return answer_of(self._ask(env))

    def holds(self, env: Env) -> bool:
        """It is true; unknown and open count as false."""
        return self._ask(env) is True

    def may_hold(self, env: Env) -> bool:
        """It is true, or may be once everything is known."""
        value = self._ask(env)
        return value is True or value is OPEN

    def constant(self) -> bool | None:
        """The answer that it gives whatever is read; None where that decides it."""
        answer = self.ask(NOTHING_KNOWN)
        return None if answer is OPEN else answer is Answer.YES

    def only_texts_at(self, path: str) -> frozenset[str] | None:
        """The texts of which one must stand at the path; None where it asks for none of them."""
        return only_texts_at(self._tree, path)

    def certain_paths(self) -> frozenset[str]:
        """The paths at which a value stands whenever it holds."""
        return certain_paths(self._tree)

    def explain(self, env: Env) -> Explanation:
        return explained(self._term, env)

    def unknown_fields(self, env: Env) -> tuple[str, ...]:
        """The paths without a usable value that made the answer unknown."""
        return tuple(dict.fromkeys(unknown_paths(self._term, env)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Condition):
            return NotImplemented
        return self.text == other.text and self.scope == other.scope

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"
