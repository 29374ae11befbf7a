"""Which tables are there? The one description that migrations and statements are held against.

Times are UTC. Hashes are 32 hexadecimal digits. Rows that outlive everything: event_ids, spent,
suppressions, address_marks, house.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from worker.store.parted import by_hash, by_month, with_parts
from worker.store.types import Json, Moment, Serial

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


def _blocks(name: str, column: str) -> Index:
    """For rows that come in the column's order: nearly free to keep, where there is such a kind."""
    options = {"autosummarize": True, "pages_per_range": 32}
    return Index(name, column, postgresql_using="brin", postgresql_with=options)


event_ids = Table(
    "event_ids",
    metadata,
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("hash", String(32), nullable=False),
    Column("received_at", Moment, nullable=False),
    PrimaryKeyConstraint("source", "id"),
)

events = Table(
    "events",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text),
    Column("time", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("hops", SmallInteger, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("writes_customer", Boolean, nullable=False),
    Column("door", Text, nullable=False),
    Column("bundle", String(32)),
    Column("state", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("error", Text),
    Column("read_at", Moment),
    Index("ix_events_source_id", "source", "id"),
    Index("ix_events_customer_id_time", "customer_id", "time"),
    _blocks("ix_events_received_at", "received_at"),
    _partial("ix_events_new", "seq", where="state = 'new'"),
    _partial(
        "ix_events_unread", "customer_id", "seq", where="state = 'new' OR state = 'set_aside'"
    ),
    _partial("ix_events_set_aside", "received_at", where="state = 'set_aside'"),
    **by_month("received_at"),
)

refused_events = Table(
    "refused_events",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("door", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("source", Text),
    Column("id", Text),
    Column("type", Text),
    Column("raw", Text, nullable=False),
    Column("raw_hash", String(32), nullable=False),
    Column("reasons", Json, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("raw_hash"),
    _partial("ix_refused_events_open", "received_at", where="state = 'refused'"),
)

customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("profile", Json, nullable=False),
    Column("field_orders", Json, nullable=False),
    Column("phone", Text),
    Column("email", Text),
    Column("merged_into", Text),
    Column("erased_at", Moment),
    Column("updated_at", Moment, nullable=False),
    Index("ix_customers_phone", "phone"),
    Index("ix_customers_email", "email"),
    _partial("ix_customers_merged_into", "merged_into", where="merged_into IS NOT NULL"),
)

customer_history = Table(
    "customer_history",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("changes", Json, nullable=False),
    Index("ix_customer_history_customer_id", "customer_id", "at"),
)

facts = Table(
    "facts",
    metadata,
    Column("customer_id", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("time", Moment, nullable=False),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("subject", Text),
    Column("data", Json, nullable=False),
    Column("hops", SmallInteger, nullable=False),
    Column("history", Boolean, nullable=False),
    PrimaryKeyConstraint("customer_id", "path", "key", "type", "time", "source", "id"),
    **by_hash("customer_id"),
)

# what the first facts of a key came to: only a shorter way to what the facts say
folds = Table(
    "folds",
    metadata,
    Column("customer_id", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("basis", String(32), nullable=False),
    Column("until_time", Moment, nullable=False),
    Column("until_source", Text, nullable=False),
    Column("until_id", Text, nullable=False),
    Column("told", Json, nullable=False),
    PrimaryKeyConstraint("customer_id", "trigger", "key"),
)

spent = Table(
    "spent",
    metadata,
    Column("key_hash", String(32), nullable=False),
    Column("epoch_hash", String(32), nullable=False),
    Column("trigger", Text, nullable=False),
    Column("epoch", Text),
    Column("start_time", Moment, nullable=False),
    Column("start_source", Text),
    Column("start_id", Text),
    Column("spent_at", Moment, nullable=False),
    PrimaryKeyConstraint("key_hash", "epoch_hash"),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("trigger", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("start_time", Moment, nullable=False),
    Column("start_source", Text, nullable=False),
    Column("start_id", Text, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("category", Text, nullable=False),
    Column("bundle", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("customer_id", "trigger", "key", "epoch"),
    _partial("ix_occurrences_due", "priority", "due", "id", where="state = 'pending'"),
    _partial("ix_occurrences_trigger", "trigger", "id", where="state = 'pending'"),
    _partial(
        "ix_occurrences_outdated",
        "trigger",
        "id",
        where="state = 'called_off' AND (reason = 'trigger_changed' OR reason = 'trigger_removed')",
    ),
)

# Whoever came as far as the draw of the arms (rule 12): the gates after it only put off.
DRAWN = (
    "verdict = 'claimed' OR verdict = 'parked' OR verdict = 'handed_over' OR verdict = 'shadowed'"
    " OR (verdict = 'held_out' AND reason = 'holdout')"
    " OR (verdict = 'later' AND (reason = 'fuse' OR reason = 'spend'))"
)

decisions = Table(
    "decisions",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("epoch", Text),
    Column("verdict", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("moment", Moment),
    Column("facts", Json, nullable=False),
    Column("bundle", String(32), nullable=False),
    Column("message_id", String(32)),
    Index("ix_decisions_customer_id_at", "customer_id", "at"),
    Index("ix_decisions_trigger_at", "trigger", "at"),
    _blocks("ix_decisions_at", "at"),
    _partial("ix_decisions_drawn", "trigger", "customer_id", "at", where=DRAWN),
    **by_month("at"),
)

erased_contacts = Table(
    "erased_contacts",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("time", Moment, nullable=False),
    Index("ix_erased_contacts_customer_id", "customer_id", "time"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("occurrence_id", String(32), nullable=False),
    Column("trigger", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("channels", Json, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text),
    Column("detail", Text),
    Column("attempt", SmallInteger, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("due", Moment),
    Column("expires", Moment, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("lease_owner", String(32)),
    Column("lease_until", Moment),
    Column("bundle", String(32), nullable=False),
    Column("start_source", Text, nullable=False),
    Column("start_id", Text, nullable=False),
    Column("hops", SmallInteger, nullable=False),
    Column("updated_at", Moment, nullable=False),
    # of an unknown one: since when, how often the provider was asked, and when it is asked next
    Column("looks", SmallInteger, nullable=False, server_default="0"),
    Column("look_at", Moment),
    Column("unknown_at", Moment),
    UniqueConstraint("occurrence_id"),
    Index("ix_messages_customer_id_claimed_at", "customer_id", "claimed_at"),
    Index("ix_messages_trigger_claimed_at", "trigger", "claimed_at"),
    _partial("ix_messages_due", "priority", "due", "id", where="state = 'planned'"),
    _partial("ix_messages_lease", "lease_until", where="state = 'sending'"),
    _partial("ix_messages_delivered", "updated_at", where="state = 'delivered'"),
    _partial("ix_messages_look", "look_at", where="state = 'unknown'"),
    _partial(
        "ix_messages_undelivered",
        "channel",
        "updated_at",
        where="state = 'accepted' OR state = 'sent'",
    ),
    _partial(
        "ix_messages_open", "state", "updated_at", where="state = 'unknown' OR state = 'parked'"
    ),
)

attempts = Table(
    "attempts",
    metadata,
    Column("message_id", String(32), nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("address", Text),
    Column("address_hash", String(32), nullable=False),
    Column("subject", Text),
    Column("text", Text),
    Column("html", Text),
    Column("headers", Json, nullable=False),
    Column("segments", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("lease_owner", String(32), nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("provider_ref", Text),
    Column("code", Text),
    Column("error", Text),
    Column("cost", Float),
    # whether what it cost is in `payments`
    Column("summed", Boolean),
    PrimaryKeyConstraint("message_id", "number"),
    Index("ix_attempts_address_hash_claimed_at", "address_hash", "claimed_at"),
    Index("ix_attempts_customer_id_claimed_at", "customer_id", "claimed_at"),
    Index("ix_attempts_sender_claimed_at", "sender", "claimed_at"),
    _blocks("ix_attempts_claimed_at", "claimed_at"),
    _partial("ix_attempts_paid", "trigger", "claimed_at", where="cost > 0"),
    _partial("ix_attempts_unsummed", "claimed_at", where="cost > 0 AND summed IS NULL"),
    _partial("ix_attempts_provider_ref", "provider_ref", where="provider_ref IS NOT NULL"),
)

# what was paid, in millionths, by the hour and by the minute (`span`, in seconds)
payments = Table(
    "payments",
    metadata,
    Column("span", SmallInteger, nullable=False),
    Column("start", Moment, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("amount", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    PrimaryKeyConstraint("span", "start", "trigger"),
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("occurrence_id", String(32)),
    Column("customer_id", Text, nullable=False),
    Column("trigger", Text),
    Column("key", Text),
    Column("queue", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("taken_by", Text),
    Column("updated_at", Moment, nullable=False),
    Column("message_id", String(32)),
    Column("inbound", Integer),
    Column("language", Text),
    Column("note", Text),
    Column("taken_at", Moment),
    Column("ended_at", Moment),
    UniqueConstraint("occurrence_id"),
    Index("ix_handoffs_queue_state_due", "queue", "state", "due"),
    Index("ix_handoffs_queue_created_at", "queue", "created_at"),
    Index("ix_handoffs_trigger_created_at", "trigger", "created_at"),
    Index("ix_handoffs_customer_id", "customer_id"),
    Index("ix_handoffs_created_at", "created_at"),
)

signed_tokens = Table(
    "signed_tokens",
    metadata,
    Column("provider", Text, nullable=False),
    Column("token", String(32), nullable=False),
    Column("said", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("provider", "token"),
    Index("ix_signed_tokens_at", "at"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("message_id", String(32), nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("raw", Json, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("provider", "message_id", "attempt", "status"),
    _partial("ix_receipts_new", "seq", where="state = 'new'"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(32), nullable=False),
    Column("channel", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("wording", Text),
    Column("at", Moment, nullable=False),
    Column("lifted_at", Moment),
    Column("lifted_by", Text),
    PrimaryKeyConstraint("address_hash", "channel", "category"),
)

address_marks = Table(
    "address_marks",
    metadata,
    Column("address_hash", String(32), nullable=False),
    Column("channel", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("address_hash", "channel"),
)

throttles = Table(
    "throttles",
    metadata,
    Column("name", Text, primary_key=True),
    Column("broken_until", Moment),
    Column("why", Text),
    # in a row: failures since the last success, and rests since then
    Column("failures", SmallInteger, nullable=False, server_default="0"),
    Column("breaks", SmallInteger, nullable=False, server_default="0"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("why", Text),
    Column("at", Moment, nullable=False),
)

tallies = Table(
    "tallies",
    metadata,
    Column("name", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("part", SmallInteger, nullable=False),
    Column("value", Float, nullable=False),
    PrimaryKeyConstraint("name", "labels", "part"),
)

# how often a trigger spoke in an hour; `watched`: whether it could have, all of that hour
trigger_hours = Table(
    "trigger_hours",
    metadata,
    Column("trigger", Text, nullable=False),
    Column("hour", Moment, nullable=False),
    Column("spoke", Integer),
    Column("repeats", Integer),
    Column("day", Integer),
    Column("watched", Boolean),
    PrimaryKeyConstraint("trigger", "hour"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("detail", Text),
    Column("closed_at", Moment),
    PrimaryKeyConstraint("kind", "subject"),
)

actions = Table(
    "actions",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Json, nullable=False),
    Column("result", Json, nullable=False),
    Index("ix_actions_at", "at"),
)

ledger_checks = Table(
    "ledger_checks",
    metadata,
    Column("sender", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("at", Moment, nullable=False),
    Column("compared", Integer, nullable=False),
    Column("differences", Integer, nullable=False),
    PrimaryKeyConstraint("sender", "since"),
)

ledger_differences = Table(
    "ledger_differences",
    metadata,
    Column("sender", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("provider_ref", Text, nullable=False),
    Column("message_id", String(32)),
    Column("attempt", SmallInteger),
    Column("detail", Text, nullable=False),
    Column("found_at", Moment, nullable=False),
    PrimaryKeyConstraint("sender", "kind", "provider_ref"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address_hash", String(32), nullable=False),
    Column("raw", Json, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("meaning", Text),
    Column("message_id", String(32)),
    Column("customer_id", Text),
    UniqueConstraint("provider", "provider_ref"),
    _partial("ix_inbound_new", "seq", where="state = 'new'"),
    Index("ix_inbound_address_hash", "address_hash", "received_at"),
    Index("ix_inbound_customer_id", "customer_id", "received_at"),
    Index("ix_inbound_received_at", "received_at"),
)

links = Table(
    "links",
    metadata,
    Column("token", Text, primary_key=True),
    Column("message_id", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_links_message_id", "message_id"),
)

clicks = Table(
    "clicks",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("token", Text, nullable=False),
    Column("message_id", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Index("ix_clicks_message_id", "message_id"),
)

answers = Table(
    "answers",
    metadata,
    Column("message_id", String(32), primary_key=True),
    Column("trigger", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("survey", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("score", SmallInteger),
    Column("text", Text),
    Column("at", Moment, nullable=False),
    Index("ix_answers_trigger_at", "trigger", "at"),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("subscription", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("due", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    _partial("ix_callbacks_waiting", "subscription", "due", where="state = 'waiting'"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("address_hash", String(32), nullable=False),
    Column("channel", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("wording", Text),
    Column("proof", Json, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_refusals_address_hash", "address_hash", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", String(32), nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("subject", Text),
    Column("text", Text, nullable=False),
    Column("html", Text),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("message_id", "attempt"),
)

bundles = Table(
    "bundles",
    metadata,
    Column("hash", String(32), primary_key=True),
    Column("files", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
)

activations = Table(
    "activations",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("bundle", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("recomputed_at", Moment),
    Column("proposed_by", Text),
)

proposals = Table(
    "proposals",
    metadata,
    Column("bundle", String(32), primary_key=True),
    Column("base", String(32), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

refused_applies = Table(
    "refused_applies",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("mistakes", Json, nullable=False),
)

trigger_births = Table(
    "trigger_births",
    metadata,
    Column("trigger", Text, primary_key=True),
    Column("born_at", Moment, nullable=False),
)

backtests = Table(
    "backtests",
    metadata,
    Column("trigger", Text, primary_key=True),
    Column("busiest_hour", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("tested_at", Moment, nullable=False),
    Column("bundle", String(32), nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

house = Table(
    "house",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("bundle", String(32)),
    Column("note", Text),
    Column("version", BigInteger().with_variant(Integer, "sqlite")),
)

# what was counted of an hour that has ended
hours = Table(
    "hours",
    metadata,
    Column("hour", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("hour", "what"),
)

console_users = Table(
    "console_users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("removed_at", Moment),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_console_sessions_name", "name"),
)

console_attempts = Table(
    "console_attempts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)

for _table in (events, decisions, facts):
    with_parts(_table)
