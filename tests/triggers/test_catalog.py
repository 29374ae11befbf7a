"""Which events may be published, and what does the catalog say of data that does not fit?"""

from __future__ import annotations

import pytest

from tests.triggers.configurations import bank
from triggers.catalog import OPTED_OUT, OWN_TYPES, REPLIED, Catalog
from triggers.configuration import read_configuration
from triggers.kinds import Kind
from triggers.paths import Path
from triggers.schemas import DataSchema, SchemaRefused


def catalog() -> Catalog:
    return read_configuration(bank()).catalog


def test_a_type_is_what_its_file_says() -> None:
    known = catalog().types["plan.updated"]

    assert known.about == "A payment plan was made or changed."
    assert known.customer == Path.parse("event.subject")
    assert known.examples == ({"plan_id": "p1", "status": "active", "end_date": "2026-12-01"},)
    assert known.data.raw["required"] == ["plan_id"]
    assert str(known.place) == "config/events/plan.updated.yaml:1"


def test_the_customer_may_stand_in_the_data() -> None:
    assert catalog().types["call.ended"].customer == Path.parse("event.data.caller")


def test_a_types_shape_is_that_of_its_data() -> None:
    known = catalog().types["plan.updated"]

    assert known.shape.properties["end_date"].kinds == Kind.DATE
    assert known.event.properties["data"] == known.shape


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        ({"plan_id": "p1"}, []),
        ({"plan_id": "p1", "more": 1}, []),
        ({}, [("", '"plan_id" is a required property')]),
        ({"plan_id": 5}, [("/plan_id", 'the value is not of type "string"')]),
        (
            {"plan_id": "p1", "end_date": "2026-02-30", "status": "Dana's"},
            [
                ("/end_date", "the value is not of the format date, such as 2026-12-31"),
                ("/status", 'the value is not one of "active" or "ended"'),
            ],
        ),
        ([], [("", 'the value is not of type "object"')]),
        (None, [("", 'the value is not of type "object"')]),
    ],
)
def test_data_that_does_not_fit_is_told_by_pointer_and_without_its_values(
    data: object, problems: list[tuple[str, str]]
) -> None:
    assert catalog().types["plan.updated"].problems(data) == problems


@pytest.mark.parametrize("name", OWN_TYPES)
def test_what_the_system_says_itself_is_in_every_catalog(name: str) -> None:
    known = catalog().types[name]

    said = {"trigger": "hello", "key": "c1", "message_id": "m1", "message": "hello"}
    assert known.problems({**said, "channel": "sms", "cause": {"anything": [1]}}) == []
    # a text, or a refusal, may come from somebody to whom no trigger has written
    alone = name in (REPLIED, OPTED_OUT)
    missing = [] if alone else [("", '"trigger" is a required property')]
    assert known.problems({"key": "c1"}) == missing


def test_an_update_of_a_customer_is_a_profile() -> None:
    known = catalog().types["customer.updated"]

    assert known.customer == Path.parse("event.subject")
    assert known.problems({"id": "c1", "phone": "+972501234567", "age": 70, "city": None}) == []
    assert known.problems({"age": "old", "phone": 5}) == [
        ("/age", 'the value is not of type "integer"'),
        ("/phone", 'the value is not of types "null", "string"'),
    ]


def test_several_ways_that_are_all_wrong_are_told_as_one() -> None:
    either = DataSchema.compile({"anyOf": [{"type": "string"}, {"minimum": 5}, {"type": "null"}]})

    assert either.problems(3) == [
        ("", "the value is not valid under any of the schemas listed in the 'anyOf' keyword")
    ]


def test_the_number_of_problems_is_bounded() -> None:
    every = DataSchema.compile({"type": "array", "items": {"type": "string"}})

    assert len(every.problems([1] * 1000)) == 50


def test_a_problem_is_one_short_line() -> None:
    words = DataSchema.compile({"enum": ["x" * 500]})

    ((_, message),) = words.problems("y")

    assert len(message) == 200


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://schemas.example/a.json"},
        {"$ref": "#/$defs/nothing"},
        {"format": "datetime"},
        {"pattern": "(?=a)b"},
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(SchemaRefused):
        DataSchema.compile(schema)


def test_the_pointer_to_a_misfit_escapes_what_would_divide_it() -> None:
    numbers = {"properties": {"c~d": {"items": {"type": "number"}}}}
    schema = DataSchema.compile({"properties": {"a/b": numbers}})

    [(pointer, _)] = schema.problems({"a/b": {"c~d": ["x"]}})

    assert pointer == "/a~1b/c~0d/0"
