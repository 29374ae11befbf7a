"""How are our commands started by the thousand? Forked from one process that has loaded them.

A start costs a hundredth of loading Python and every library again, so that a run is of faults
and not of imports. Each child is a session of its own, with its own environment and log.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from tests.faults.launch import prepare, run
from tests.journeys.stage import ROOT

PRELOADED = (
    "worker.cli.main", "worker.cli.api", "worker.cli.worker", "worker.cli.beat", "worker.cli.run",
    "worker.cli.child", "worker.tasks", "worker.http.app", "celery.apps.worker", "celery.fixups",
    "celery.concurrency.prefork", "celery.concurrency.thread", "celery.worker.components",
    "celery.worker.consumer", "celery.beat", "kombu.transport.redis", "redis", "uvicorn.main",
    "uvicorn.protocols.http.auto", "uvicorn.loops.auto", "psycopg", "holidays", "astral",
    "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite",
)  # fmt: skip


class Nursery:
    """The other side: asks for children and hears of their ends."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.ends: dict[int, int] = {}
        """Process -> its exit status, negative for a signal."""
        self._answers: list[int] = []
        self._heard = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdin
        assert self._process.stdout
        self._asking: IO[bytes] = self._process.stdin
        self._told: IO[bytes] = self._process.stdout
        self._asks = threading.Lock()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def start(
        self, command: Sequence[str], *, folder: Path, log: Path, environment: Mapping[str, str]
    ) -> int:
        """Its process id, which is that of its group too."""
        asked = {
            "command": list(command), "folder": str(folder), "log": str(log),
            "environment": dict(environment),
        }  # fmt: skip
        with self._asks:
            self._asking.write(json.dumps(asked).encode() + b"\n")
            self._asking.flush()
            with self._heard:
                assert self._heard.wait_for(lambda: self._answers, 30), "no child was born"
                return self._answers.pop()

    def close(self) -> None:
        self._asking.close()
        self._process.wait(20)
        self._thread.join()
        self._told.close()

    def _listen(self) -> None:
        for line in self._told:
            told = json.loads(line)
            with self._heard:
                if "born" in told:
                    self._answers.append(told["born"])
                else:
                    self.ends[told["ended"]] = told["status"]
                self._heard.notify_all()


def main() -> None:
    prepare()
    for name in PRELOADED:
        import_module(name)
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        unread = b""
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if woken in ready:
                os.read(woken, 4096)
                _reap()
            if 0 in ready:
                chunk = os.read(0, 65_536)
                if not chunk:
                    return
                *lines, unread = (unread + chunk).split(b"\n")
                for line in lines:
                    _tell(born=_birth(json.loads(line)))


def _birth(asked: Mapping[str, Any]) -> int:
    process = os.fork()
    if process:
        return process
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(asked["folder"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.closerange(3, 256)
    os.environ.clear()
    os.environ.update(asked["environment"])
    status = 1
    try:
        run(asked["command"])
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


def _reap() -> None:
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not process:
            return
        _tell(ended=process, status=os.waitstatus_to_exitcode(status))


def _tell(**words: int) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    main()
