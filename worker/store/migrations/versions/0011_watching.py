"""What was counted, and how often each trigger speaks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", "part", name="pk_tallies"),
    )
    op.create_table(
        "trigger_hours",
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("hour", Moment(), nullable=False),
        sa.Column("spoke", sa.Integer(), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("watched", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("trigger", "hour", name="pk_trigger_hours"),
    )
