"""Does every state have its moves, and do the tables use no other words?"""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from worker import lifecycle
from worker.lifecycle import (
    CERTAINLY_NOT_SENT,
    MOVES,
    AttemptState,
    CallbackState,
    EventState,
    HandoffState,
    ImpossibleMove,
    InboundState,
    MessageState,
    OccurrenceState,
    ReceiptState,
    RefusedState,
    is_final,
    may_move,
    move,
)
from worker.store.tables import metadata

TABLES = {
    "events": EventState,
    "refused_events": RefusedState,
    "occurrences": OccurrenceState,
    "messages": MessageState,
    "attempts": AttemptState,
    "receipts": ReceiptState,
    "inbound": InboundState,
    "handoffs": HandoffState,
    "callbacks": CallbackState,
}

FINAL = {
    EventState: {"withdrawn"},
    RefusedState: {"replayed", "dismissed"},
    OccurrenceState: {"messaged", "handed_over", "skipped", "held_out", "shadowed"},
    MessageState: {"delivered", "failed", "expired", "called_off"},
    AttemptState: {
        "delivered",
        "undelivered",
        "refused",
        "try_later",
        "misconfigured",
        "given_back",
    },
    ReceiptState: {"applied", "ignored"},
    InboundState: {"read", "set_aside"},
    HandoffState: {"done", "failed"},
    CallbackState: {"delivered"},
}


@pytest.mark.parametrize("kind", MOVES, ids=lambda kind: kind.__name__)
def test_every_state_has_its_row_and_every_move_leads_to_a_state(kind: type[StrEnum]) -> None:
    assert set(MOVES[kind]) == set(kind)
    for after in MOVES[kind].values():
        assert after <= set(kind)


@pytest.mark.parametrize("kind", MOVES, ids=lambda kind: kind.__name__)
def test_nothing_final_moves(kind: type[StrEnum]) -> None:
    assert {str(state) for state in kind if is_final(state)} == FINAL[kind]


@pytest.mark.parametrize("kind", MOVES, ids=lambda kind: kind.__name__)
def test_a_move_is_allowed_exactly_where_the_table_has_it(kind: type[StrEnum]) -> None:
    for old in kind:
        for new in kind:
            if may_move(old, new):
                assert move(old, new) is new
            else:
                with pytest.raises(ImpossibleMove):
                    move(old, new)


def test_every_table_that_keeps_a_state_keeps_one_of_ours() -> None:
    with_state = {table.name for table in metadata.sorted_tables if "state" in table.c}

    assert with_state == set(TABLES)


def test_the_partial_indexes_use_no_other_words() -> None:
    for table in metadata.sorted_tables:
        for index in table.indexes:
            where = str(index.dialect_options["sqlite"]["where"])
            for word in re.findall(r"state = '(\w+)'", where):
                assert word in set(TABLES[table.name])


def test_an_attempt_that_was_certainly_not_sent_can_never_be_accepted() -> None:
    for state in CERTAINLY_NOT_SENT - {AttemptState.ABSENT}:
        assert is_final(state)


def test_an_unknown_message_is_never_sent_again_without_being_settled_first() -> None:
    assert not may_move(MessageState.UNKNOWN, MessageState.SENDING)
    assert not may_move(MessageState.SENDING, MessageState.SENDING)


def test_the_module_names_every_kind_of_state_it_has() -> None:
    kinds = {
        one for name, one in vars(lifecycle).items() if name.endswith("State") and name != "State"
    }

    assert kinds == set(MOVES)
