"""What do we know of a value before we see it, and which paths may a text read?"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import reduce
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from triggers.kinds import MOMENT, UNTYPED, Kind, kind_of
from triggers.merging import Merging
from triggers.mistakes import listed, quoted

MOST_PATHS = 2_000
DEEPEST = 12
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Shape:
    """All that a schema says of one value; `Shape()` knows nothing, so it may be anything.

    `extra` is what an undeclared property is, where the schema says that there may be some:
    a schema that merely does not forbid them is read as having none, so that a slip is found.
    `closed` says that undeclared ones are forbidden, `choices` are the values of an enum,
    `longest` is a text's maxLength.
    """

    kinds: Kind = UNTYPED
    properties: Mapping[str, Shape] = field(default_factory=lambda: _NOTHING)
    extra: Shape | None = None
    closed: bool = False
    items: Shape | None = None
    choices: tuple[Any, ...] | None = None
    longest: int | None = None

    @classmethod
    def from_schema(cls, schema: object) -> Shape:
        """Read JSON Schema 2020-12; what is beyond us is ANY, never an error."""
        return _SchemaReader(schema).shape(schema)

    @property
    def untold(self) -> bool:
        """Nothing is said of properties: an object with any of them would do."""
        told = self.properties or self.extra or self.closed
        return Kind.OBJECT in self.kinds and not told

    def get(self, name: str) -> Shape | None:
        """What stands under this name, or None where nothing may be read."""
        if Kind.OBJECT not in self.kinds:
            return None
        return self.properties.get(name) or (ANY if self.untold else self.extra)

    def narrowed(self, other: Shape) -> Shape:
        """A value that is both."""
        return Merging(Shape._narrowed)(self, other)

    def widened(self, other: Shape) -> Shape:
        """A value that is one of the two."""
        return Merging(Shape._widened)(self, other)

    def _narrowed(self, other: Shape, merge: _Merge) -> Shape:
        kinds = self.kinds & other.kinds
        # text without a format allows every format
        kinds |= self.kinds & MOMENT if Kind.TEXT in other.kinds else Kind(0)
        kinds |= other.kinds & MOMENT if Kind.TEXT in self.kinds else Kind(0)
        return Shape(
            kinds=kinds or UNTYPED,
            properties=_merged(self.properties, other.properties, merge),
            extra=_both(self.extra, other.extra, merge),
            closed=self.closed or other.closed,
            items=_both(self.items, other.items, merge),
            choices=_common(self.choices, other.choices),
            longest=min(_known(self.longest, other.longest), default=None),
        )

    def _widened(self, other: Shape, merge: _Merge) -> Shape:
        if ANY in (self, other):
            return ANY
        listed_both = self.choices is not None and other.choices is not None
        extra = _both(self.extra, other.extra, merge)
        return Shape(
            kinds=self.kinds | other.kinds,
            properties=_merged(self.properties, other.properties, merge),
            extra=ANY if self.untold or other.untold else extra,
            closed=self.closed and other.closed,
            items=merge(self.items, other.items) if self.items and other.items else None,
            choices=(*(self.choices or ()), *(other.choices or ())) if listed_both else None,
            longest=_longer(self.longest, other.longest),
        )


ANY = Shape()
_Merge = Callable[[Shape, Shape], Shape]


def _merged(
    one: Mapping[str, Shape], other: Mapping[str, Shape], merge: _Merge
) -> Mapping[str, Shape]:
    common = {name: merge(one[name], other[name]) for name in one if name in other}
    return {**one, **other, **common}


def _both(one: Shape | None, other: Shape | None, merge: _Merge) -> Shape | None:
    return merge(one, other) if one and other else one or other


def _common(one: tuple[Any, ...] | None, other: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return tuple(value for value in one if value in other)


def _known(*lengths: int | None) -> list[int]:
    return [length for length in lengths if length is not None]


def _longer(one: int | None, other: int | None) -> int | None:
    return max(one, other) if one is not None and other is not None else None


def _length(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


_TYPES = {
    "string": Kind.TEXT,
    "number": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "array": Kind.LIST,
    "object": Kind.OBJECT,
    "null": Kind.NULL,
}
_FORMATS = {"date": Kind.DATE, "date-time": Kind.TIME}


class _SchemaReader:
    """Reads one schema; a reference that leads into itself is ANY from there on."""

    def __init__(self, root: object) -> None:
        self.root = root
        self.referred: dict[str, Shape] = {}

    def shape(self, schema: object, depth: int = 0) -> Shape:
        if not isinstance(schema, Mapping) or depth > DEEPEST:
            return ANY
        found = [self._own(schema, depth)]
        found += [self.shape(part, depth + 1) for part in _schemas(schema.get("allOf"))]
        for word in ("anyOf", "oneOf"):
            ways = [self.shape(way, depth + 1) for way in _schemas(schema.get(word))]
            found += [reduce(Shape.widened, ways)] if ways else []
        if isinstance(schema.get("$ref"), str):
            found.append(self._referred(schema["$ref"], depth))
        return reduce(Shape.narrowed, found)

    def _own(self, schema: Mapping[str, Any], depth: int) -> Shape:
        choices = _choices(schema)
        properties = schema.get("properties")
        extra = schema.get("additionalProperties", schema.get("unevaluatedProperties"))
        # where each place has a schema of its own, none is that of every item
        plain = "items" in schema and "prefixItems" not in schema
        return Shape(
            kinds=_kinds(schema, choices),
            properties={
                str(name): self.shape(below, depth + 1)
                for name, below in (properties.items() if isinstance(properties, Mapping) else ())
            },
            extra=self._extra(schema, extra, depth),
            closed=extra is False,
            items=self.shape(schema["items"], depth + 1) if plain else None,
            choices=choices,
            longest=_length(schema.get("maxLength")),
        )

    def _extra(self, schema: Mapping[str, Any], extra: object, depth: int) -> Shape | None:
        if isinstance(schema.get("patternProperties"), Mapping):
            return ANY
        return None if extra in (None, False) else self.shape(extra, depth + 1)

    def _referred(self, reference: str, depth: int) -> Shape:
        if reference not in self.referred:
            self.referred[reference] = ANY
            self.referred[reference] = self.shape(self._at(reference), depth + 1)
        return self.referred[reference]

    def _at(self, reference: str) -> object:
        if not reference.startswith("#/"):
            return None
        place: object = self.root
        for part in unquote(reference[2:]).split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            place = place.get(name) if isinstance(place, Mapping) else None
        return place


def _schemas(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _choices(schema: Mapping[str, Any]) -> tuple[Any, ...] | None:
    if "const" in schema:
        return (schema["const"],)
    listed_values = schema.get("enum")
    return tuple(listed_values) if isinstance(listed_values, list | tuple) else None


def _kinds(schema: Mapping[str, Any], choices: tuple[Any, ...] | None) -> Kind:
    words = schema.get("type")
    kinds = Kind(0)
    for word in words if isinstance(words, list | tuple) else [words]:
        kinds |= _TYPES.get(word, UNTYPED) if isinstance(word, str) else UNTYPED
    kinds = kinds or UNTYPED
    if choices is not None:
        chosen = reduce(Kind.__or__, (kind_of(value) or UNTYPED for value in choices), Kind(0))
        # a schema at odds with itself must not make every trigger look wrong
        kinds = kinds & chosen or UNTYPED
    # a format says what the text means, so that it is compared as that and not as text
    form = schema.get("format")
    moment = _FORMATS.get(form) if isinstance(form, str) else None
    return kinds & ~Kind.TEXT | moment if moment and Kind.TEXT in kinds else kinds


class PathUnknown(LookupError):
    """Nothing may be read at this path."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which paths a text may read: roots such as `event` and `now`, and what is below them."""

    roots: Mapping[str, Shape]

    def shape_of(self, path: str) -> Shape:
        """PathUnknown says what is wrong with the path, and which one was probably meant."""
        root, *below = path.split(".")
        shape = self.roots.get(root)
        if shape is None:
            raise PathUnknown(self._no_root(path, root))
        read = root
        for name in below:
            inner = shape.get(name)
            if inner is None:
                raise PathUnknown(self._nothing_below(path, read, shape, name))
            shape, read = inner, f"{read}.{name}"
        return shape

    def paths(self) -> Iterator[str]:
        """Every declared path, the short ones first; bounded, for schemas may be large."""
        waiting = deque((name, shape, 0) for name, shape in self.roots.items())
        for _ in range(MOST_PATHS):
            if not waiting:
                return
            path, shape, depth = waiting.popleft()
            yield path
            if depth < DEEPEST:
                below = shape.properties.items()
                waiting.extend((f"{path}.{name}", inner, depth + 1) for name, inner in below)

    def _no_root(self, path: str, root: str) -> str:
        if root in ROOTS:
            return f"{quoted(root)} cannot be read here, only {listed(self.roots)}"
        close = self._called(path) or get_close_matches(path[:200], list(self.paths()), n=1)
        return f"unknown path {quoted(path)}{_meant(close)}"

    def _nothing_below(self, path: str, read: str, shape: Shape, name: str) -> str:
        if Kind.OBJECT in shape.kinds:
            beside = get_close_matches(name[:100], list(shape.properties), n=1)
            close = [f"{read}.{one}" for one in beside] or self._called(path)
            return f"{quoted(read)} has no {quoted(name)}{_meant(close)}"
        ask = "; ask contains(…) or size(…)" if Kind.LIST in shape.kinds else ""
        return f"{quoted(read)} is {shape.kinds}, nothing stands below it{ask}"

    def _called(self, path: str) -> list[str]:
        """Paths whose last word is the same: perhaps only the way there was forgotten."""
        last = path.rpartition(".")[2]
        return [one for one in self.paths() if one.rpartition(".")[2] == last]


def _meant(close: list[str]) -> str:
    return f", did you mean {quoted(close[0])}?" if close else ""


ROOTS = ("event", "customer", "segment", "count", "now")
"""Every root that any text of the configuration can read."""
