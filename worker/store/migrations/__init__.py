"""How does a database come to have the tables of this version?"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

from worker.store.clock import read_now
from worker.store.partitions import in_peace, make_ahead
from worker.store.version import is_current

FOLDER = Path(__file__).parent


def upgrade(engine: Engine) -> None:
    """Bring the database to this version; harmless where it is, and while others do the same.

    An empty one gets all at once. Where others are at work each migration is a transaction: none
    keeps the locks of the one before, and whoever holds what two of them want stops neither.
    """
    while _further(engine):
        pass
    # what somebody holds just now is made by the nightly tick
    in_peace(engine, lambda connection: make_ahead(connection, read_now(connection)))


def _further(engine: Engine) -> bool:
    """Whether there may be more to do."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # one at a time: each service may start its own
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5550)")
        if is_current(connection):
            return False
        first = not MigrationContext.configure(connection).get_current_heads()
        command.upgrade(_config(connection), "head" if first else "+1")
    return True


def _config(connection: Connection) -> Config:
    config = Config()
    # Alembic reads % as the beginning of a name to fill in
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
