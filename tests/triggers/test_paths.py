"""What stands at a path, and what key does it make?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.triggers.worlds import MONDAY, event
from triggers.paths import LONGEST_KEY, Path, key_text


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("a1", "a1"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (True, "true"),
        (False, "false"),
        (None, None),
        ("", None),
        ([], None),
        ({"a": 1}, None),
    ],
)
def test_a_value_makes_a_key_whatever_its_type_of_number(value: Any, key: str | None) -> None:
    assert key_text(value) == key


def test_a_very_long_value_is_still_one_key_and_no_other() -> None:
    one, other = "x" * 10_000 + "1", "x" * 10_000 + "2"

    assert key_text(one) == key_text(str(one)) != key_text(other)
    assert len(key_text(one) or "") == LONGEST_KEY
    assert key_text("y" * LONGEST_KEY) == "y" * LONGEST_KEY


def test_a_path_reads_what_stands_there_and_nothing_else() -> None:
    one = event("start", MONDAY, data={"plan": {"id": 7}, "list": [1]})

    assert Path.parse("event.data.plan.id").read(one) == 7
    assert Path.parse("event.subject").key(one) == "c1"
    assert Path.parse("event.data.plan.id.more").read(one) is None
    assert Path.parse("event.data.list.first").read(one) is None
    assert Path.parse("event.nothing").read(one) is None


@pytest.mark.parametrize("text", ["", "event", "data.id", "event.", "event..id", "event.data.a b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a path"):
        Path.parse(text)
