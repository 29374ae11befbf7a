"""Which words, texts, numbers and signs does a condition consist of?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum, auto
from math import isfinite
from typing import NamedTuple

from triggers.conditions.fields import LARGEST
from triggers.conditions.mistakes import ConditionMistake, ConditionRefused
from triggers.conditions.refused_words import REFUSED_SIGNS, REFUSED_WORDS, RIGHT_SIGNS, RIGHT_WORDS
from triggers.durations import FORM
from triggers.mistakes import quoted

LONGEST_TEXT = 2_000


class TokenKind(Enum):
    TEXT = auto()
    NUMBER = auto()
    WORD = auto()
    """`and`, `has`, or a whole path with its dots."""
    SIGN = auto()
    END = auto()


class Token(NamedTuple):
    kind: TokenKind
    value: str | float
    start: int
    end: int


_FORMS = re.compile(
    r"""
      (?P<SPACE>[ \t\r\n]+)
    | (?P<PREFIX>[bBfFrRuU]{1,2}(?=["']))
    | (?P<TEXT>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    | (?P<WORD>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<NUMBER>(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.]))
    | (?P<BAD_NUMBER>\.?\d[\w.]*)
    | (?P<SIGN>===|!==|\*\*|//|<<|>>|<>|==|!=|<=|>=|=>|&&|\|\||:=|->|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SIGNS = frozenset("== != < <= > >= + - * / % ( ) [ ] ,".split())
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Tokens(NamedTuple):
    """`mistakes` hinder nobody from reading on: each token says what was meant."""

    tokens: tuple[Token, ...]
    mistakes: tuple[ConditionMistake, ...]


def tokens_of(text: str) -> Tokens:
    """ConditionRefused where it cannot even be guessed what was meant."""
    if len(text) > LONGEST_TEXT:
        message = f"a condition has at most {LONGEST_TEXT} characters, this one has {len(text)}"
        raise ConditionRefused([ConditionMistake(1, message)])
    hidden = list(_hidden(text))
    if hidden:
        raise ConditionRefused(hidden)
    lexer = _Lexer(text)
    lexer.read()
    if lexer.fatal:
        raise ConditionRefused([*lexer.fatal, *lexer.mended])
    return Tokens(tuple(lexer.tokens), tuple(lexer.mended))


def _hidden(text: str) -> Iterator[ConditionMistake]:
    """Characters that make a text read otherwise than it looks."""
    if text.isascii() and text.isprintable():
        return
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if (category[0] == "C" and character not in "\t\r\n") or category in {"Zl", "Zp"}:
            message = f"the invisible character U+{ord(character):04X} is not allowed"
            yield ConditionMistake(index + 1, message)


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.mended: list[ConditionMistake] = []
        self.fatal: list[ConditionMistake] = []

    def read(self) -> None:
        for found in _FORMS.finditer(self.text):
            self._take(found)
        end = len(self.text)
        self.tokens.append(Token(TokenKind.END, "", end, end))

    def _take(self, found: re.Match[str]) -> None:
        match found.lastgroup:
            case "PREFIX":
                self._prefix(found)
            case "TEXT":
                self._text(found)
            case "WORD":
                self._word(found)
            case "NUMBER":
                self._number(found)
            case "BAD_NUMBER":
                self._bad_number(found)
            case "SIGN":
                self._sign(found)
            case _:
                return  # blanks only part what stands beside them

    def _prefix(self, found: re.Match[str]) -> None:
        self._mend(found, f"a text has no prefix; leave {quoted(found[0])} out")

    def _text(self, found: re.Match[str]) -> None:
        odd = [one for one in _ESCAPE.finditer(found[0]) if one[1] not in "\\\"'"]
        if odd:
            at = found.start() + odd[0].start()
            message = f"{quoted(odd[0][0])} is no escape; write the character itself"
            self.fatal.append(ConditionMistake(at + 1, message))
        if self.tokens and self.tokens[-1].kind is TokenKind.TEXT:
            self._fatal(found, "two texts side by side; write one")
        self._add(TokenKind.TEXT, _ESCAPE.sub(r"\1", found[0][1:-1]), found)

    def _word(self, found: re.Match[str]) -> None:
        word = found[0]
        if unicodedata.normalize("NFKC", word) != word:
            self._fatal(found, f"{quoted(word)} has look-alike letters; write it plainly")
        elif word in RIGHT_WORDS:
            self._mend(found, f"write {quoted(RIGHT_WORDS[word])} instead of {quoted(word)}")
        elif word in REFUSED_WORDS:
            self._fatal(found, REFUSED_WORDS[word])
        self._add(TokenKind.WORD, RIGHT_WORDS.get(word, word), found)

    def _number(self, found: re.Match[str]) -> None:
        plain = found[0].isdigit()
        number = int(found[0]) if plain else float(found[0])
        if number > LARGEST if plain else not isfinite(number):
            self._fatal(found, f"{quoted(found[0])} is too large a number")
        self._add(TokenKind.NUMBER, number, found)

    def _bad_number(self, found: re.Match[str]) -> None:
        length = FORM.fullmatch(found[0])
        how = f'duration("{found[0]}")' if length else "it like 7, 1000 or 0.5"
        self._fatal(found, f"{quoted(found[0])} is not a number; write {how}")

    def _sign(self, found: re.Match[str]) -> None:
        sign = found[0]
        if sign in RIGHT_SIGNS:
            self._mend(found, f"write {quoted(RIGHT_SIGNS[sign])} instead of {quoted(sign)}")
        elif sign.isspace():
            hint = f"the invisible character U+{ord(sign):04X} is not allowed; write a blank"
            self._fatal(found, hint)
        elif sign in "\"'":
            self._fatal(found, f"the text that begins here is not closed with {sign}")
        elif sign not in _SIGNS:
            otherwise = f"a condition does not use {quoted(sign)}"
            self._fatal(found, REFUSED_SIGNS.get(sign, otherwise))
        meant = RIGHT_SIGNS.get(sign, sign)
        self._add(TokenKind.WORD if meant.isalpha() else TokenKind.SIGN, meant, found)

    def _add(self, kind: TokenKind, value: str | float, found: re.Match[str]) -> None:
        self.tokens.append(Token(kind, value, found.start(), found.end()))

    def _mend(self, found: re.Match[str], message: str) -> None:
        self.mended.append(ConditionMistake(found.start() + 1, message))

    def _fatal(self, found: re.Match[str], message: str) -> None:
        self.fatal.append(ConditionMistake(found.start() + 1, message))
