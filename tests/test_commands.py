"""Does every command start, and none of them for the sake of another?"""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest
from typer.testing import CliRunner

import worker.cli
from worker.cli.main import COMMANDS, app


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worker.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name, (_, about) in COMMANDS.items():
        assert name in shown
        assert about.split()[0] in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0
    assert f"Usage: root {name}" in shown.output


def test_every_module_with_a_command_is_named() -> None:
    modules = {found.name for found in pkgutil.iter_modules(worker.cli.__path__)} - {"main"}
    with_command = {
        f"worker.cli.{name}"
        for name in modules
        if hasattr(import_module(f"worker.cli.{name}"), "app")
    }
    assert with_command == {module for module, _ in COMMANDS.values()}


def test_help_imports_no_command_and_nothing_heavy() -> None:
    code = (
        "import sys, json\n"
        "from worker.cli.main import main\n"
        "sys.argv = ['outreach', '--help']\n"
        "try:\n main()\nexcept SystemExit:\n pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = set(json.loads(done.stderr))
    assert not loaded & {"celery", "sqlalchemy", "fastapi", "pydantic", "jinja2", "twilio"}
    assert not loaded & {module for module, _ in COMMANDS.values()}


def test_an_unknown_command_is_met_with_the_one_that_was_meant() -> None:
    done = run("aply")
    assert done.returncode == 2
    assert "apply" in done.stderr


@pytest.mark.parametrize("name", ["api", "worker", "beat"])
def test_what_lives_in_several_processes_refuses_the_broker_of_one(name: str) -> None:
    done = run(name)
    assert done.returncode == 1
    assert "OUTREACH_BROKER_URL" in done.stderr
    assert "outreach run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["api", "worker"])
def test_several_processes_must_be_told_how_to_sign(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("OUTREACH_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("OUTREACH_DATABASE_URL", f"sqlite:///{tmp_path}/outreach.db")
    done = run(name)
    assert done.returncode == 1
    assert "OUTREACH_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr
