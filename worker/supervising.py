"""Who starts the one process again when it dies, and sees that there is only one on its data?"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import IO

import structlog

from worker.told import CANNOT_START, Told

log = structlog.get_logger(__name__)

LOCK = "outreach.lock"
FIRST_PAUSE = timedelta(seconds=0.5)
LONGEST_PAUSE = timedelta(seconds=30)
# The last child of a parent that was killed needs a moment to notice and to finish.
DYING = timedelta(seconds=40)


class AlreadyRunning(Told):
    """Somebody else is at work on this data."""


@contextmanager
def alone_on(data: Path) -> Iterator[IO[str]]:
    """Hold the data folder's lock; AlreadyRunning where another process that lives has it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / LOCK).open("a+") as lock:
        _take(lock, data)
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield lock


def _take(lock: IO[str], data: Path) -> None:
    waited = timedelta()
    while not _taken(lock):
        lock.seek(0)
        holder = lock.read().strip()
        if waited >= DYING or (holder.isdigit() and _lives(int(holder))):
            raise AlreadyRunning(
                f"outreach is running on {data} already (process {holder or 'unknown'});"
                " stop it first, or name another database by OUTREACH_DATABASE_URL and another"
                " port by --port"
            )
        threading.Event().wait(0.1)
        waited += timedelta(seconds=0.1)


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Parent:
    """Starts the child, starts it again when it dies, and passes on that it is time to stop."""

    def __init__(self, command: Sequence[str], *, inherits: Sequence[int]) -> None:
        """`inherits`: descriptors that the child has as well, such as the lock's, so that no
        second one starts while it still works."""
        self._command = command
        self._inherits = inherits
        self.log: IO[bytes] | None = None
        self._stopping = False
        self._child: subprocess.Popen[bytes] | None = None
        # A pipe, since nothing else may be touched in a signal's handler while somebody waits.
        self._woken, self._wake = os.pipe()

    def run(self) -> int:
        """Return the last child's exit status, once it was told to stop or cannot start."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            status = self._one_child()
            if self._stopping or status == CANNOT_START:
                return status
            if time.monotonic() - began > LONGEST_PAUSE.total_seconds():
                pause = FIRST_PAUSE
            log.error("child_died", status=status, again_in=pause.total_seconds())
            if self._stopped_within(pause):
                return 0
            pause = min(pause * 2, LONGEST_PAUSE)

    def _one_child(self) -> int:
        # The child reads the end of this pipe: however the parent ends, the child learns it.
        with subprocess.Popen(  # noqa: S603 - the command is ours
            self._command,
            stdin=subprocess.PIPE,
            stderr=self.log,
            pass_fds=self._inherits,
        ) as child:
            self._child = child
            if self._stopping:
                child.terminate()
            status = child.wait()
        self._child = None
        return status

    def _stopped_within(self, pause: timedelta) -> bool:
        woken, _, _ = select.select([self._woken], [], [], pause.total_seconds())
        return bool(woken)

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        os.write(self._wake, b".")
        if self._child is not None:
            self._child.terminate()


def when_parent_ends(pipe: int, act: Callable[[], object]) -> None:
    """Call `act` once nobody holds the other end of `pipe` any more."""

    def watch() -> None:
        # Not the buffered file: a thread that waits in it cannot be left behind at exit.
        while os.read(pipe, 1):
            pass
        act()

    threading.Thread(target=watch, name="parent's end", daemon=True).start()
