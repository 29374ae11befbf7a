"""Which nodes does a YAML 1.2 text hold, each with its place, and what in it is refused?

PyYAML alone reads YAML 1.1 (`on` is true, `10:00` is 600), keeps the last of two equal keys in
silence and forgets places. So only its parser's events are used; scalars are resolved here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from triggers.mistakes import Mistake, quoted
from triggers.nodes import Broken, Entry, Fields, Items, Node, Scalar, Source, Value, mistake

PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
HINTS = {
    "mapping values are not allowed in this context": "a text with ': ' in it stands in quotes"
}
MAX_LENGTH = 1_000_000
MAX_DEPTH = 40
HALF = "half a character (a lone surrogate)"
MAX_DIGITS = 40
MAX_NUMBER = 2**63 - 1
_WORDS: dict[str, Value] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_NUMERIC = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def documents(file: str, text: str, parser: Any = PARSER) -> tuple[list[Node], list[Mistake]]:
    """The documents of a text, those before a syntax error too, and everything refused in it."""
    composer = _Composer(Source(file, text))
    if len(text) > MAX_LENGTH:
        return [], [Mistake(file, 1, 1, f"longer than {MAX_LENGTH} characters")]
    nodes: list[Node] = []
    try:
        for node in composer.documents(iter(parser(text).get_event, None)):
            nodes.append(node)  # noqa: PERF402 - what came before an error is kept
    except yaml.YAMLError as error:
        composer.mistakes.append(_syntax(composer.source, error))
    except UnicodeError:
        composer.mistakes.append(Mistake(file, 1, 1, HALF))
    return nodes, composer.mistakes


def _syntax(source: Source, error: yaml.YAMLError) -> Mistake:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    hint = f"; {HINTS[problem]}" if problem in HINTS else ""
    return Mistake(source.file, line, column, f"not YAML: {problem}{hint}")


@dataclass(slots=True)
class _Composer:
    source: Source
    mistakes: list[Mistake] = field(default_factory=list)
    depth: int = 0

    def documents(self, events: Iterator[Any]) -> Iterator[Node]:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                yield self.node(next(events), events)

    def node(self, event: Any, events: Iterator[Any]) -> Node:
        # nearly every node is a plain scalar
        if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            return self.scalar(event)
        line, column = _place(event)
        if isinstance(event, yaml.AliasEvent):
            return self.refuse(line, column, "an alias (*) is not allowed: write it out")
        self.plainness(event)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if self.depth >= MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"nested deeper than {MAX_DEPTH}", problem_mark=event.start_mark
            )
        self.depth += 1
        whole: Node = (
            self.items(events, line, column)
            if isinstance(event, yaml.SequenceStartEvent)
            else self.fields(events, line, column)
        )
        self.depth -= 1
        return whole

    def refuse(self, line: int, column: int, message: str) -> Broken:
        self.mistakes.append(Mistake(self.source.file, line, column, message))
        return Broken(self.source, line, column)

    def plainness(self, event: Any) -> None:
        if event.anchor is not None:
            self.refuse(*_place(event), "an anchor (&) is not allowed: write it out")
        if event.tag is not None:
            self.refuse(*_place(event), "a tag (!) is not allowed")

    def scalar(self, event: Any) -> Scalar | Broken:
        text, style = event.value, event.style
        try:
            value = text if style else resolved(text)
            # only between double quotes are there escapes, which can write half a character
            if style == '"':
                text.encode()
        except UnicodeError:
            return self.refuse(*_place(event), HALF)
        except ValueError as error:
            return self.refuse(*_place(event), str(error))
        if "\x00" in text:
            return self.refuse(*_place(event), "a NUL character, which no database keeps")
        return self.placed(event, value)

    def items(self, events: Iterator[Any], line: int, column: int) -> Items:
        nodes = []
        for event in events:
            if type(event) is yaml.SequenceEndEvent:
                break
            nodes.append(self.node(event, events))
        return Items(self.source, line, column, tuple(nodes))

    def fields(self, events: Iterator[Any], line: int, column: int) -> Fields:
        entries: dict[str, Entry] = {}
        for event in events:
            if type(event) is yaml.MappingEndEvent:
                break
            key = self.key(event, events)
            value = self.node(next(events), events)
            if key is None:
                continue
            name = event.value
            if name in entries:
                first = entries[name].key.line
                text = f"{quoted(name)} is written twice, first in line {first}"
                self.mistakes.append(mistake(key, text))
            else:
                entries[name] = Entry(key, value)
        return Fields(self.source, line, column, entries)

    def key(self, event: Any, events: Iterator[Any]) -> Scalar | None:
        """The key as it was written: `on`, `no` and `1` are texts here."""
        if type(event) is not yaml.ScalarEvent:
            if not isinstance(self.node(event, events), Broken):
                self.refuse(*_place(event), "a key must be a word")
            return None
        if event.value == "<<" and not event.style:
            self.refuse(*_place(event), "a merge (<<) is not allowed: write it out")
            return None
        self.plainness(event)
        return self.placed(event, event.value)

    def placed(self, event: Any, value: Value) -> Scalar:
        begins, style = event.start_mark, event.style or ""
        line, column = begins.line + 1, begins.column + 1
        return Scalar(self.source, line, column, value, begins.index, event.end_mark.index, style)


def _place(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def resolved(text: str) -> Value:
    """An unquoted scalar's value in YAML 1.2's core schema; ValueError for what no JSON holds."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INTEGER.fullmatch(text):
        # before int(), whose time grows with the square of the digits
        if len(text) > MAX_DIGITS:
            raise ValueError("a number this large must be a text: put it in quotes")
        number = int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))
        if abs(number) > MAX_NUMBER:
            raise ValueError("a number this large must be a text: put it in quotes")
        return number
    if _FLOAT.fullmatch(text):
        if not math.isfinite(float(text)):
            raise ValueError("a number must be finite")
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("a number must be finite")
    return text
