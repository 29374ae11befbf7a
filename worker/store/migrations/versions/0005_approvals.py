"""Who proposed what a second person put in force, and what was refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Json, Moment, Serial

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activations", sa.Column("proposed_by", sa.Text()))
    # a table of its own: to a version that knows no approval, a row of activations is in force
    op.create_table(
        "proposals",
        sa.Column("bundle", sa.String(32), nullable=False),
        sa.Column("base", sa.String(32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("bundle", name="pk_proposals"),
    )
    op.create_table(
        "refused_applies",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("mistakes", Json(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_refused_applies"),
    )


def downgrade() -> None:
    op.drop_table("refused_applies")
    op.drop_table("proposals")
    op.drop_column("activations", "proposed_by")
