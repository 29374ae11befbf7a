"""What did a bundle of the store say, as this version reads it?"""

from __future__ import annotations

from sqlalchemy import Connection

from triggers.configuration import Configuration, ConfigurationRefused, read_configuration
from worker.store.bundles import bundle_files


def compiled(connection: Connection, digest: str) -> Configuration | None:
    """None where this version would no longer take it."""
    try:
        return read_configuration(bundle_files(connection, digest))
    except ConfigurationRefused:
        return None
