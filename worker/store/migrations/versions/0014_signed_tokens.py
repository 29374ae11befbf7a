"""Which tokens a provider has signed its calls with: one that is known says no other thing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signed_tokens",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("said", sa.String(32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "token", name="pk_signed_tokens"),
    )
    op.create_index("ix_signed_tokens_at", "signed_tokens", ["at"])


def downgrade() -> None:
    op.drop_table("signed_tokens")
