"""How busy each trigger was in its backtest: what its fuse is measured by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backtests",
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("busiest_hour", sa.Integer(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("tested_at", Moment(), nullable=False),
        sa.Column("bundle", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("trigger", name="pk_backtests"),
    )


def downgrade() -> None:
    op.drop_table("backtests")
