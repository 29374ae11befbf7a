"""Does whoever watches a long command see how far it has come, and nobody else?"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.worker.small_world import files
from tests.worker.test_apply_command import write
from tests.worker.test_simulate import DANA, LEFT, lines_of

SIMULATE = (sys.executable, "-m", "worker.cli.main", "simulate", "--format", "json")


def seen_on(terminal: int) -> str:
    found = b""
    while True:
        try:
            found += (piece := os.read(terminal, 65_536))
        except OSError:  # how Linux says that nobody writes there any more
            break
        if not piece:
            break
    return found.decode()


def test_a_terminal_shows_how_far_simulate_is_and_the_lines_stay_clean(tmp_path: Path) -> None:
    write(tmp_path, files())
    (tmp_path / "events.jsonl").write_text(lines_of([LEFT]))
    (tmp_path / "customers.jsonl").write_text(lines_of([DANA]))
    given = ("--config", "config", "--templates", "templates")
    named = ("--events", "events.jsonl", "--customers", "customers.jsonl")
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm"}

    with subprocess.Popen(
        (*SIMULATE, *given, *named),
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        shown = seen_on(ours)
        printed = process.stdout.read().decode()
    os.close(ours)

    assert process.returncode == 0, shown
    assert {
        word for word in ("customers", "reading", "deciding", "100 %") if word not in shown
    } == set()
    assert [line[0] for line in printed.splitlines()] == ["{"]
