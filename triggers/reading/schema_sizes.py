"""Against how many schemas may one value be held, once every $ref has been followed?

References that each lead to two more make a short file say thousands of things of one value, and
validators look at each of them. What leads into itself counts once: how often that comes round is
a matter of the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

MOST_SCHEMAS = 10_000
DEEPEST = 200

_LISTS = ("allOf", "anyOf", "oneOf")
_SAME_VALUE = ("if", "then", "else", "not")
_ONE_OF_THE_PARTS = ("additionalProperties", "items", "unevaluatedItems", "unevaluatedProperties")
_BESIDES = ("contains", "propertyNames")


def too_large(raw: Mapping[str, Any]) -> bool:
    """Whether some value, or something inside it, would be held against too many, or too deep."""
    try:
        return _Sizes(raw).of(raw, 0) > MOST_SCHEMAS
    except _TooDeep:
        return True


class _TooDeep(Exception):
    """References lead on and on."""


class _Sizes:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._anchors = {
            one["$anchor"]: one for one in _mappings(root) if isinstance(one.get("$anchor"), str)
        }
        self._known: dict[int, int] = {}

    def of(self, schema: object, depth: int) -> int:
        """The schemas on the worst way from this value down into its parts."""
        if not isinstance(schema, Mapping):
            return 1
        if id(schema) not in self._known:
            if depth > DEEPEST:
                raise _TooDeep
            self._known[id(schema)] = 1
            same = sum(self.of(one, depth + 1) for one in self._same_value(schema))
            self._known[id(schema)] = 1 + same + self._parts(schema, depth + 1)
        return self._known[id(schema)]

    def _same_value(self, schema: Mapping[str, Any]) -> Iterator[object]:
        for word in _LISTS:
            yield from _items(schema.get(word))
        yield from (schema[word] for word in _SAME_VALUE if word in schema)
        yield from _named(schema.get("dependentSchemas"))
        if isinstance(schema.get("$ref"), str):
            yield self._at(schema["$ref"])

    def _parts(self, schema: Mapping[str, Any], depth: int) -> int:
        """Of the part of the value of which most is said."""
        parts = [*_named(schema.get("properties")), *_items(schema.get("prefixItems"))]
        parts += [schema[word] for word in _ONE_OF_THE_PARTS if word in schema]
        others = [*_named(schema.get("patternProperties"))]
        others += [schema[word] for word in _BESIDES if word in schema]
        most = max((self.of(one, depth) for one in parts), default=0)
        return most + sum(self.of(one, depth) for one in others)

    def _at(self, reference: str) -> object:
        """None where nothing stands: whoever compiles the schema tells that."""
        pointer = unquote(reference.removeprefix("#"))
        if pointer and not pointer.startswith("/"):
            return self._anchors.get(pointer)
        place: object = self._root
        for part in pointer.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(place, list):
                place = dict(enumerate(place)).get(int(name)) if name.isdecimal() else None
            else:
                place = place.get(name) if isinstance(place, Mapping) else None
        return place


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    for one in _items(value):
        yield from _mappings(one)


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _named(value: object) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else []
