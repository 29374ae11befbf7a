"""Does a condition know which values it cannot hold without?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.conditions import known
from triggers.conditions import Condition
from triggers.shapes import ANY, Scope

PATHS = tuple(f"event.data.{name}" for name in "abc")
SCOPE = Scope({"event": ANY})
A, B, C = PATHS


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        (f"{A} == 1", {A}),
        (f"{A} == 1 and {B} > {C}", {A, B, C}),
        (f"{A} == 1 or {B} == 1", set()),
        (f"({A} == 1 and {B} == 1) or {A} > 5", {A}),
        (f"not ({A} == 1)", {A}),
        (f"not ({A} == 1 and {B} == 1)", set()),
        (f"has({A})", {A}),
        (f"not has({A})", set()),
        (f"1 < {A} <= {B} + -{C}", {A, B, C}),
        (f'starts_with({A}, "x")', {A}),
        (f'not starts_with({A}, "x")', set()),
    ],
)
def test_the_certain_paths_of_a_condition(text: str, certain: set[str]) -> None:
    assert Condition(text, SCOPE).certain_paths() == certain


PARTS = st.recursive(
    st.sampled_from(
        [f"{one} {sign} 1" for one in PATHS for sign in ("==", ">", "!=")]
        + [f"has({one})" for one in PATHS]
        + [f"{A} in [1, 2]", f"{B} < {C}", f"{A} + {C} == 2", f'contains({B}, "x")']
    ),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)
VALUES = st.fixed_dictionaries(
    {}, optional=dict.fromkeys("abc", st.sampled_from([None, 0, 1, 2, "x"]))
)


@given(text=PARTS, data=VALUES)
def test_whatever_holds_has_a_value_at_each_certain_path(text: str, data: dict[str, Any]) -> None:
    condition = Condition(text, SCOPE)
    if condition.holds(known(data)):
        assert all(data.get(path[-1]) is not None for path in condition.certain_paths())


CONSTANTS = st.recursive(
    PARTS | st.sampled_from(["1 == 1", "2 < 1", "true", '"a" == "b"']),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=4,
)


@given(text=CONSTANTS, data=VALUES)
def test_what_is_constant_answers_so_whatever_is_read(text: str, data: dict[str, Any]) -> None:
    condition = Condition(text, SCOPE)
    if condition.constant() is not None:
        assert condition.holds(known(data)) == condition.constant()


@pytest.mark.parametrize(
    ("text", "constant"),
    [
        ("true", True),
        (f"{A} == 1 or 1 < 2", True),
        (f"{A} == 1 and 2 < 1", False),
        ("not (1 == 1)", False),
        (f"{A} == {A}", None),
        (f"has({A}) or {B} == 1", None),
        (f"not {A} and 1 == 1", None),
    ],
)
def test_a_condition_knows_that_nothing_decides_it(text: str, constant: bool | None) -> None:
    assert Condition(text, SCOPE).constant() is constant
