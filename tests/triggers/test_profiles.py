"""Do updates in any order make one profile, and is a refusal never forgotten?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.customers import OWN_FIELDS, Customer
from triggers.events import Order
from triggers.kinds import Kind
from triggers.profiles import (
    Merged,
    consents_of,
    customer_env,
    has_consent,
    is_refused,
    merge,
    profile_schema,
)
from triggers.scopes import customer_shape

START = datetime(2026, 11, 1, tzinfo=UTC)
PROOF = {"wording": "Yes, write to me", "source": "branch form"}

Update = tuple[dict[str, Any], Order]


def order(hour: int, name: str = "e", source: str = "crm") -> Order:
    return Order(START + timedelta(hours=hour), source, name)


def merged(updates: Iterable[Update]) -> Merged:
    state = Merged({}, {}, {})
    for update, by in updates:
        state = merge(state.profile, state.field_orders, update, by)
    return state


def test_the_newest_update_wins_field_by_field() -> None:
    state = merged(
        [
            ({"phone": "+972501234567", "age": 70}, order(1)),
            ({"phone": "+972501234568"}, order(3)),
            ({"phone": "+972501234569", "language": "he", "age": 71}, order(2)),
        ]
    )

    assert state.profile == {"phone": "+972501234568", "language": "he", "age": 71}


def test_of_two_updates_of_one_moment_source_and_id_decide() -> None:
    updates = [
        ({"age": 1}, order(1, "b", "crm")),
        ({"age": 2}, order(1, "a", "shop")),
        ({"age": 3}, order(1, "a", "crm")),
    ]

    assert merged(updates).profile == {"age": 2}


def test_null_deletes_and_an_older_value_does_not_come_back() -> None:
    state = merged(
        [
            ({"phone": "+972501234567"}, order(1)),
            ({"phone": None}, order(3)),
            ({"phone": "+972501234568"}, order(2)),
        ]
    )

    assert state.profile == {}
    assert state.field_orders == {"phone": ["2026-11-01T03:00:00.000000Z", "crm", "e"]}


def test_changes_say_what_was_and_what_is() -> None:
    before = merged([({"phone": "+972501234567", "age": 70, "city": "x"}, order(1))])

    after = merge(
        before.profile, before.field_orders, {"age": 71, "city": None, "new": True}, order(2)
    )

    assert after.changes == {
        "age": {"from": 70, "to": 71},
        "city": {"from": "x", "to": None},
        "new": {"from": None, "to": True},
    }


def test_the_id_is_no_field_of_a_profile() -> None:
    state = merged([({"id": "somebody else", "age": 70}, order(1))])

    assert state.profile == {"age": 70}
    assert set(state.field_orders) == {"age"}


def test_what_was_given_is_not_changed_in_place() -> None:
    profile, orders = {"age": 70}, {"age": ["2026-11-01T01:00:00.000000Z", "crm", "e"]}

    merge(profile, orders, {"age": 71}, order(5))

    assert profile == {"age": 70}
    assert orders == {"age": ["2026-11-01T01:00:00.000000Z", "crm", "e"]}


consent_values = st.sampled_from(
    [
        None,
        False,
        {"marketing": True},
        {"marketing": False},
        {"marketing": {"sms": False, "email": True}},
        {"survey": False, "marketing": {"given": True, **PROOF, "time": "2026-11-01T05:00:00Z"}},
        [{"category": "marketing", "given": False, "time": "2026-11-01T02:30:00Z"}],
        ["marketing", "survey"],
        {},
    ]
)
updates = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {},
            optional={
                "phone": st.sampled_from(["+972501234567", "+972501234568", None]),
                "age": st.sampled_from([70, 71, None]),
                "consent": consent_values,
            },
        ),
        st.builds(order, st.integers(0, 5), st.sampled_from("abcdefgh")),
    ),
    max_size=6,
    unique_by=lambda one: one[1],
)


@given(updates.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_updates_in_any_order_and_doubled_make_the_same_profile(
    orders: tuple[list[Update], list[Update]],
) -> None:
    written, shuffled = orders

    first, second = merged(written), merged(shuffled + shuffled[:2])

    assert second.profile == first.profile
    assert second.field_orders == first.field_orders
    assert json.loads(json.dumps(first.profile)) == first.profile


@given(updates)
def test_no_update_ever_lifts_a_refusal_without_proof(some: list[Update]) -> None:
    unproven = [one for one in some if PROOF["source"] not in str(one[0])]

    state = merged(unproven)

    refused = any(is_refused(consents_of(update), "marketing", "sms") for update, _ in unproven)
    assert is_refused(consents_of(state.profile), "marketing", "sms") is refused


def test_a_profile_keeps_the_consent_as_it_was_written() -> None:
    written = {"marketing": {"given": True, **PROOF}}

    assert merged([({"consent": written}, order(1))]).profile["consent"] == written


def test_a_refusal_stays_beside_a_newer_word() -> None:
    state = merged(
        [
            ({"consent": {"marketing": True}}, order(2)),
            ({"consent": {"marketing": False}}, order(1)),
        ]
    )

    assert state.profile["consent"] == [
        {"category": "marketing", "given": False, "time": "2026-11-01T01:00:00.000000Z"},
        {"category": "marketing", "given": True},
    ]
    assert not has_consent(consents_of(state.profile), "marketing", "sms")


def test_only_a_later_consent_with_proof_lifts_a_refusal() -> None:
    proven = {"given": True, **PROOF, "time": "2026-11-01T04:00:00Z"}

    state = merged(
        [
            ({"consent": {"marketing": False}}, order(1)),
            ({"consent": {"marketing": proven}}, order(5)),
        ]
    )
    again = merge(state.profile, state.field_orders, {"consent": {"marketing": False}}, order(6))

    assert has_consent(consents_of(state.profile), "marketing", "sms")
    assert not has_consent(consents_of(again.profile), "marketing", "sms")


ATTRIBUTES = {
    "type": "object",
    "required": ["age"],
    "properties": {"age": {"$ref": "#/$defs/years"}, "segment": {"enum": ["retail", "smb"]}},
    "$defs": {"years": {"type": "integer", "minimum": 0}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"id": "c1", "phone": "not a number", "timezone": "Mars/Olympus", "email": "@"},
        {"phone": None, "age": None, "segment": None, "channels": None, "quiet": None},
        {"age": 70, "segment": "smb", "agent_only": True, "channels": ["sms", "pigeon"]},
        {"quiet": {"shabbat": False, "nights": {"start": "22:00", "end": "07:00"}}},
        {"consent": {"marketing": True}},
        {"consent": ["marketing"]},
        {"consent": False},
    ],
)
def test_an_update_may_be_a_part_and_hold_bad_texts(update: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(profile_schema(ATTRIBUTES))

    assert validator.is_valid(update)


@pytest.mark.parametrize(
    "update",
    [
        [],
        {"id": ""},
        {"id": None},
        {"phone": 972501234567},
        {"phone": "0" * 65},
        {"agent_only": "yes"},
        {"channels": "sms"},
        {"channels": [1]},
        {"quiet": True},
        {"quiet": {"shabbat": 1}},
        {"consent": 1},
        {"age": "70"},
        {"age": -1},
        {"segment": "gold"},
        {"fone": "+972501234567"},
    ],
)
def test_an_update_of_wrong_types_is_refused(update: object) -> None:
    validator = jsonschema_rs.Draft202012Validator(profile_schema(ATTRIBUTES))

    assert not validator.is_valid(update)


def test_attributes_are_open_unless_their_schema_closes_them() -> None:
    validator = jsonschema_rs.Draft202012Validator(profile_schema({}))

    assert validator.is_valid({"anything": [1]})


def test_an_update_may_delete_every_field_but_the_id() -> None:
    validator = jsonschema_rs.Draft202012Validator(profile_schema({}))

    assert validator.is_valid(dict.fromkeys(OWN_FIELDS, None) | {"id": "c1"})
    assert not validator.is_valid({"id": None})


def test_a_condition_reads_the_own_fields_that_an_update_writes() -> None:
    shape = customer_shape()

    assert set(shape.properties) == set(OWN_FIELDS) == set(profile_schema({})["properties"])
    assert shape.properties["language"].kinds is Kind.TEXT
    assert shape.properties["channels"].kinds is Kind.LIST
    assert shape.properties["consent"].kinds == Kind.BOOLEAN | Kind.OBJECT | Kind.LIST


def test_conditions_and_templates_see_own_fields_attributes_and_the_id() -> None:
    env = customer_env(Customer("c1", {"age": 70, "language": "he", "id": "other"}))

    assert env == {"id": "c1", "age": 70, "language": "he"}
