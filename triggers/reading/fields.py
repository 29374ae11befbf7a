"""What was written under a key, and how is anything else refused?

Every reader here answers None where it has told a mistake, so that reading goes on to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from triggers.mistakes import Mistake, Severity, listed, meant, quoted
from triggers.nodes import Broken, Entry, Fields, Items, Node, Scalar, mistake

T = TypeVar("T")
D = TypeVar("D")


_WORDS = {None: "nothing", True: "true", False: "false"}


@dataclass(slots=True)
class Notes:
    """Every mistake found so far."""

    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, node: Node, message: str) -> None:
        """Tell a mistake, unless the node was refused already."""
        if not isinstance(node, Broken):
            self.mistakes.append(mistake(node, message))

    def inside(self, node: Scalar, offset: int, message: str) -> None:
        """Tell a mistake at a character of a text."""
        line, column = node.position(offset)
        self.mistakes.append(Mistake(node.source.file, line, column, message))

    def warn(self, node: Node, message: str) -> None:
        self.mistakes.append(mistake(node, message, Severity.WARNING))

    def unwanted(self, node: Node, wanted: str) -> None:
        self.wrong(node, f"{wanted} is wanted, not {shown(node)}")


def shown(node: Node) -> str:
    """What stands there, in a word."""
    match node:
        case Items():
            return "a list"
        case Fields():
            return "a mapping"
        case Scalar(value=bool() | None as value):
            return _WORDS[value]
        case Scalar(value=str() as value):
            return quoted(value)
        case Scalar(value=value):
            return f"the number {value}"
        case Broken():
            return "this"


@dataclass(frozen=True, slots=True)
class Form:
    """A mapping whose keys are known beforehand."""

    node: Fields
    notes: Notes

    def get(self, name: str) -> Node | None:
        entry = self.node.entries.get(name)
        return entry.value if entry else None

    def has(self, name: str) -> bool:
        return name in self.node.entries

    def key(self, name: str) -> Node:
        """Where the key stands, or the mapping itself where it is missing."""
        entry = self.node.entries.get(name)
        return entry.key if entry else self.node

    def value(self, name: str) -> Node:
        """What stands under the key, or the mapping itself where it is missing."""
        return self.get(name) or self.node

    def read(self, name: str, reader: Callable[[Node, Notes], T | None], default: D) -> T | D:
        """The key's value; the default where it is missing or was refused."""
        node = self.get(name)
        value = reader(node, self.notes) if node is not None else None
        return default if value is None else value

    def maybe(self, name: str, reader: Callable[[Node, Notes], T | None]) -> T | None:
        node = self.get(name)
        return reader(node, self.notes) if node is not None else None


def form(
    node: Node,
    notes: Notes,
    *,
    known: Collection[str],
    required: Collection[str] = (),
    inside: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Form | None:
    """Open a mapping: a mistake for each key that is unknown, and each that is missing.

    `inside`: the keys that belong under one of these, where they are often forgotten.
    """
    if not isinstance(node, Fields):
        notes.unwanted(node, f"a mapping ({', '.join(list(known)[:4])})")
        return None
    for name, entry in node.entries.items():
        if name not in known:
            homes = [home for home, keys in inside.items() if name in keys]
            hint = f"; it stands inside {quoted(homes[0])}" if homes else meant(name, known)
            hint = hint or f"; known here: {', '.join(known)}"
            notes.wrong(entry.key, f"unknown key {quoted(name)}{hint}")
    for name in required:
        if name not in node.entries:
            notes.wrong(node, f"{quoted(name)} is missing")
    return Form(node, notes)


def named(node: Node, notes: Notes, what: str) -> Iterator[tuple[str, Entry]]:
    """The entries of a mapping whose keys are names given by its writer."""
    if not isinstance(node, Fields):
        notes.unwanted(node, f"a mapping of {what}")
        return
    for name, entry in node.entries.items():
        if not is_name(name):
            notes.wrong(entry.key, f"{quoted(name)} is no name: write a-z, 0-9 and _")
        yield name, entry


def is_name(text: str) -> bool:
    return (
        text.isascii()
        and text.islower()
        and text.replace("_", "a").isalnum()
        and text[0].isalpha()
        and len(text) <= 100
    )


def text(node: Node, notes: Notes) -> str | None:
    """A text that is not empty."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
        return node.value
    notes.unwanted(node, "a text")
    return None


def truth(node: Node, notes: Notes) -> bool | None:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    notes.unwanted(node, "true or false")
    return None


def whole(node: Node, notes: Notes) -> int | None:
    """A whole number from 1."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    notes.unwanted(node, "a whole number from 1")
    return None


def items(node: Node, notes: Notes) -> list[Node] | None:
    """A list with something in it."""
    if isinstance(node, Items) and node.nodes:
        return list(node.nodes)
    if isinstance(node, Items):
        notes.wrong(node, "the list is empty")
    elif isinstance(node, Scalar) and isinstance(node.value, str):
        notes.wrong(node, f"a list is wanted: [{node.value[:40]}]")
    else:
        notes.unwanted(node, "a list")
    return None


def one_of(node: Node, notes: Notes, what: str, known: Collection[str] | None) -> str | None:
    """One of the known words; `known` None where they could not be read themselves."""
    word = text(node, notes)
    if word is None or known is None or word in known:
        return word
    hint = meant(word, known)
    if not hint and 0 < len(known) <= 10:
        hint = f": write {listed(known)}"
    notes.wrong(node, f"unknown {what} {quoted(word)}{hint}")
    return None


def several_of(
    node: Node, notes: Notes, what: str, known: Collection[str] | None
) -> tuple[str, ...] | None:
    """A list of different known words; None where a single one was refused."""
    words: list[str] = []
    nodes = items(node, notes)
    for item in nodes or ():
        word = one_of(item, notes, what, known)
        if word in words:
            notes.wrong(item, f"{quoted(word)} stands here twice")
        elif word is not None:
            words.append(word)
    return tuple(words) if nodes and len(words) == len(nodes) else None


def parsed(
    node: Node, notes: Notes, wanted: str, parse: Callable[[str], T], *, refusal: str = ""
) -> T | None:
    """What `parse` makes of a text; its ValueError's words are the mistake, or `refusal`."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        notes.unwanted(node, wanted)
        return None
    try:
        return parse(node.value)
    except ValueError as error:
        notes.wrong(node, refusal or str(error))
        return None
