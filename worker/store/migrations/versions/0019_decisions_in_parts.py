"""On PostgreSQL the decisions in parts by month, and how often each busy table is vacuumed."""

from __future__ import annotations

from alembic import op

from worker.store.migrations.months import Months, part, whole

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

GROWING = "autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1"
# Rows that are written several times and leave an index of what waits each time.
BUSY = f"autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, {GROWING}"
# Few rows, written over and over without an index of theirs: with room beside it each stays where
# it is.
SMALL = "fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000"
SETTINGS = {
    **dict.fromkeys(("occurrences", "messages", "attempts", "receipts", "callbacks"), BUSY),
    # his row is held at each of his events, and written when his profile changes
    "customers": f"fillfactor = 90, {BUSY}",
    **dict.fromkeys(("event_ids", "spent", "customer_history"), GROWING),
    **dict.fromkeys(("tallies", "throttles", "workers", "alerts", "payments"), SMALL),
    **dict.fromkeys(("hours", "trigger_hours"), SMALL),
}
DECISIONS = Months(
    "decisions",
    "at",
    {
        "customer_id_at": "(customer_id, at)",
        "trigger_at": '("trigger", at)',
        "at": "USING brin (at) WITH (autosummarize = on, pages_per_range = 32)",
        "drawn": "(\"trigger\", customer_id, at) WHERE verdict = 'claimed' OR verdict = 'parked'"
        " OR verdict = 'handed_over' OR verdict = 'shadowed'"
        " OR (verdict = 'held_out' AND reason = 'holdout')"
        " OR (verdict = 'later' AND (reason = 'fuse' OR reason = 'spend'))",
    },
    GROWING,
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    part(DECISIONS)
    for table, settings in SETTINGS.items():
        op.execute(f"ALTER TABLE {table} SET ({settings})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, settings in SETTINGS.items():
        names = ", ".join(one.split("=")[0].strip() for one in settings.split(","))
        op.execute(f"ALTER TABLE {table} RESET ({names})")
    whole(DECISIONS)
