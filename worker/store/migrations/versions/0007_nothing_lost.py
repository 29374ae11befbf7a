"""What is asked of a provider, which alarms stand, and who did what: all that faults leave behind.

Every new column has a default, so that the version before this one goes on beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Json, Moment, Serial

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _columns()
    _indexes()
    op.create_table(
        "alerts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "subject", name="pk_alerts"),
    )
    op.create_table(
        "actions",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", Json(), nullable=False),
        sa.Column("result", Json(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_actions"),
    )
    op.create_index("ix_actions_at", "actions", ["at"])
    _ledger()


def _ledger() -> None:
    op.create_table(
        "ledger_checks",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "since", name="pk_ledger_checks"),
    )
    op.create_table(
        "ledger_differences",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(32), nullable=True),
        sa.Column("attempt", sa.SmallInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "kind", "provider_ref", name="pk_ledger_differences"),
    )


def _columns() -> None:
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("looks", sa.SmallInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("look_at", Moment(), nullable=True))
        table.add_column(sa.Column("unknown_at", Moment(), nullable=True))
    with op.batch_alter_table("throttles") as table:
        table.add_column(
            sa.Column("failures", sa.SmallInteger(), nullable=False, server_default="0")
        )
        table.add_column(sa.Column("breaks", sa.SmallInteger(), nullable=False, server_default="0"))


def _indexes() -> None:
    look = "state = 'unknown'"
    op.create_index(
        "ix_messages_look",
        "messages",
        ["look_at"],
        postgresql_where=sa.text(look),
        sqlite_where=sa.text(look),
    )
    heard = "state = 'accepted' OR state = 'sent'"
    op.create_index(
        "ix_messages_undelivered",
        "messages",
        ["channel", "updated_at"],
        postgresql_where=sa.text(heard),
        sqlite_where=sa.text(heard),
    )


def downgrade() -> None:
    for table in ("ledger_differences", "ledger_checks", "actions", "alerts"):
        op.drop_table(table)
    op.drop_index("ix_messages_undelivered", "messages")
    op.drop_index("ix_messages_look", "messages")
    with op.batch_alter_table("throttles") as throttles:
        throttles.drop_column("breaks")
        throttles.drop_column("failures")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("unknown_at")
        messages.drop_column("look_at")
        messages.drop_column("looks")
