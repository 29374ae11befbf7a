"""Does `outreach apply` put a folder in force, and tell what changed?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.worker.small_world import POLICY, TRIGGERS, files, rows
from triggers.configuration import bundle_hash
from worker.cli.apply import app
from worker.settings import Settings
from worker.steps.apply import NotApplied
from worker.store.engine import make_engine
from worker.store.tables import activations

OTHER = files(TRIGGERS["cart"].replace("1h", "2h"))
LOCKED = files(policy=POLICY + "approval: required\n")


def write(folder: Path, given: dict[str, str]) -> None:
    for name, text in given.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(folder: Path, *more: str) -> Result:
    given = ["--config", str(folder / "config"), "--templates", str(folder / "templates"), *more]
    return CliRunner().invoke(app, given)


@pytest.fixture
def url(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", sqlite_database_url)
    return sqlite_database_url


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def applied_by(url: str) -> list[tuple[str, str]]:
    engine = make_engine(url)
    found = [(row.bundle, row.by) for row in rows(engine, activations, "seq")]
    engine.dispose()
    return found


def test_a_folder_comes_into_force_and_again_changes_nothing(url: str, tmp_path: Path) -> None:
    write(tmp_path, files())
    digest = bundle_hash(files())

    first, again = run(tmp_path, "--by", "dana"), run(tmp_path, "--by", "dana")

    assert (first.exit_code, again.exit_code) == (0, 0)
    named = Settings(database_url=url).database_name
    assert first.stderr == again.stderr == f"database: {named}\n"
    assert first.stdout == f"in force: {digest}; triggers changed: cart, checks, plan\n"
    assert again.stdout == f"in force already: {digest}\n"
    assert applied_by(url) == [(digest, "dana")]


def test_facts_are_printed_as_json_too(url: str, tmp_path: Path) -> None:
    write(tmp_path, files())

    said = json.loads(run(tmp_path, "--format", "json").stdout)

    assert said == {
        "hash": bundle_hash(files()),
        "changed": ["cart", "checks", "plan"],
        "anew": True,
    }


def test_a_mistake_is_told_with_its_place_and_nothing_changes(url: str, tmp_path: Path) -> None:
    unused = {"templates/old/sms.en.txt": "a warning, and no mistake"}
    write(tmp_path, files("\ntrigger: cart\non: cart.lost\n") | unused)

    result = run(tmp_path)

    assert result.exit_code == 1
    assert f"\n{tmp_path}/config/triggers/cart.yaml:3:5: " in result.stderr
    assert applied_by(url) == []
    [refused] = told(run(tmp_path, "--list", "--format", "json"))
    assert refused["state"] == "refused"
    assert refused["mistakes"][0].startswith("config/triggers/cart.yaml:2:1: ")
    assert "warning: no trigger sends 'old'" in result.stderr
    assert not [one for one in refused["mistakes"] if "warning" in one]


def test_a_file_that_cannot_be_read_refuses_the_whole(url: str, tmp_path: Path) -> None:
    write(tmp_path, files())
    (tmp_path / "config/outreach.yaml").write_bytes(b"\xff")

    result = run(tmp_path)

    assert result.exit_code == 1
    assert "config/outreach.yaml:1:1: cannot be read" in result.stderr
    assert applied_by(url) == []


def test_an_earlier_one_comes_back_by_its_hash(url: str, tmp_path: Path) -> None:
    write(tmp_path, files())
    run(tmp_path, "--by", "dana")
    first = bundle_hash(files())
    write(tmp_path, OTHER)
    run(tmp_path, "--by", "dana")

    result = run(tmp_path, "--hash", first[:8], "--by", "omer")

    assert result.stdout == f"in force: {first}; triggers changed: cart\n"
    assert applied_by(url)[-1] == (first, "omer")


def test_a_hash_that_is_none_is_told_without_a_traceback(url: str, tmp_path: Path) -> None:
    result = run(tmp_path, "--hash", "nothing")

    assert isinstance(result.exception, NotApplied)
    assert "'nothing' is no hash" in str(result.exception)


@pytest.mark.parametrize("two", [("--hash", "--approve"), ("--hash", "--list")])
def test_what_contradicts_itself_puts_nothing_in_force(
    url: str, tmp_path: Path, two: tuple[str, str]
) -> None:
    write(tmp_path, files())
    run(tmp_path, "--by", "dana")
    first = bundle_hash(files())
    given = [word for one in two for word in ((one,) if one == "--list" else (one, first))]

    result = run(tmp_path, *given, "--by", "omer")

    assert result.exit_code == 2
    assert "one of them, not several" in result.output
    assert applied_by(url) == [(first, "dana")]


@pytest.mark.parametrize("name", ["eve\n2026-11-01  in force", "\x1b[2Keve", "e" * 201])
def test_a_name_cannot_forge_a_line_of_the_record(url: str, tmp_path: Path, name: str) -> None:
    write(tmp_path, files())

    result = run(tmp_path, "--by", name)

    assert result.exit_code == 2
    assert applied_by(url) == []


def test_two_people_put_it_in_force(url: str, tmp_path: Path) -> None:
    write(tmp_path, LOCKED)
    run(tmp_path, "--by", "dana")
    write(tmp_path, {**LOCKED, **OTHER, "config/outreach.yaml": LOCKED["config/outreach.yaml"]})

    waits = run(tmp_path, "--by", "dana")
    again = json.loads(run(tmp_path, "--by", "omer", "--format", "json").stdout)

    assert waits.exit_code == 3
    assert waits.stdout.startswith("not in force: proposed by dana; another person runs: ")
    assert again["proposed_by"] == "dana"
    command = waits.stdout.strip().rpartition(": ")[2].split()
    assert command[:3] == ["outreach", "apply", "--approve"]
    approved = run(tmp_path, *command[2:], "--by", "omer")
    assert approved.stdout == f"in force: {command[3]}; triggers changed: cart\n"
    assert applied_by(url)[-1] == (command[3], "omer")


def test_who_applied_what_is_shown_with_what_waits_for_a_second_person(
    url: str, tmp_path: Path
) -> None:
    write(tmp_path, LOCKED)
    run(tmp_path, "--by", "dana")
    write(tmp_path, OTHER)
    run(tmp_path, "--by", "omer")

    lines = run(tmp_path, "--list").stdout.splitlines()
    proposed, in_force = told(run(tmp_path, "--list", "--format", "json"))

    assert [line.split("  ", 1)[1] for line in lines] == [
        f"proposed  {bundle_hash(OTHER)}  by omer",
        f"in force  {bundle_hash(LOCKED)}  by dana  (what waits is being recomputed)",
    ]
    assert (proposed["state"], proposed["by"]) == ("proposed", "omer")
    assert {**in_force, "at": ""} == {
        "state": "in force",
        "hash": bundle_hash(LOCKED),
        "at": "",
        "by": "dana",
        "proposed_by": None,
        "recomputed": False,
    }
