"""Who makes the first user of the console? The start of the first process that serves it."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine

from worker.passwords import SHORTEST_PASSWORD, hash_password, new_password
from worker.steps.signing_in import fit
from worker.store.actions import note_action
from worker.store.clock import read_now
from worker.store.console_users import Role, add_user, any_user
from worker.store.engine import in_transaction, reading

log = structlog.get_logger(__name__)

NAME = "admin"
FILE = "console.password"


def make_first_admin(engine: Engine, folder: Path, given: str | None) -> None:
    """Where nobody ever was a user: `admin`, with the password given or one made and kept in a file
    of the folder that only its owner can read. Any number of processes may do this at once."""
    if reading(engine, any_user):
        return
    try:
        password = fit(given) if given else _kept(folder / FILE)
    except OSError:
        log.warning(
            "no_console_user",
            why="the folder of the data cannot be written: set OUTREACH_CONSOLE_PASSWORD"
            " or make a user by `outreach users add`",
        )
        return
    hashed = hash_password(password)

    def work(connection: Connection) -> bool:
        now = read_now(connection)
        # the name's own row decides between two who come at once
        added = not any_user(connection) and add_user(connection, NAME, Role.ADMIN, hashed, now=now)
        if added:
            target = {"user": NAME, "role": Role.ADMIN}
            note_action(connection, "add user", target, by="outreach", now=now)
        return added

    if in_transaction(engine, work) and not given:
        log.info("console_user_made", user=NAME, password_in=str(folder / FILE))


def forget_first_password(folder: Path) -> None:
    """What no longer opens anything need not lie about."""
    with suppress(OSError):
        (folder / FILE).unlink(missing_ok=True)


def _kept(path: Path) -> str:
    """What stands there whole, else a new one; no link is followed to where others write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        # whoever comes while another writes would read nothing: an empty password opens the door
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
        kept = file.read().strip()
        if len(kept) >= SHORTEST_PASSWORD:
            return kept
        made = new_password()
        file.seek(0)
        file.truncate()
        file.write(made + "\n")
        file.flush()
        os.fsync(descriptor)
        return made
