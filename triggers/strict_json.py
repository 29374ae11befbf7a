"""What value does this JSON text hold, if it is one that nobody can read in two ways?"""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

MAX_DEPTH = 32
MAX_NUMBER = 40
_SMALLEST_INT, _LARGEST_INT = -(2**63), 2**64 - 1


class NotJson(ValueError):
    """The text is not JSON as RFC 8259 has it, or holds what we refuse; `pointer` says where."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f"{pointer or 'the text'}: {detail}")
        self.pointer = pointer
        self.detail = detail


def loads(data: bytes | str) -> Any:
    """The value, or NotJson. Integers beyond 64 bits become floats, as in every other reader."""
    if isinstance(data, bytes):
        value = _at_a_glance(data)
        if value is not _DOUBTFUL:
            return value
    text = _text(data)
    try:
        value = _decode(_FAST, text)
    except _Doubtful:
        return _read_carefully(text)
    # only these two can hide what the scanner lets pass: an escape, or many brackets
    if "\\u" in text or text.count("[") + text.count("{") > MAX_DEPTH:
        _inspect(value, "", 1)
    return value


def pointer_to(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) of a place, from its names and indexes."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


_DOUBTFUL = object()


def _at_a_glance(data: bytes) -> Any:
    """The value of a text as the fastest writer would write it, but for spaces.

    Token by token the same: so no key was lost that is written twice, and no number changed.
    Only an escape can then hide what is refused, or many brackets.
    """
    if b"\\" in data or data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        return _DOUBTFUL
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return _DOUBTFUL
    again = orjson.dumps(value)
    if again == data or again.translate(None, b" ") == data.translate(None, b" "):
        return value
    return _DOUBTFUL


def _text(data: bytes | str) -> str:
    try:
        return data.decode() if isinstance(data, bytes) else data.encode().decode()
    except UnicodeError:
        raise NotJson("", "is not UTF-8") from None


class _Doubtful(Exception):
    """Something is wrong or odd: read again, slowly, to say what and where."""


class _Odd(str):
    """A number or a constant that is refused; its text."""

    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, keys that come twice included."""

    __slots__ = ()


def _decode(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise NotJson("", f"is not JSON: {error.msg} at {where}") from None
    except RecursionError:
        raise NotJson("", f"is nested more than {MAX_DEPTH} deep") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Doubtful
    return found


def _int(text: str) -> int | float:
    # the length first: int() takes quadratic time on what may be a megabyte of digits
    if len(text) > MAX_NUMBER:
        raise _Doubtful
    number = int(text)
    return number if _SMALLEST_INT <= number <= _LARGEST_INT else float(number)


def _float(text: str) -> float:
    if len(text) > MAX_NUMBER:
        raise _Doubtful
    number = float(text)
    if not math.isfinite(number):
        raise _Doubtful
    return number


def _constant(text: str) -> Any:
    raise _Doubtful(text)


_FAST = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_constant
)
_SLOW = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=_Odd, parse_float=_Odd, parse_constant=_Odd
)


def _read_carefully(text: str) -> Any:
    """Only called for a text that is refused: finds the first thing wrong with it."""
    _inspect(_decode(_SLOW, text), "", 1)
    raise NotJson("", "is not JSON")


def _inspect(value: Any, at: str, depth: int) -> None:
    match value:
        case _Odd():
            _inspect_number(value, at)
        case str():
            _inspect_text(value, at)
        case dict() | list() if depth > MAX_DEPTH:
            raise NotJson(at, f"is nested more than {MAX_DEPTH} deep")
        case _Pairs():
            _inspect_pairs(value, at, depth)
        case dict():
            _inspect_pairs(_Pairs(value.items()), at, depth)
        case list():
            for index, one in enumerate(value):
                _inspect(one, f"{at}/{index}", depth + 1)


def _inspect_pairs(pairs: _Pairs, at: str, depth: int) -> None:
    seen = set[str]()
    for name, one in pairs:
        _inspect_text(name, at)
        here = at + pointer_to(name)
        if name in seen:
            raise NotJson(here, "is written twice")
        seen.add(name)
        _inspect(one, here, depth + 1)


def _inspect_text(text: str, at: str) -> None:
    if "\x00" in text:
        raise NotJson(at, "holds a NUL character")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotJson(at, "holds half of a surrogate pair")


def _inspect_number(text: str, at: str) -> None:
    if text in ("NaN", "Infinity", "-Infinity"):
        raise NotJson(at, f"is {text}, which is no JSON number")
    if len(text) > MAX_NUMBER:
        raise NotJson(at, f"is a number of more than {MAX_NUMBER} characters")
    if not math.isfinite(float(text)):
        raise NotJson(at, "is a number too large")
