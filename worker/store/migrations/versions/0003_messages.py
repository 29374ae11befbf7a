"""What left, what came back, and what must never be written to again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Json, Moment, Serial

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("occurrence_id", sa.String(32), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("channels", Json(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=False),
        sa.Column("due", Moment()),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("lease_owner", sa.String(32)),
        sa.Column("lease_until", Moment()),
        sa.Column("bundle", sa.String(32), nullable=False),
        sa.Column("start_source", sa.Text(), nullable=False),
        sa.Column("start_id", sa.Text(), nullable=False),
        sa.Column("hops", sa.SmallInteger(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("occurrence_id", name="uq_messages_occurrence_id"),
    )
    op.create_index("ix_messages_customer_id_claimed_at", "messages", ["customer_id", "claimed_at"])
    _partial("ix_messages_due", "messages", ["priority", "due", "id"], "state = 'planned'")
    _partial("ix_messages_lease", "messages", ["lease_until"], "state = 'sending'")
    _partial(
        "ix_messages_open",
        "messages",
        ["state", "updated_at"],
        "state = 'unknown' OR state = 'parked'",
    )
    op.create_index("ix_messages_trigger_claimed_at", "messages", ["trigger", "claimed_at"])
    op.create_table(
        "attempts",
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("address_hash", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("html", sa.Text()),
        sa.Column("headers", Json(), nullable=False),
        sa.Column("segments", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.String(32), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment()),
        sa.Column("provider_ref", sa.Text()),
        sa.Column("code", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("cost", sa.Float()),
        sa.PrimaryKeyConstraint("message_id", "number", name="pk_attempts"),
    )
    op.create_index(
        "ix_attempts_address_hash_claimed_at", "attempts", ["address_hash", "claimed_at"]
    )
    op.create_index("ix_attempts_customer_id_claimed_at", "attempts", ["customer_id", "claimed_at"])
    _partial("ix_attempts_provider_ref", "attempts", ["provider_ref"], "provider_ref IS NOT NULL")
    op.create_index("ix_attempts_sender_claimed_at", "attempts", ["sender", "claimed_at"])
    op.create_table(
        "handoffs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("occurrence_id", sa.String(32)),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text()),
        sa.Column("key", sa.Text()),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("taken_by", sa.Text()),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
        sa.UniqueConstraint("occurrence_id", name="uq_handoffs_occurrence_id"),
    )
    op.create_index("ix_handoffs_customer_id", "handoffs", ["customer_id"])
    op.create_index("ix_handoffs_queue_created_at", "handoffs", ["queue", "created_at"])
    op.create_index("ix_handoffs_queue_state_due", "handoffs", ["queue", "state", "due"])
    op.create_index("ix_handoffs_trigger_created_at", "handoffs", ["trigger", "created_at"])
    op.create_table(
        "receipts",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("raw", Json(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_receipts"),
        sa.UniqueConstraint(
            "provider",
            "message_id",
            "attempt",
            "status",
            name="uq_receipts_provider_message_id_attempt_status",
        ),
    )
    _partial("ix_receipts_new", "receipts", ["seq"], "state = 'new'")
    op.create_table(
        "suppressions",
        sa.Column("address_hash", sa.String(32), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text()),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("lifted_at", Moment()),
        sa.Column("lifted_by", sa.Text()),
        sa.PrimaryKeyConstraint("address_hash", "channel", "category", name="pk_suppressions"),
    )
    op.create_table(
        "address_marks",
        sa.Column("address_hash", sa.String(32), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", "channel", name="pk_address_marks"),
    )
    op.create_table(
        "throttles",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("broken_until", Moment()),
        sa.Column("why", sa.Text()),
        sa.PrimaryKeyConstraint("name", name="pk_throttles"),
    )
    op.create_table(
        "pauses",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_pauses"),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text()),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "attempt", name="pk_outbox"),
    )


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("pauses")
    op.drop_table("throttles")
    op.drop_table("address_marks")
    op.drop_table("suppressions")
    op.drop_table("receipts")
    op.drop_table("handoffs")
    op.drop_table("attempts")
    op.drop_table("messages")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)
