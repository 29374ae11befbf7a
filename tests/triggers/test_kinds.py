"""Which kinds of values are there, and by which words are they called?"""

from __future__ import annotations

from typing import Any

import pytest

from triggers.kinds import EVERY, MOMENT, UNTYPED, Kind, kind_of

TEXT, NUMBER, BOOLEAN = Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (TEXT | Kind.NULL, "text"),
        (TEXT | NUMBER, "text or a number"),
        (MOMENT, "a date or a time"),
        (UNTYPED, "anything"),
        (EVERY, "anything"),
        (Kind.NULL, "null"),
        (Kind(0), "nothing"),
    ],
)
def test_kinds_are_called_by_plain_words(kind: Kind, said: str) -> None:
    assert str(kind) == said


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a", TEXT),
        (1, NUMBER),
        (1.5, NUMBER),
        (True, BOOLEAN),
        (None, Kind.NULL),
        ([], Kind.LIST),
        ({}, Kind.OBJECT),
        (object(), None),
    ],
)
def test_a_json_value_has_one_kind(value: Any, kind: Kind | None) -> None:
    assert kind_of(value) is kind
