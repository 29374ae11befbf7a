"""Is a schema that says too much of one value refused, and every useful one taken?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.triggers.configurations import bank
from triggers.configuration import ConfigurationRefused, read_configuration
from triggers.reading.schema_sizes import too_large
from triggers.shapes import Shape

Schema = dict[str, Any]
TOO_LARGE = "too large: its $refs lead too deep, or hold one value against more than 10000 schemas"


def chained(length: int, step: Callable[[Schema], Schema]) -> Schema:
    """Each schema is made by `step` of a reference to the next."""
    links = {f"a{n}": step({"$ref": f"#/$defs/a{n + 1}"}) for n in range(length)}
    return {
        "type": "object",
        "properties": {"z": {"$ref": "#/$defs/a0"}},
        "$defs": {**links, f"a{length}": {"type": "string"}},
    }


def both_parts(ref: Schema) -> Schema:
    return {"type": "object", "properties": {"x": ref, "y": ref}}


DOUBLING: dict[str, Callable[[Schema], Schema]] = {
    "allOf": lambda ref: {"allOf": [ref, ref]},
    "anyOf": lambda ref: {"anyOf": [ref, ref]},
    "beside a reference": lambda ref: {**ref, "not": ref},
    "if and then": lambda ref: {"if": ref, "then": ref},
    "a part twice": lambda ref: {"properties": {"x": ref}, "patternProperties": {"^x": ref}},
    "items twice": lambda ref: {"items": ref, "contains": ref},
}


@pytest.mark.parametrize("step", DOUBLING.values(), ids=DOUBLING)
def test_references_that_double_are_followed_only_so_far(step: Callable[[Schema], Schema]) -> None:
    assert not too_large(chained(8, step))
    assert too_large(chained(16, step))


@pytest.mark.parametrize("where", ["config/events/big.came.yaml", "config/customer.yaml"])
def test_what_is_too_large_is_a_mistake_before_anything_is_held_against_it(where: str) -> None:
    schema = chained(40, DOUBLING["anyOf"])
    event = {"event": "big.came", "data": schema, "examples": [{"z": 5}]}
    written = json.dumps(schema if "customer" in where else event)

    with pytest.raises(ConfigurationRefused) as refused:
        read_configuration(bank({where: written}))

    [mistake] = [one for one in refused.value.mistakes if one.file == where]
    assert mistake.message == TOO_LARGE
    assert (mistake.line, mistake.column) == (1, written.index('{"type"') + 1)


def test_a_chain_of_references_has_an_end() -> None:
    assert not too_large(chained(150, lambda ref: ref))
    assert too_large(chained(5_000, lambda ref: ref))


def test_what_is_said_of_different_parts_does_not_add_up() -> None:
    assert not too_large(chained(16, both_parts))


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
        {"$defs": {"tree": {"$anchor": "tree", "items": {"$ref": "#tree"}}}, "$ref": "#tree"},
        {"anyOf": [{"properties": {f"a{n}": {"$ref": "#"}}} for n in range(50)]},
        {"$ref": "#/$defs/nobody"},
        {"$ref": "#/allOf/7", "allOf": [{"$ref": "#/allOf/0/x"}]},
    ],
)
def test_a_schema_that_leads_into_itself_or_nowhere_is_not_too_large(schema: Schema) -> None:
    assert not too_large(schema)


def test_shapes_that_share_their_parts_share_them_when_they_are_made_one() -> None:
    one = Shape.from_schema(chained(3, both_parts)).properties["z"]
    other = Shape.from_schema(chained(2, both_parts)).properties["z"]

    for both in (one.widened(other), one.narrowed(other)):
        x, y = both.properties["x"], both.properties["y"]
        assert x.properties["x"] is y.properties["x"]
