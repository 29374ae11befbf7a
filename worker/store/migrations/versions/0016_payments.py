"""How much was paid by the hour and the minute, so that no claim adds up a day of payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("start", Moment(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("span", "start", "trigger", name="pk_payments"),
    )
    op.add_column("attempts", sa.Column("summed", sa.Boolean()))
    _index("ix_attempts_paid", ["trigger", "claimed_at"], "cost > 0")
    _index("ix_attempts_unsummed", ["claimed_at"], "cost > 0 AND summed IS NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    told = sa.text(where)
    op.create_index(name, "attempts", columns, postgresql_where=told, sqlite_where=told)


def downgrade() -> None:
    op.drop_index("ix_attempts_unsummed", "attempts")
    op.drop_index("ix_attempts_paid", "attempts")
    op.drop_column("attempts", "summed")
    op.drop_table("payments")
