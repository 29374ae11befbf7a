"""What the first facts of a key came to, so that a key of many is not told from the beginning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Json, Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "folds",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(32), nullable=False),
        sa.Column("until_time", Moment(), nullable=False),
        sa.Column("until_source", sa.Text(), nullable=False),
        sa.Column("until_id", sa.Text(), nullable=False),
        sa.Column("told", Json(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "trigger", "key", name="pk_folds"),
    )


def downgrade() -> None:
    op.drop_table("folds")
