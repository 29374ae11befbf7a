"""By which rows it is known what each system is to be told next, apart from the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index("ix_callbacks_waiting", ["subscription", "due"])
    op.drop_index("ix_callbacks_due", "callbacks")


def _index(name: str, columns: list[str]) -> None:
    waiting = sa.text("state = 'waiting'")
    op.create_index(name, "callbacks", columns, postgresql_where=waiting, sqlite_where=waiting)


def downgrade() -> None:
    _index("ix_callbacks_due", ["due"])
    op.drop_index("ix_callbacks_waiting", "callbacks")
