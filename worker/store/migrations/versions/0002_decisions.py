"""What was decided, by which configuration, and what is spent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Json, Moment, Serial

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spent",
        sa.Column("key_hash", sa.String(32), nullable=False),
        sa.Column("epoch_hash", sa.String(32), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text()),
        sa.Column("start_time", Moment(), nullable=False),
        sa.Column("start_source", sa.Text()),
        sa.Column("start_id", sa.Text()),
        sa.Column("spent_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", "epoch_hash", name="pk_spent"),
    )
    op.create_table(
        "occurrences",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("start_time", Moment(), nullable=False),
        sa.Column("start_source", sa.Text(), nullable=False),
        sa.Column("start_id", sa.Text(), nullable=False),
        sa.Column("moment", Moment(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("bundle", sa.String(32), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_occurrences"),
        sa.UniqueConstraint(
            "customer_id",
            "trigger",
            "key",
            "epoch",
            name="uq_occurrences_customer_id_trigger_key_epoch",
        ),
    )
    _partial("ix_occurrences_due", "occurrences", ["priority", "due", "id"], "state = 'pending'")
    _partial(
        "ix_occurrences_outdated",
        "occurrences",
        ["trigger", "id"],
        "state = 'called_off' AND (reason = 'trigger_changed' OR reason = 'trigger_removed')",
    )
    _partial("ix_occurrences_trigger", "occurrences", ["trigger", "id"], "state = 'pending'")
    _partial(
        "ix_occurrences_waiting",
        "occurrences",
        ["customer_id", "trigger", "key"],
        "state = 'pending'",
    )
    op.create_table(
        "decisions",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text()),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("moment", Moment()),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("bundle", sa.String(32), nullable=False),
        sa.Column("message_id", sa.String(32)),
        sa.PrimaryKeyConstraint("seq", name="pk_decisions"),
    )
    op.create_index("ix_decisions_customer_id_at", "decisions", ["customer_id", "at"])
    op.create_index("ix_decisions_trigger_at", "decisions", ["trigger", "at"])
    op.create_table(
        "bundles",
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("files", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_bundles"),
    )
    op.create_table(
        "activations",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("bundle", sa.String(32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("recomputed_at", Moment()),
        sa.PrimaryKeyConstraint("seq", name="pk_activations"),
    )
    op.create_table(
        "trigger_births",
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("born_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("trigger", name="pk_trigger_births"),
    )
    op.create_table(
        "keys",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment()),
        sa.PrimaryKeyConstraint("hash", name="pk_keys"),
    )
    op.create_table(
        "house",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_house"),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("bundle", sa.String(32)),
        sa.Column("note", sa.Text()),
        sa.Column("version", Serial),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_table("house")
    op.drop_table("keys")
    op.drop_table("trigger_births")
    op.drop_table("activations")
    op.drop_table("bundles")
    op.drop_table("decisions")
    op.drop_table("occurrences")
    op.drop_table("spent")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)
