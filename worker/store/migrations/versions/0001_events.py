"""What came in: events, and the customers they tell of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Json, Moment, Serial

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_ids",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name="pk_event_ids"),
    )
    op.create_table(
        "events",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.Column("hops", sa.SmallInteger(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("writes_customer", sa.Boolean(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("bundle", sa.String(32)),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("read_at", Moment()),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
    )
    op.create_index("ix_events_customer_id_time", "events", ["customer_id", "time"])
    _partial("ix_events_new", "events", ["seq"], "state = 'new'")
    op.create_index("ix_events_source_id", "events", ["source", "id"])
    _partial(
        "ix_events_unread", "events", ["customer_id", "seq"], "state = 'new' OR state = 'set_aside'"
    )
    op.create_table(
        "refused_events",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("id", sa.Text()),
        sa.Column("type", sa.Text()),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("raw_hash", sa.String(32), nullable=False),
        sa.Column("reasons", Json(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_refused_events"),
        sa.UniqueConstraint("raw_hash", name="uq_refused_events_raw_hash"),
    )
    _partial("ix_refused_events_open", "refused_events", ["received_at"], "state = 'refused'")
    op.create_table(
        "customers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("profile", Json(), nullable=False),
        sa.Column("field_orders", Json(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("merged_into", sa.Text()),
        sa.Column("erased_at", Moment()),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_index("ix_customers_email", "customers", ["email"])
    op.create_index("ix_customers_phone", "customers", ["phone"])
    op.create_table(
        "customer_history",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("changes", Json(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_customer_history"),
    )
    op.create_index("ix_customer_history_customer_id", "customer_history", ["customer_id", "at"])
    op.create_table(
        "facts",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("data", Json(), nullable=False),
        sa.Column("hops", sa.SmallInteger(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "customer_id", "path", "key", "type", "time", "source", "id", name="pk_facts"
        ),
    )


def downgrade() -> None:
    op.drop_table("facts")
    op.drop_table("customer_history")
    op.drop_table("customers")
    op.drop_table("refused_events")
    op.drop_table("events")
    op.drop_table("event_ids")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)
