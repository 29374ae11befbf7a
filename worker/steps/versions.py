"""By which version of the configuration was something decided, and what did it say?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Connection

from triggers.configuration import Configuration, ConfigurationRefused, read_configuration
from triggers.definitions import Policy, Trigger
from triggers.explaining.known import Rules
from triggers.explaining.settings import Files
from worker.store.bundles import bundle_files

MOST_READ = 4
"""So many older versions are read for one question; what others decided is told by what is now."""
MOST_KEPT = 4
"""The texts of so many are kept in a process: one page asks for the same ones again and again."""


class Bundle(dict[str, str]):
    """A bundle's texts, under the hash that names them for ever."""

    def __init__(self, digest: str, files: Mapping[str, str]) -> None:
        super().__init__(files)
        self.digest = digest

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bundle) and other.digest == self.digest


@lru_cache(maxsize=8)
def read_bundle(bundle: Bundle) -> Configuration | None:
    """None where this version of the program would no longer take it."""
    try:
        return read_configuration(bundle)
    except ConfigurationRefused:
        return None


@dataclass
class Versions:
    """The configuration that was in force, and those that others of the decisions were made by."""

    connection: Connection
    configuration: Configuration
    bundle: str
    outdated: bool = False
    """Whether something is told by other rules than those it was decided by."""
    _read: dict[str, Configuration | None] = field(default_factory=dict)
    _files: dict[str, Files] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return self.configuration.policy

    def now(self, trigger: Trigger) -> Rules:
        return Rules(self.bundle, trigger, self.policy, self._texts(self.bundle))

    def then(self, trigger: Trigger, bundle: str | None) -> Rules:
        """The rules of that version; those in force where they can be read no more."""
        if bundle is None or bundle == self.bundle:
            return self.now(trigger)
        found = self._configuration(bundle)
        same = found.triggers.get(trigger.name) if found is not None else None
        if found is None or same is None:
            self.outdated = True
            return Rules(bundle, trigger, self.policy, self._texts(self.bundle))
        return Rules(bundle, same, found.policy, self._texts(bundle))

    def _configuration(self, bundle: str) -> Configuration | None:
        if bundle not in self._read:
            full = len(self._read) >= MOST_READ
            self._read[bundle] = None if full else read_version(self.connection, bundle)
        return self._read[bundle]

    def _texts(self, bundle: str) -> Files:
        if bundle not in self._files:
            self._files[bundle] = Files(_files(self.connection, bundle))
        return self._files[bundle]


def read_version(connection: Connection, bundle: str) -> Configuration | None:
    """Read once in a process; None where it is not kept, or not understood."""
    files = _files(connection, bundle)
    return read_bundle(Bundle(bundle, files)) if files else None


def _files(connection: Connection, bundle: str) -> Mapping[str, str]:
    """Under its hash it is the same for ever, whichever database it is read from."""
    found = _kept.get(bundle)
    if found is not None:
        return found
    try:
        found = bundle_files(connection, bundle)
    except KeyError:
        return {}
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[bundle] = found
    return found


_kept: dict[str, Mapping[str, str]] = {}
