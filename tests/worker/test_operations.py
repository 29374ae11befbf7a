"""Do the commands that docs/operations.md shows to the person on duty work as they stand there?"""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from tests.worker.operators import use
from worker.cli.main import COMMANDS
from worker.folder import read_folders
from worker.steps.apply import apply

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MINE = ("pause", "resume", "parked", "withdraw", "replay")
LINES = [
    line
    for block in BLOCK.findall((ROOT / "docs" / "operations.md").read_text("utf-8"))
    for line in block.splitlines()
    if line.startswith(tuple(f"outreach {name}" for name in MINE))
]


def test_each_command_is_shown() -> None:
    assert {line.split()[1] for line in LINES} == set(MINE)


def test_what_is_shown_can_be_said_one_after_the_other(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, database_url)
    files, _ = read_folders(ROOT / "config", ROOT / "templates")
    apply(engine, files, "test")

    for line in LINES:
        _, name, *arguments = shlex.split(line, comments=True)
        done = CliRunner().invoke(import_module(COMMANDS[name][0]).app, arguments)
        assert done.exit_code == 0, (line, done.output, done.exception)
