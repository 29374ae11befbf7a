"""How does `outreach run` follow its own folder? It applies it at start and when a file changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import structlog
from sqlalchemy.exc import SQLAlchemyError

from triggers.configuration import ConfigurationRefused
from triggers.mistakes import Mistake
from worker.bells import Bell
from worker.folder import read_folders
from worker.steps.apply import ApprovalNeeded, apply
from worker.told import Told
from worker.wiring import Parts

log = structlog.get_logger(__name__)

GAP = timedelta(seconds=2)
BY = "outreach run"

Looks = frozenset[tuple[str, int, int]]


class NothingToFollow(Told):
    """The folder is wrong, and nothing was ever applied that could stay in force."""


class Watch:
    """A mistake leaves the last good configuration in force, and says so."""

    def __init__(self, parts: Parts, *, gap: timedelta = GAP) -> None:
        self._parts = parts
        self._gap = gap.total_seconds()
        self._seen: Looks = frozenset()
        self._ended = Event()
        self._thread = Thread(target=self._run, name="folder", daemon=True)

    def begin(self) -> None:
        """Apply now; NothingToFollow with every mistake where there is no last good one either."""
        self.look()
        if self._parts.configuration() is None:
            missing = f"{self._parts.settings.config_dir}: there is no configuration"
            raise NothingToFollow(self._parts.configuration_mistake or missing)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def look(self) -> None:
        """Apply the folder if it looks other than last time."""
        looks = frozenset(_looks(self._parts.settings.config_dir)) | frozenset(
            _looks(self._parts.settings.templates_dir)
        )
        if looks != self._seen:
            self._apply()
            self._seen = looks

    def _apply(self) -> None:
        settings = self._parts.settings
        files, mistakes = read_folders(settings.config_dir, settings.templates_dir)
        try:
            if mistakes:
                raise ConfigurationRefused(mistakes)
            applied = apply(self._parts.engine, files, by=BY)
        except ConfigurationRefused as refused:
            self._tell(refused.errors)
            return
        except ApprovalNeeded as needed:
            self._parts.following.look_again(mistake=f"{needed}: `outreach apply` proposes it")
            log.error("configuration_needs_approval", why=str(needed))
            return
        self._parts.following.look_again(mistake=None)
        if applied.anew:
            log.info("configuration_applied", bundle=applied.hash, changed=applied.changed)
            self._parts.ring(Bell.RECOMPUTE)

    def _tell(self, mistakes: tuple[Mistake, ...]) -> None:
        self._parts.following.look_again(mistake="\n".join(map(str, mistakes)))
        for mistake in mistakes:
            log.error("configuration_refused", mistake=str(mistake))

    def _run(self) -> None:
        while not self._ended.wait(self._gap):
            try:
                self.look()
            except (OSError, SQLAlchemyError):
                log.exception("folder_not_followed")


def _looks(folder: Path) -> Iterator[tuple[str, int, int]]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            try:
                found = os.stat(path)
            except FileNotFoundError:
                continue
            yield path, found.st_mtime_ns, found.st_size
