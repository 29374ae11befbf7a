"""What is known of a value from its JSON Schema, and which paths may be read?"""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.kinds import UNTYPED, Kind
from triggers.scopes import COUNT, NOW, customer_shape, event_shape, segment_shape
from triggers.shapes import ANY, PathUnknown, Scope, Shape

TEXT, NUMBER, BOOLEAN = Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN


def kinds(schema: Any) -> Kind:
    return Shape.from_schema(schema).kinds


def refused(scope: Scope, path: str) -> str:
    with pytest.raises(PathUnknown) as error:
        scope.shape_of(path)
    return str(error.value)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, TEXT),
        ({"type": "integer"}, NUMBER),
        ({"type": "number"}, NUMBER),
        ({"type": "boolean"}, BOOLEAN),
        ({"type": "array"}, Kind.LIST),
        ({"type": "object"}, Kind.OBJECT),
        ({"type": "null"}, Kind.NULL),
        ({"type": ["string", "null"]}, TEXT | Kind.NULL),
        ({"type": ["integer", "string"]}, TEXT | NUMBER),
        ({"type": "string", "format": "date"}, Kind.DATE),
        ({"type": ["string", "null"], "format": "date-time"}, Kind.TIME | Kind.NULL),
        ({"type": "string", "format": "email"}, TEXT),
        ({"type": "number", "format": "date"}, NUMBER),
        ({"format": "date"}, UNTYPED & ~TEXT | Kind.DATE),
        ({"enum": ["a", "b"]}, TEXT),
        ({"enum": ["a", 1, None]}, TEXT | NUMBER | Kind.NULL),
        ({"enum": [True]}, BOOLEAN),
        ({"const": 7}, NUMBER),
        ({"type": "string", "enum": ["a", 1]}, TEXT),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, TEXT | Kind.NULL),
        ({"oneOf": [{"type": "number"}, {"type": "boolean"}]}, NUMBER | BOOLEAN),
        ({"allOf": [{"type": ["string", "number"]}, {"type": "number"}]}, NUMBER),
        ({"type": "string", "allOf": [{"format": "date"}]}, Kind.DATE),
        ({"allOf": [{"type": "string"}, {"type": "string"}]}, TEXT),
        ({"type": "string", "anyOf": [{"minLength": 1}, {"const": ""}]}, TEXT),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}, TEXT),
        ({"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"type": "number"}}}, NUMBER),
        ({"$ref": "#/$defs/none"}, UNTYPED),
        ({"$ref": "https://elsewhere.example/schema"}, UNTYPED),
        ({"$ref": "#"}, UNTYPED),
        ({"type": "string", "$ref": "#/$defs/a", "$defs": {"a": {"maxLength": 5}}}, TEXT),
        ({"allOf": [{"type": "string"}, {"type": "number"}]}, UNTYPED),
        ({"type": []}, UNTYPED),
        ({"type": 7, "enum": 7, "properties": 7, "allOf": 7, "anyOf": 7, "$ref": 7}, UNTYPED),
        ({}, UNTYPED),
        (True, UNTYPED),
        (False, UNTYPED),
        (None, UNTYPED),
        ("text", UNTYPED),
    ],
)
def test_kinds_come_from_type_format_enum_and_what_they_are_composed_of(
    schema: Any, expected: Kind
) -> None:
    assert kinds(schema) == expected


@pytest.mark.parametrize(
    ("schema", "choices"),
    [
        ({"enum": ["a", "b"]}, ("a", "b")),
        ({"const": 1}, (1,)),
        ({"type": "string"}, None),
        ({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}, ("b",)),
        ({"allOf": [{"enum": ["a"]}, {"type": "string"}]}, ("a",)),
        ({"anyOf": [{"const": "a"}, {"const": "b"}]}, ("a", "b")),
        ({"anyOf": [{"const": "a"}, {"type": "string"}]}, None),
    ],
)
def test_choices_are_the_values_of_an_enum(schema: Any, choices: Any) -> None:
    assert Shape.from_schema(schema).choices == choices


