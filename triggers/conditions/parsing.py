"""How do tokens make a tree, by Python's rules of what binds tighter?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

from triggers.conditions.mistakes import ConditionMistake, ConditionRefused
from triggers.conditions.syntax import (
    Call,
    Comparison,
    Items,
    Joined,
    Literal,
    Node,
    Not,
    PathNode,
    Sign,
    Sum,
)
from triggers.conditions.tokens import Token, TokenKind
from triggers.mistakes import quoted

MOST_NODES = 200
DEEPEST = 30
COMPARING = frozenset(("==", "!=", "<", "<=", ">", ">=", "in", "not in"))
LITERALS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_JOINING = frozenset(("and", "or", "not", "in"))

_Made = TypeVar("_Made", bound=Node)


def parse(tokens: tuple[Token, ...]) -> Node:
    """ConditionRefused with the first place that cannot be read."""
    return _Parser(tokens).whole()


class _Parser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.index = 0
        self.depth = 0
        self.nodes = 0

    def whole(self) -> Node:
        if self._ended():
            self._refuse("a condition cannot be empty; leave the word out instead")
        node = self._either()
        if not self._ended():
            self._refuse_rest()
        return node

    def _ended(self) -> bool:
        return self.token.kind is TokenKind.END

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def _either(self) -> Node:
        return self._joined("or", self._both)

    def _both(self) -> Node:
        return self._joined("and", self._negation)

    def _joined(self, word: str, deeper: Callable[[], Node]) -> Node:
        values = [deeper()]
        while self._took(word):
            values.append(deeper())
        if len(values) == 1:
            return values[0]
        return self._made(Joined, values[0].start, values, word, tuple(values))

    def _negation(self) -> Node:
        start = self.token.start
        if not self._took("not"):
            return self._comparison()
        with self._inside():
            value = self._negation()
        return self._made(Not, start, [value], value)

    def _comparison(self) -> Node:
        values, signs = [self._sum()], []
        while sign := self._comparing():
            signs.append(sign)
            values.append(self._sum())
        if not signs:
            return values[0]
        return self._made(Comparison, values[0].start, values, tuple(values), tuple(signs))

    def _comparing(self) -> str | None:
        if self.token.value == "not" and self.token.kind is TokenKind.WORD:
            following = self.tokens[self.index + 1]
            if following.value != "in" or following.kind is not TokenKind.WORD:
                return None
            self.index += 2
            return "not in"
        if self.token.kind is TokenKind.TEXT or self.token.value not in COMPARING:
            return None
        self.index += 1
        return str(self.tokens[self.index - 1].value)

    def _sum(self) -> Node:
        return self._reckoned("+-", self._product)

    def _product(self) -> Node:
        return self._reckoned("*/%", self._signed)

    def _reckoned(self, signs: str, deeper: Callable[[], Node]) -> Node:
        left = deeper()
        while self.token.kind is TokenKind.SIGN and str(self.token.value) in signs:
            sign, at = str(self.token.value), self.token.start
            self.index += 1
            right = deeper()
            left = self._made(Sum, left.start, [left, right], sign, left, right, at)
        return left

    def _signed(self) -> Node:
        token = self.token
        if token.kind is not TokenKind.SIGN or token.value not in {"+", "-"}:
            return self._atom()
        self.index += 1
        with self._inside():
            value = self._signed()
        return self._made(Sign, token.start, [value], str(token.value), value)

    def _atom(self) -> Node:
        token = self.token
        match token.kind:
            case TokenKind.TEXT | TokenKind.NUMBER:
                self.index += 1
                node: Node = self._made(Literal, token.start, [], token.value)
            case TokenKind.WORD if token.value not in _JOINING:
                self.index += 1
                node = self._named(token)
            case TokenKind.SIGN if token.value == "(":
                node = self._grouped()
            case TokenKind.SIGN if token.value == "[":
                node = self._items()
            case _:
                self._refuse(f"a value is missing here{self._found()}")
        # after any value, so that who writes `data["x"]` hears more than "something is missing"
        if self._is("["):
            self._refuse("a condition has no subscripts; ask contains(list, value) or size(list)")
        return node

    def _named(self, token: Token) -> Node:
        word = str(token.value)
        if self._is("("):
            return self._call(token, word)
        if word in LITERALS:
            return self._made(Literal, token.start, [], LITERALS[word])
        return self._made(PathNode, token.start, [], word)

    def _grouped(self) -> Node:
        start = self.token.start
        self.index += 1
        with self._inside():
            node = self._either()
        if self._is(","):
            self._refuse("a list is written in [ ]")
        self._close(")")
        if self._is("("):
            self._refuse("only a function has arguments")
        return replace(node, start=start, end=self.tokens[self.index - 1].end)

    def _items(self) -> Node:
        start = self.token.start
        self.index += 1
        values = self._values("]")
        return self._made(Items, start, values, values)

    def _call(self, token: Token, word: str) -> Node:
        self.index += 1
        values = self._values(")")
        return self._made(Call, token.start, values, word, values)

    def _values(self, closing: str) -> tuple[Node, ...]:
        values: list[Node] = []
        with self._inside():
            while not self._is(closing):
                values.append(self._either())
                if not self._took(","):
                    break
        self._close(closing)
        return tuple(values)

    def _made(self, kind: Callable[..., _Made], start: int, below: Any, *own: Any) -> _Made:
        self.nodes += 1
        depth = 1 + max((node.depth for node in below), default=0)
        if self.nodes > MOST_NODES:
            self._refuse(f"a condition has at most {MOST_NODES} parts", start)
        if depth > DEEPEST:
            self._refuse_depth(start)
        return kind(start, self.tokens[self.index - 1].end, depth, *own)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """Counts on the way down too, before the tree below could be deep."""
        self.depth += 1
        if self.depth > DEEPEST:
            self._refuse_depth(self.token.start)
        yield
        self.depth -= 1

    def _is(self, sign: str) -> bool:
        return self.token.kind is TokenKind.SIGN and self.token.value == sign

    def _took(self, word: str) -> bool:
        found = self.token.kind is not TokenKind.TEXT and self.token.value == word
        if found:
            self.index += 1
        return found

    def _close(self, sign: str) -> None:
        if not self._took(sign):
            self._refuse(f"{quoted(sign)} is missing here{self._found()}")

    def _found(self) -> str:
        token = self.token
        return "" if token.kind is TokenKind.END else f", before {quoted(token.value)}"

    def _refuse_rest(self) -> NoReturn:
        token = self.token
        if token.kind is TokenKind.SIGN and str(token.value) in ")]":
            self._refuse(f"nothing was opened that {quoted(token.value)} could close")
        if self._is(","):
            self._refuse("a condition is one question; write 'and' or 'or', not a comma")
        self._refuse(f"'and', 'or' or a comparison is missing before {quoted(token.value)}")

    def _refuse_depth(self, start: int) -> NoReturn:
        self._refuse(f"a condition is at most {DEEPEST} levels deep", start)

    def _refuse(self, message: str, start: int | None = None) -> NoReturn:
        column = self.token.start if start is None else start
        raise ConditionRefused([ConditionMistake(column + 1, message)])
