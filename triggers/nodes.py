"""What stands in a YAML file, and at which line and column?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from triggers.mistakes import Mistake, Severity

Value = str | int | float | bool | None
_ESCAPE = re.compile(r"\\(?:x(..)|u(.{4})|U(.{8})|(\r?\n)|(.))", re.DOTALL)
_BLANKS = frozenset(" \t\r\n")
_BLANK_ESCAPES = frozenset("ntrNLP_ \t")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was handed in; every node of it points back here."""

    file: str
    text: str

    def position(self, index: int) -> tuple[int, int]:
        """Line and column, from 1, of a character."""
        line_start = self.text.rfind("\n", 0, index) + 1
        return self.text.count("\n", 0, index) + 1, index - line_start + 1


# not frozen, for a configuration holds a hundred thousand and freezing doubles their price
@dataclass(slots=True)
class Scalar:
    """A text, number, true, false or null. `start` and `end` bound it in the file's text."""

    source: Source
    line: int
    column: int
    value: Value
    start: int
    end: int
    style: str

    def position(self, offset: int) -> tuple[int, int]:
        """Where in the file the value's character at `offset` stands.

        Folding and indentation change only white space, so the characters between are counted.
        """
        text = str(self.value)
        seen = sum(1 for c in text[:offset] if c not in _BLANKS)
        last = self.start
        for number, index in enumerate(self._letters()):
            if number == seen:
                return self.source.position(index)
            last = index + 1
        return self.source.position(last)

    def _letters(self) -> Iterator[int]:
        """Indexes in the file of the value's characters that are not white space."""
        text, index, end = self.source.text, self.start, self.end
        if self.style in ("|", ">"):
            index = text.find("\n", index, end) + 1 or end
        elif self.style in ("'", '"'):
            index, end = index + 1, end - 1
        while index < end:
            length, blank = self._letter(text, index)
            if not blank:
                yield index
            index += length

    def _letter(self, text: str, index: int) -> tuple[int, bool]:
        """How many characters of the file the next one of the value takes, and is it blank?"""
        if self.style == '"' and (escape := _ESCAPE.match(text, index)):
            blank = escape[4] is not None or escape[5] in _BLANK_ESCAPES
            return len(escape[0]), blank
        if self.style == "'" and text.startswith("''", index):
            return 2, False
        return 1, text[index] in _BLANKS


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    source: Source
    line: int
    column: int
    nodes: Sequence[Node]


class Entry(NamedTuple):
    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping; the keys are the texts as they were written."""

    source: Source
    line: int
    column: int
    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that was refused already: whoever reads on says nothing about it."""

    source: Source
    line: int
    column: int


Node = Scalar | Items | Fields | Broken


def mistake(node: Node, message: str, severity: Severity = Severity.ERROR) -> Mistake:
    """A mistake that points at a node."""
    return Mistake(node.source.file, node.line, node.column, message, severity)


def plain(node: Node) -> Any:
    """The same as text, numbers, lists and dicts."""
    # nearly every node is one, and a class pattern is asked for slowly
    if type(node) is Scalar:
        return node.value
    match node:
        case Items():
            return [plain(item) for item in node.nodes]
        case Fields():
            return {name: plain(entry.value) for name, entry in node.entries.items()}
        case _:
            return None


def broken(node: Node) -> bool:
    """Was anything inside refused already?"""
    if type(node) is Scalar:
        return False
    match node:
        case Items():
            return any(broken(item) for item in node.nodes)
        case Fields():
            return any(broken(entry.value) for entry in node.entries.values())
        case _:
            return isinstance(node, Broken)


def at(node: Node, parts: Sequence[str | int]) -> Node:
    """The node at a JSON pointer's parts, or the nearest one above it."""
    for part in parts:
        match node:
            case Items() if isinstance(part, int) and part < len(node.nodes):
                node = node.nodes[part]
            case Fields() if str(part) in node.entries:
                node = node.entries[str(part)].value
            case _:
                return node
    return node