@pytest.mark.parametrize(
    ("schema", "name", "expected"),
    [
        ({"properties": {"a": {"type": "string"}}}, "a", TEXT),
        ({"properties": {"a": {"type": "string"}}}, "b", None),
        ({"properties": {"a": {}}, "additionalProperties": True}, "b", UNTYPED),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "number"}}, "b", NUMBER),
        ({"properties": {"a": {}}, "additionalProperties": False}, "b", None),
        ({"properties": {"a": {}}, "unevaluatedProperties": False}, "b", None),
        ({"properties": {"a": {}}, "patternProperties": {"^x": {}}}, "x1", UNTYPED),
        ({"type": "object"}, "a", UNTYPED),
        ({"type": "object", "additionalProperties": False}, "a", None),
        ({}, "a", UNTYPED),
        ({"type": "string"}, "a", None),
        ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {"const": 1}}}]}, "b", NUMBER),
        ({"allOf": [{"properties": {"a": {}}}, {"required": ["b"]}]}, "b", None),
        ({"properties": {"a": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "b", None),
        ({"anyOf": [{"properties": {"a": {"const": 1}}}, {"type": "null"}]}, "a", NUMBER),
        ({"oneOf": [{"properties": {"a": {"const": 1}}}, {"type": "object"}]}, "b", UNTYPED),
        (
            {"oneOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"a": {"const": "x"}}}]},
            "a",
            NUMBER | TEXT,
        ),
    ],
)
def test_a_property_may_be_read_where_the_schema_speaks_of_it(
    schema: Any, name: str, expected: Kind | None
) -> None:
    found = Shape.from_schema(schema).get(name)
    assert (found and found.kinds) == expected


@pytest.mark.parametrize(
    ("schema", "longest"),
    [
        ({"type": "string", "maxLength": 40}, 40),
        ({"type": "string"}, None),
        ({"maxLength": True}, None),
        ({"maxLength": 40, "allOf": [{"maxLength": 20}]}, 20),
        ({"anyOf": [{"maxLength": 40}, {"maxLength": 20}]}, 40),
        ({"anyOf": [{"maxLength": 40}, {"type": "string"}]}, None),
    ],
)
def test_a_text_is_as_long_as_its_schema_allows(schema: Any, longest: int | None) -> None:
    assert Shape.from_schema(schema).longest == longest


def test_items_of_a_list() -> None:
    one = {"type": "array", "items": {"type": "string"}}
    assert Shape.from_schema(one).items == Shape(TEXT)
    assert Shape.from_schema({**one, "prefixItems": [{}]}).items is None
    assert Shape.from_schema({"anyOf": [one, {"type": "array"}]}).items is None
    both = Shape.from_schema({"anyOf": [one, {"type": "array", "items": {"type": "number"}}]})
    assert both.items == Shape(TEXT | NUMBER)


def test_a_schema_that_leads_into_itself_is_anything_from_there_on() -> None:
    tree = {
        "properties": {"name": {"type": "string"}, "below": {"$ref": "#/$defs/tree"}},
        "$defs": {"tree": {"properties": {"below": {"$ref": "#/$defs/tree"}}}},
    }
    shape = Shape.from_schema(tree)
    below = shape.get("below")
    assert below is not None
    assert below.get("below") == ANY


def test_a_schema_that_multiplies_is_read_in_time() -> None:
    laughing = {
        str(n): {"properties": {c: {"$ref": f"#/$defs/{n + 1}"} for c in "abcd"}} for n in range(40)
    }
    begun = time.process_time()
    shape = Shape.from_schema({"$ref": "#/$defs/0", "$defs": laughing})
    assert refused(Scope({"event": shape}), "event.zz") == "'event' has no 'zz'"
    assert time.process_time() - begun < 0.5


def test_a_deep_schema_is_anything_far_down() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(3_000):
        deep = {"properties": {"a": deep}}
    assert Shape.from_schema(deep).get("a") is not None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(["string", "date", "#/a"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    "type enum const format properties additionalProperties patternProperties"
                    " items prefixItems anyOf oneOf allOf $ref $defs a".split()
                ),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_no_schema_makes_the_reading_fail(schema: Any) -> None:
    shape = Shape.from_schema(schema)
    assert shape.kinds
    assert next(Scope({"event": shape}).paths()) == "event"


EVENT = event_shape(
    Shape.from_schema(
        {
            "properties": {
                "status": {"type": "string"},
                "end_date": {"type": "string", "format": "date"},
                "lines": {"type": "array"},
                "shop": {"properties": {"city": {"type": "string"}}},
            }
        }
    )
)
SCOPE = Scope({"event": EVENT, "count": COUNT, "segment": segment_shape(["senior"]), "now": NOW})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("event", Kind.OBJECT),
        ("event.id", TEXT),
        ("event.time", Kind.TIME),
        ("event.data.end_date", Kind.DATE),
        ("event.data.shop.city", TEXT),
        ("count.value", NUMBER),
        ("count.first", Kind.TIME),
        ("segment.senior", BOOLEAN),
        ("now", Kind.TIME),
    ],
)
def test_a_path_has_the_shape_its_schema_gives(path: str, expected: Kind) -> None:
    assert SCOPE.shape_of(path).kinds == expected


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("event.data.statsu", "'event.data' has no 'statsu', did you mean 'event.data.status'?"),
        ("event.city", "'event' has no 'city', did you mean 'event.data.shop.city'?"),
        ("evnt.data.status", "unknown path 'evnt.data.status', did you mean 'event.data.status'?"),
        ("elsewhere", "unknown path 'elsewhere'"),
        ("customer.age", "'customer' cannot be read here, only event, count, segment or now"),
        ("event.data.status.x", "'event.data.status' is text, nothing stands below it"),
        (
            "event.data.lines.price",
            "'event.data.lines' is a list, nothing stands below it; ask contains(…) or size(…)",
        ),
        ("segment.nobody", "'segment' has no 'nobody'"),
        ("event.customer", "'event' has no 'customer'"),
    ],
)
def test_an_unknown_path_is_told_with_what_was_meant(path: str, told: str) -> None:
    assert refused(SCOPE, path) == told


