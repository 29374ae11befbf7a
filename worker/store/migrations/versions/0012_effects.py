"""Who was drawn into which arm, found at once; and that who is erased had contacted us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Moment, Serial

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drawn = sa.text(
        "verdict = 'claimed' OR verdict = 'parked' OR verdict = 'handed_over'"
        " OR verdict = 'shadowed'"
        " OR (verdict = 'held_out' AND reason = 'holdout')"
        " OR (verdict = 'later' AND (reason = 'fuse' OR reason = 'spend'))"
    )
    op.create_index(
        "ix_decisions_drawn",
        "decisions",
        ["trigger", "customer_id", "at"],
        postgresql_where=drawn,
        sqlite_where=drawn,
    )
    op.create_table(
        "erased_contacts",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_erased_contacts"),
    )
    op.create_index("ix_erased_contacts_customer_id", "erased_contacts", ["customer_id", "time"])


def downgrade() -> None:
    op.drop_table("erased_contacts")
    op.drop_index("ix_decisions_drawn", "decisions")
