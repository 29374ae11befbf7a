"""Is what will most likely do nothing named, and nothing else?"""

from __future__ import annotations

from typing import Any

import pytest

from triggers.definitions import Policy
from triggers.doubts import doubtful
from triggers.profiles import profile_schema
from triggers.schemas import DataSchema

POLICY = Policy(languages=("he", "en"), categories={}, timezone="Asia/Jerusalem", country="IL")
ATTRIBUTES = {"type": "object", "properties": {"age": {"type": "integer"}}}


def found(profile: dict[str, Any], attributes: dict[str, Any] = ATTRIBUTES) -> dict[str, str]:
    schema = DataSchema.compile(profile_schema(attributes))
    return {one.pointer: one.detail for one in doubtful(profile, schema, POLICY)}


@pytest.mark.parametrize(
    ("profile", "pointer", "detail"),
    [
        ({"fone": "x"}, "/fone", "did you mean 'phone'?"),
        ({"langage": "he"}, "/langage", "did you mean 'language'?"),
        ({"shoe_size": 42}, "/shoe_size", "config/customer.yaml"),
        ({"language": "xx"}, "/language", "none of our languages (he, en): he is written"),
        ({"timezone": "Asia/Jerusalm"}, "/timezone", "did you mean 'Asia/Jerusalem'?"),
        ({"timezone": "X/Y"}, "/timezone", "is not known"),
        ({"place": "haifaa"}, "/place", "did you mean 'haifa'?"),
        ({"country": "Israel"}, "/country", "is not known"),
        ({"phone": "call me"}, "/phone", "not a phone number"),
        ({"phone": "+15005550006"}, "/phone", "not among the countries"),
        ({"email": "dana"}, "/email", "not an email address"),
        ({"channels": ["sms", "pigeon"]}, "/channels/1", "sms or email"),
    ],
)
def test_a_doubt_has_its_place_and_says_what_was_meant(
    profile: dict[str, Any], pointer: str, detail: str
) -> None:
    doubts = found({"id": "c1", **profile})

    assert list(doubts) == [pointer]
    assert detail in doubts[pointer]


@pytest.mark.parametrize(
    "profile",
    [
        {},
        {"age": 71, "language": "en", "channels": ["email"], "agent_only": True},
        {"phone": "+972501234567", "email": "dana@customer.example", "place": "Tel Aviv"},
        {"timezone": "Europe/London", "country": "GB"},
        {"phone": None, "language": None, "timezone": None, "channels": None, "age": None},
    ],
)
def test_what_is_understood_or_deleted_raises_no_doubt(profile: dict[str, Any]) -> None:
    assert found({"id": "c1", **profile}) == {}


def test_a_name_that_the_schema_allows_by_its_pattern_is_none() -> None:
    attributes = {**ATTRIBUTES, "patternProperties": {"^x_": {"type": "string"}}}

    assert found({"x_colour": "red"}, attributes) == {}