def test_declared_paths_come_the_short_ones_first() -> None:
    paths = list(SCOPE.paths())
    assert paths[:4] == ["event", "count", "segment", "now"]
    assert "event.data.shop.city" in paths
    assert [path.count(".") for path in paths] == sorted(path.count(".") for path in paths)


def test_paths_of_an_endless_schema_are_bounded() -> None:
    wide = Shape(Kind.OBJECT, {f"p{n}": Shape(TEXT) for n in range(10_000)})
    assert len(list(Scope({"event": wide}).paths())) == 2_000


def test_a_customer_is_our_own_fields_and_the_schemas_attributes() -> None:
    schema = {"properties": {"age": {"type": "integer"}, "phone": {"type": "number"}}}
    scope = Scope({"customer": customer_shape(Shape.from_schema(schema))})
    assert scope.shape_of("customer.age").kinds == NUMBER
    assert scope.shape_of("customer.phone").kinds == TEXT
    assert scope.shape_of("customer.channels").kinds == Kind.LIST
    assert scope.shape_of("customer.agent_only").kinds == BOOLEAN
    assert refused(scope, "customer.agee").endswith("did you mean 'customer.age'?")


def test_attributes_nobody_declared_may_be_anything() -> None:
    scope = Scope({"customer": customer_shape()})
    assert scope.shape_of("customer.whatever") == ANY
    assert scope.shape_of("customer.language").kinds == TEXT
