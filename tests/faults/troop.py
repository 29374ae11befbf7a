"""Who runs, who lies dead, who is frozen? All processes of an installation, tended as compose does.

What dies is started again at once; what was stopped goes on when its time is over.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.hurry import LEASE
from tests.faults.nursery import Nursery
from tests.faults.points import FOLDER, ROLE, fired

LOOK_SECONDS = 0.05
LONGER_THAN_A_LEASE = LEASE.total_seconds() + 1.0
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@dataclass
class Member:
    """One role: how it is started, and how its process stands. `shifted`: on another clock."""

    command: Sequence[str]
    shifted: bool = False
    process: int = 0
    born: float = 0.0
    thaw_at: float | None = None
    other: subprocess.Popen[bytes] | None = None


@dataclass
class Troop:
    nursery: Nursery
    folder: Path
    environment: Mapping[str, str]
    members: Mapping[str, Member]
    kills: Counter[str] = field(default_factory=Counter)
    """By the point or `anywhere`: SIGKILLs that hit a process of ours."""
    stops: Counter[str] = field(default_factory=Counter)
    frozen: list[tuple[str, float, float]] = field(default_factory=list)
    """Role, from, until: by the wall clock."""
    deaths: Counter[str] = field(default_factory=Counter)
    """Ends that nobody caused by a signal: role and status."""

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._tend, daemon=True)

    def begin(self) -> None:
        for name in self.members:
            self._start(name)
        self._thread.start()

    def end(self) -> None:
        """As a power cut would; nobody is started again."""
        self._ending.set()
        if self._thread.ident:
            self._thread.join()
        for member in self.members.values():
            self._signal(member, signal.SIGKILL)
            if member.other:
                member.other.wait()

    def age(self, name: str) -> float:
        """Seconds that it runs by now; 0 while it is frozen."""
        member = self.members[name]
        return 0.0 if member.thaw_at else time.monotonic() - member.born

    def kill(self, name: str) -> None:
        with self._lock:
            self._signal(self.members[name], signal.SIGKILL)
            self.kills["anywhere"] += 1

    def kill_all(self) -> None:
        """So that all of them start once more."""
        with self._lock:
            for member in self.members.values():
                self._signal(member, signal.SIGKILL)

    def ask_to_end(self, name: str) -> None:
        with self._lock:
            self._signal(self.members[name], signal.SIGTERM)

    def freeze(self, name: str, seconds: float = LONGER_THAN_A_LEASE) -> None:
        with self._lock:
            self._signal(self.members[name], signal.SIGSTOP)
            self._frozen(name, seconds, "anywhere")

    def thaw(self, name: str) -> None:
        with self._lock:
            member = self.members[name]
            if member.thaw_at is not None:
                member.thaw_at = None
                self._signal(member, signal.SIGCONT)
                role, since, _ = next(one for one in reversed(self.frozen) if one[0] == name)
                self.frozen.append((role, since, time.time()))

    def thaw_all(self) -> None:
        for name in self.members:
            self.thaw(name)

    def _frozen(self, name: str, seconds: float, why: str) -> None:
        self.members[name].thaw_at = time.monotonic() + seconds
        now = time.time()
        self.frozen.append((name, now - 2 * LOOK_SECONDS, now + seconds + 2 * LOOK_SECONDS))
        self.stops[why] += 1

    def _start(self, name: str) -> None:
        member = self.members[name]
        scratch = self.folder / "tmp" / name
        scratch.mkdir(parents=True, exist_ok=True)
        ours = {FOLDER: str(self.folder), ROLE: name, "TMPDIR": str(scratch)}
        environment = {**self.environment, **ours}
        log = self.folder / f"{name}.log"
        if member.shifted:
            member.other = _on_another_clock(member.command, self.folder, log, environment)
            member.process = member.other.pid
        else:
            member.process = self.nursery.start(
                member.command, folder=self.folder, log=log, environment=environment
            )
        member.born = time.monotonic()
        member.thaw_at = None

    def _tend(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            with self._lock:
                self._note_fired()
                for name, member in self.members.items():
                    if member.thaw_at is not None and time.monotonic() >= member.thaw_at:
                        self.thaw(name)
                    self._raise_again(name, member)

    def _note_fired(self) -> None:
        for point, role, action in fired(self.folder):
            if action == "SIGKILL":
                self.kills[point] += 1
            elif role in self.members:
                self._frozen(role, LONGER_THAN_A_LEASE, point)

    def _raise_again(self, name: str, member: Member) -> None:
        status = self._ended(member)
        if status is None:
            return
        if status not in (0, -signal.SIGKILL):
            self.deaths[f"{name} {status}"] += 1
        # whoever led a group may leave children behind, which would work on
        self._signal(member, signal.SIGKILL)
        self._start(name)

    def _ended(self, member: Member) -> int | None:
        if member.other:
            return member.other.poll()
        return self.nursery.ends.pop(member.process, None)

    @staticmethod
    def _signal(member: Member, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(member.process, number)


def _on_another_clock(
    command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """An hour ahead; its monotonic clock is everybody's."""
    shifted = {
        "LD_PRELOAD": str(FAKETIME), "FAKETIME": "+1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.launch", *command],
            cwd=folder, env={**environment, **shifted}, stdout=file, stderr=file,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
