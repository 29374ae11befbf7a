"""Is this mapping in a file a JSON Schema we can use, and if not, where not?"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from triggers.mistakes import listed, meant, quoted
from triggers.nodes import Fields, Items, Node, Scalar, at, broken, plain
from triggers.reading.fields import Notes
from triggers.reading.schema_sizes import MOST_SCHEMAS, too_large
from triggers.schemas import DIALECT, DataSchema, SchemaRefused, short

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
FORMATS = (
    "date date-time duration email hostname idn-email ipv4 ipv6 json-pointer regex time uri"
    " uri-reference uuid"
).split()
ONE_SCHEMA = (
    "additionalProperties contains contentSchema else if items not propertyNames then"
    " unevaluatedItems unevaluatedProperties"
).split()
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED_SCHEMAS = ("$defs", "dependentSchemas", "patternProperties", "properties")
_PLAIN = (
    "$anchor $comment $ref $schema const contentEncoding contentMediaType default"
    " dependentRequired deprecated description enum examples exclusiveMaximum exclusiveMinimum"
    " format maxContains maxItems maxLength maxProperties maximum minContains minItems minLength"
    " minProperties minimum multipleOf pattern readOnly required title type uniqueItems writeOnly"
).split()
WORDS = (*ONE_SCHEMA, *SCHEMA_LISTS, *NAMED_SCHEMAS, *_PLAIN)


def read_schema(node: Node, notes: Notes) -> DataSchema | None:
    """The schema of an object; None where something in it was refused."""
    if not isinstance(node, Fields):
        notes.unwanted(node, "a JSON Schema")
        return None
    before = len(notes.mistakes)
    _check_words(node, notes)
    if len(notes.mistakes) > before or broken(node):
        return None
    raw = plain(node)
    for path, message in _misfits(raw):
        notes.wrong(at(node, path), message)
    if len(notes.mistakes) > before:
        return None
    if raw.get("type") != "object":
        notes.wrong(node, "the schema of an object is wanted: write type: object")
        return None
    if too_large(raw):
        most = f"hold one value against more than {MOST_SCHEMAS} schemas"
        notes.wrong(node, f"too large: its $refs lead too deep, or {most}")
        return None
    return _compiled(node, raw, notes)


def _compiled(node: Node, raw: Mapping[str, Any], notes: Notes) -> DataSchema | None:
    try:
        return DataSchema.compile(raw)
    except SchemaRefused as refused:
        notes.wrong(at(node, refused.path), str(refused))
        return None


def _check_words(node: Node, notes: Notes) -> None:
    """Words that JSON Schema would pass over in silence, and references that leave the file."""
    if not isinstance(node, Fields):
        return
    for name, entry in node.entries.items():
        if name not in WORDS and not name.startswith("x-"):
            notes.wrong(entry.key, f"unknown schema word {quoted(name)}{meant(name, WORDS)}")
    _check_types(node, notes)
    _check_required(node, notes)
    _check_choice(node, "format", FORMATS, notes)
    _check_choice(node, "$schema", (DIALECT,), notes)
    reference = _text(node, "$ref")
    if reference is not None and not reference.startswith("#"):
        notes.wrong(node.entries["$ref"].value, "a $ref must stay in its file: write #/$defs/…")
    for inner in _schemas_in(node):
        _check_words(inner, notes)


def _check_types(node: Fields, notes: Notes) -> None:
    entry = node.entries.get("type")
    if entry is None:
        return
    for item in entry.value.nodes if isinstance(entry.value, Items) else (entry.value,):
        _check_word(item, "type", TYPES, notes)


def _check_required(node: Fields, notes: Notes) -> None:
    """A required field that nobody describes is allowed; one that is nearly described is a slip."""
    required, properties = (node.entries.get(word) for word in ("required", "properties"))
    if required is None or properties is None or not isinstance(properties.value, Fields):
        return
    known = properties.value.entries
    for item in required.value.nodes if isinstance(required.value, Items) else ():
        name = str(item.value) if isinstance(item, Scalar) else ""
        hint = meant(name, known)
        if name not in known and hint:
            notes.warn(item, f"{quoted(name)} is required and not among the properties{hint}")


def _check_choice(
    node: Fields, name: str, known: tuple[str, ...] | list[str], notes: Notes
) -> None:
    if name in node.entries:
        _check_word(node.entries[name].value, name, tuple(known), notes)


def _check_word(node: Node, what: str, known: tuple[str, ...], notes: Notes) -> None:
    word = node.value if isinstance(node, Scalar) else None
    if word not in known:
        shown = str(word) if isinstance(word, str) else ""
        hint = meant(shown, known) or f": write {listed(known)}"
        notes.wrong(node, f"unknown {what} {quoted(word)}{hint}")


def _schemas_in(node: Fields) -> Iterator[Node]:
    for name, entry in node.entries.items():
        match entry.value:
            case Fields() as inner if name in NAMED_SCHEMAS:
                yield from (one.value for one in inner.entries.values())
            case Items() as inner if name in SCHEMA_LISTS:
                yield from inner.nodes
            case Fields() as inner if name in ONE_SCHEMA:
                yield inner


def _text(node: Fields, name: str) -> str | None:
    entry = node.entries.get(name)
    value = entry.value.value if entry and isinstance(entry.value, Scalar) else None
    return value if isinstance(value, str) else None


def _misfits(raw: object) -> list[tuple[tuple[str | int, ...], str]]:
    errors = _dialect().iter_errors(raw)
    return list(dict.fromkeys((tuple(e.instance_path), short(e.message)) for e in errors))


@functools.cache
def _dialect() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": DIALECT},
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
        mask="this",
    )
