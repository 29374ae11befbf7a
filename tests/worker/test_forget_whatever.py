"""Does every table that may hold something of a customer have an age, and does all of it go?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from tests.worker.replying import Inbox
from tests.worker.small_world import NOON
from tests.worker.test_erase_whatever import found, lived
from triggers.keeping import Retention
from worker.lifecycle import CallbackState, HandoffState
from worker.steps.forget import forget
from worker.store.engine import in_transaction
from worker.store.retention import CLASSES
from worker.store.tables import callbacks, handoffs, metadata

DAY = timedelta(days=1)
FAR = NOON + 3000 * DAY
ALL = Retention(texts=90 * DAY, events=400 * DAY, decisions=730 * DAY, raw=30 * DAY)

OUTLIVES = {
    "event_ids": "an event published again is known for ever",
    "spent": "keyed hashes: nothing is said twice",
    "suppressions": "keyed hashes, and the words by which they refused",
    "refusals": "the proof of every refusal",
    "address_marks": "keyed hashes of addresses that are nobody's",
    "customers": "the profile, until it is erased",
    "clicks": "that somebody clicked, by our own token",
    "ledger_differences": "what differed, by the provider's names",
    "actions": "what operators did",
}
"""Rows of customers that no age ends, and why."""
NOBODYS = {
    "activations", "alerts", "backtests", "bundles", "house", "keys", "ledger_checks", "pauses",
    "proposals", "refused_applies", "throttles", "trigger_births", "workers",
    "console_users", "hours", "signed_tokens",
    "console_sessions", "console_attempts", "tallies", "trigger_hours", "payments",
}  # fmt: skip
"""What is of us, and of no customer."""
OTHERS = {"erased_contacts": "that who is erased had contacted us, and when"}


def end(room: Inbox) -> None:
    """Nothing waits any more, for nobody."""
    room.post.send(NOON + 4 * DAY)
    room.post.read(NOON + 4 * DAY)
    for table, state in ((handoffs, HandoffState.DONE), (callbacks, CallbackState.DELIVERED)):
        done = update(table).values(state=state.value)
        in_transaction(room.post.engine, lambda c, done=done: c.execute(done))


def test_every_table_has_an_age_or_a_reason_to_outlive_it() -> None:
    aged = {kept.table.name for those in CLASSES.values() for kept in those}
    named = {*OUTLIVES, *NOBODYS, *OTHERS}

    assert {table.name for table in metadata.sorted_tables} - aged - named == set()
    assert aged & {*OUTLIVES, *NOBODYS} == set()


@pytest.mark.parametrize("page", [3, 1000])
def test_past_every_age_only_the_profile_and_the_proof_of_refusals_are_left(
    engine: Engine, page: int
) -> None:
    room = lived(engine)
    end(room)

    forget(engine, ALL, now=FAR, page=page)

    assert {(table, column) for table, column, _ in found(engine)} == {
        ("customers", "profile"), ("customers", "phone"), ("customers", "email"),
        ("refusals", "wording"), ("suppressions", "wording"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("texts", {("attempts", "text"), ("handoffs", "text"), ("answers", "text")}),
        ("events", {("events", "data"), ("facts", "data"), ("customer_history", "changes")}),
        ("decisions", {("decisions", "key"), ("messages", "key"), ("handoffs", "key")}),
        ("raw", {("receipts", "raw"), ("inbound", "raw"), ("refused_events", "raw")}),
    ],
)
def test_a_class_without_an_age_keeps_all_of_its_own(
    engine: Engine, name: str, holds: set[tuple[str, str]]
) -> None:
    room = lived(engine)
    end(room)
    ages = {one: DAY * 31 for one in CLASSES if one != name}

    forget(engine, Retention(**ages), now=FAR)

    left = {(table, column) for table, column, _ in found(engine)}
    assert holds <= left
    others = {kept.table.name for one in ages for kept in CLASSES[one]}
    own = {kept.table.name for kept in CLASSES[name]}
    assert {table for table, _ in left} & (others - own) == set()


def test_what_people_have_yet_to_do_keeps_its_words(engine: Engine) -> None:
    lived(engine)

    forget(engine, ALL, now=FAR)

    kept = {column for table, column, _ in found(engine) if table == "handoffs"}
    assert kept == {"why", "text", "note", "key"}
