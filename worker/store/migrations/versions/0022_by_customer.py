"""One index less of occurrences: what waits for a customer is found by the key that names it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NAME = "ix_occurrences_waiting"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # a night's forgetting holds its rows for long; whoever comes after this waits behind it
        op.execute("SET LOCAL lock_timeout = '30s'")
    op.drop_index(NAME, "occurrences")


def downgrade() -> None:
    waits = sa.text("state = 'pending'")
    op.create_index(
        NAME,
        "occurrences",
        ["customer_id", "trigger", "key"],
        postgresql_where=waits,
        sqlite_where=waits,
    )
