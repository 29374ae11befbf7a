"""What happened hour by hour, and by which rows a page counts the last one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# rows come in the order of these moments, so that a block's first and last are all there is to know
BLOCKS = (("events", "received_at"), ("decisions", "at"), ("attempts", "claimed_at"))
FEW = (("inbound", "received_at"), ("handoffs", "created_at"))


def upgrade() -> None:
    op.create_table(
        "hours",
        sa.Column("hour", Moment(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "what", name="pk_hours"),
    )
    for table, column in BLOCKS:
        op.create_index(
            f"ix_{table}_{column}",
            table,
            [column],
            postgresql_using="brin",
            postgresql_with={"autosummarize": True, "pages_per_range": 32},
        )
    for table, column in FEW:
        op.create_index(f"ix_{table}_{column}", table, [column])
    delivered = "state = 'delivered'"
    op.create_index(
        "ix_messages_delivered",
        "messages",
        ["updated_at"],
        postgresql_where=sa.text(delivered),
        sqlite_where=sa.text(delivered),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_delivered", "messages")
    for table, column in (*FEW, *BLOCKS):
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_table("hours")
