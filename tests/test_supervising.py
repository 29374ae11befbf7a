"""Is the one process started again when it dies, alone on its data, and gone with its parent?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from worker.supervising import AlreadyRunning, alone_on
from worker.told import CANNOT_START

PARENT = """
import sys
from pathlib import Path
from worker.supervising import Parent, alone_on
with alone_on(Path(sys.argv[1])) as lock:
    raise SystemExit(Parent([sys.executable, "-c", sys.argv[2]], inherits=[lock.fileno()]).run())
"""
# Writes its own number, waits for the signal or for its parent's end, and then says so.
CHILD = """
import os, signal, sys, threading
from pathlib import Path
from worker.supervising import when_parent_ends
folder = Path({folder!r})
done = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: done.set())
when_parent_ends(sys.stdin.fileno(), done.set)
(folder / f"{{os.getpid()}}.began").touch()
while not done.wait(0.05):
    pass
(folder / f"{{os.getpid()}}.ended").touch()
"""


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def start(processes: list[subprocess.Popen[bytes]], tmp_path: Path) -> Callable[..., int]:
    def start(child: str) -> int:
        command = [sys.executable, "-c", PARENT, str(tmp_path), child]
        processes.append(subprocess.Popen(command, cwd=Path(__file__).parents[1]))
        return len(processes) - 1

    return start


def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def children(folder: Path, what: str = "began") -> list[int]:
    return sorted(int(path.stem) for path in folder.glob(f"*.{what}"))


def test_only_one_is_at_work_on_the_data(tmp_path: Path) -> None:
    with alone_on(tmp_path), pytest.raises(AlreadyRunning, match=str(os.getpid())):
        alone_on(tmp_path).__enter__()
    with alone_on(tmp_path):
        assert (tmp_path / "outreach.lock").read_text() == f"{os.getpid()}\n"


def test_a_child_that_dies_is_started_again(
    start: Callable[..., int], processes: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    start(CHILD.format(folder=str(tmp_path)))
    eventually(lambda: children(tmp_path))
    [first] = children(tmp_path)

    os.kill(first, signal.SIGKILL)

    eventually(lambda: len(children(tmp_path)) == 2)
    assert processes[0].poll() is None


def test_told_to_stop_it_stops_the_child_and_ends_well(
    start: Callable[..., int], processes: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    start(CHILD.format(folder=str(tmp_path)))
    eventually(lambda: children(tmp_path))

    processes[0].terminate()

    assert processes[0].wait(20) == 0
    assert children(tmp_path) == children(tmp_path, "ended")


def test_a_child_that_cannot_start_is_not_started_again(
    start: Callable[..., int], processes: list[subprocess.Popen[bytes]]
) -> None:
    start(f"raise SystemExit({CANNOT_START})")
    assert processes[0].wait(20) == CANNOT_START


def test_a_child_ends_with_a_parent_that_was_killed_and_the_next_waits_for_it(
    start: Callable[..., int], processes: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    start(CHILD.format(folder=str(tmp_path)))
    eventually(lambda: children(tmp_path))
    [orphan] = children(tmp_path)

    processes[0].kill()
    start(CHILD.format(folder=str(tmp_path)))

    eventually(lambda: len(children(tmp_path)) == 2)
    assert children(tmp_path, "ended") == [orphan]
