"""How does the database itself fare: its size, what is dead in it, its indexes and its parts?

Read from what the database keeps of itself, so that it costs the same however full it is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from worker.store.partitions import BY_MONTH, in_parts, lacking, left_over
from worker.store.tables import metadata

Facts = dict[str, Any]
LARGEST = 8
"""So many tables are told."""

# Parts are told as the table they belong to: so much of it is dead, and the worst kept of them.
_TABLES = text(
    "SELECT COALESCE(whole.relname, part.relname) AS name,"
    " SUM(pg_total_relation_size(part.oid)) AS bytes, SUM(of.n_live_tup) AS rows,"
    " SUM(of.n_dead_tup) AS dead, SUM(of.seq_scan) AS read_whole,"
    " MIN(COALESCE(of.last_autovacuum, of.last_vacuum))"
    " FILTER (WHERE of.n_dead_tup > 1000) AS vacuumed"
    " FROM pg_stat_user_tables AS of JOIN pg_class AS part ON part.oid = of.relid"
    " LEFT JOIN pg_inherits ON pg_inherits.inhrelid = part.oid"
    " LEFT JOIN pg_class AS whole ON whole.oid = pg_inherits.inhparent"
    " WHERE part.relkind = 'r' GROUP BY 1 ORDER BY 2 DESC, 1"
)
_INDEXES = text(
    "SELECT made.relname AS name, pg_index.indisvalid AS valid FROM pg_index"
    " JOIN pg_class AS made ON made.oid = pg_index.indexrelid"
    " WHERE pg_index.indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = "
    " (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('events')))"
)
_OVERALL = text(
    "SELECT pg_database_size(current_database()) AS bytes, age(datfrozenxid) AS age,"
    " (SELECT EXTRACT(epoch FROM MAX(now() - xact_start)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()) AS longest"
    " FROM pg_database WHERE datname = current_database()"
)
_REPLICAS = text(
    "SELECT application_name AS name,"
    " COALESCE(EXTRACT(epoch FROM replay_lag), 0) AS seconds FROM pg_stat_replication"
    " ORDER BY application_name"
)
_SLOTS = text(
    "SELECT slot_name AS name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS bytes"
    " FROM pg_replication_slots WHERE NOT active AND NOT pg_is_in_recovery() ORDER BY slot_name"
)


def look(connection: Connection, now: datetime) -> Facts:
    """What `doctor` tells of storage; `now` by the database's clock."""
    if not in_parts(connection):
        return _of_sqlite(connection)
    overall = connection.execute(_OVERALL).one()
    names, invalid = _indexes(connection)
    tables = connection.execute(_TABLES).all()
    return {
        "kind": "postgresql",
        "bytes": int(overall.bytes),
        "transaction_age": int(overall.age),
        "longest_transaction_seconds": round(float(overall.longest or 0)),
        "tables": [_table(row) for row in tables if row.name in metadata.tables][:LARGEST],
        "indexes_missing": sorted(_wanted() - names),
        "indexes_invalid": invalid,
        "months_without_part": [
            f"{table.name} {month:%Y-%m}"
            for table in BY_MONTH
            for month in lacking(connection, table, now)
        ],
        "outside_their_months": [t.name for t in BY_MONTH if left_over(connection, t)],
        "replicas": [_named(row, "seconds") for row in connection.execute(_REPLICAS)],
        "idle_slots": [_named(row, "bytes") for row in connection.execute(_SLOTS)],
    }


def _table(row: Any) -> Facts:
    dead, rows = int(row.dead), int(row.rows)
    return {
        "table": row.name,
        "bytes": int(row.bytes),
        "rows": rows,
        "dead": dead,
        "read_whole": int(row.read_whole or 0),
        "vacuumed": None if row.vacuumed is None else row.vacuumed.isoformat(),
    }


def _named(row: Any, what: str) -> Facts:
    return {"name": row.name, what: round(float(row._mapping[what] or 0))}


def _wanted() -> set[str]:
    return {str(one.name) for table in metadata.tables.values() for one in table.indexes}


def _indexes(connection: Connection) -> tuple[set[str], Sequence[str]]:
    rows = connection.execute(_INDEXES).all()
    return {row.name for row in rows}, sorted(row.name for row in rows if not row.valid)


def _of_sqlite(connection: Connection) -> Facts:
    """`free_bytes`: pages that rows have left, and that new ones take."""

    def pragma(name: str) -> int:
        return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)

    page = pragma("page_size")
    there = text("SELECT name FROM sqlite_master WHERE type = 'index'")
    return {
        "kind": "sqlite",
        "bytes": pragma("page_count") * page,
        "free_bytes": pragma("freelist_count") * page,
        "log_bytes": _size(f"{connection.engine.url.database}-wal"),
        "indexes_missing": sorted(_wanted() - set(connection.scalars(there))),
    }


def _size(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0
