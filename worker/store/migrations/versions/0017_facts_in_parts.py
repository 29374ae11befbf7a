"""On PostgreSQL the facts in parts by customer, each vacuumed by itself.

They are copied: nobody evaluates meanwhile, and everything else goes on. The version before finds
the same table, with the key its statements name.
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PARTS = 8
KEY = "customer_id, path, key, type, time, source, id"
SETTINGS = "autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    # whoever waits for a lock has everybody else wait behind it
    op.execute("SET LOCAL lock_timeout = '30s'")
    op.execute("ALTER TABLE facts RENAME TO facts_before")
    op.execute("ALTER TABLE facts_before DROP CONSTRAINT pk_facts")
    op.execute("CREATE TABLE facts (LIKE facts_before) PARTITION BY HASH (customer_id)")
    for number in range(PARTS):
        op.execute(
            f"CREATE TABLE facts_{number} PARTITION OF facts"
            f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {number}) WITH ({SETTINGS})"
        )
    op.execute("INSERT INTO facts SELECT * FROM facts_before")
    # after the rows: to sort them once is quicker than to find each its place
    op.execute(f"ALTER TABLE facts ADD CONSTRAINT pk_facts PRIMARY KEY ({KEY})")
    op.execute("DROP TABLE facts_before")
    op.execute("ANALYZE facts")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE facts RENAME TO facts_parts")
    op.execute("CREATE TABLE facts (LIKE facts_parts)")
    op.execute("INSERT INTO facts SELECT * FROM facts_parts")
    op.execute("DROP TABLE facts_parts")
    op.execute(f"ALTER TABLE facts ADD CONSTRAINT pk_facts PRIMARY KEY ({KEY})")
