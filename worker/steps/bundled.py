"""What did a bundle of the store say, as this version reads it?"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from triggers.configuration import Configuration, ConfigurationRefused, read_configuration
from triggers.reading.layout import POLICY
from worker.store.bundles import bundle_files

_WANTED = re.compile(r"^approval\s*:\s*[\"']?required\b", re.MULTILINE)


def compiled(connection: Connection, digest: str) -> Configuration | None:
    """None where this version would no longer take it."""
    try:
        return read_configuration(bundle_files(connection, digest))
    except ConfigurationRefused:
        return None


def wants_approval(connection: Connection, digest: str) -> bool:
    """Whether another bundle needs a second person while this one is in force."""
    read = compiled(connection, digest)
    if read is not None:
        return read.policy.approval_required
    # what this version cannot read must not thereby lose its lock
    return bool(_WANTED.search(bundle_files(connection, digest).get(POLICY, "")))
