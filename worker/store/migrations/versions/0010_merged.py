"""Which ids somebody had before: found without reading every customer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index(
        "ix_customers_merged_into",
        "customers",
        ["merged_into"],
        postgresql_where=merged,
        sqlite_where=merged,
    )


def downgrade() -> None:
    op.drop_index("ix_customers_merged_into", "customers")
