"""On PostgreSQL the events in parts by the month of their receipt, made ahead and dropped whole.

On both it is known at once since when anything is set aside.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.migrations.months import Months, part, whole

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Each row is written once more, when it is read: long before a fifth of a month is dead, a search
# through the index of what is unread goes past what was.
SETTINGS = (
    "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,"
    " autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1"
)
ADDED = "set_aside"
EVENTS = Months(
    "events",
    "received_at",
    {
        "source_id": "(source, id)",
        "customer_id_time": "(customer_id, time)",
        "received_at": "USING brin (received_at) WITH (autosummarize = on, pages_per_range = 32)",
        "new": "(seq) WHERE state = 'new'",
        "unread": "(customer_id, seq) WHERE state = 'new' OR state = 'set_aside'",
        ADDED: "(received_at) WHERE state = 'set_aside'",
    },
    SETTINGS,
    added=ADDED,
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        part(EVENTS)
        return
    aside = sa.text("state = 'set_aside'")
    op.create_index("ix_events_set_aside", "events", ["received_at"], sqlite_where=aside)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        whole(EVENTS)
    op.drop_index("ix_events_set_aside", "events")
