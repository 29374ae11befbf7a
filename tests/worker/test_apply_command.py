"""Does `outreach apply` put a folder in force, and tell what changed?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.worker.small_world import files, rows
from triggers.configuration import bundle_hash
from worker.cli.apply import app
from worker.store.engine import make_engine
from worker.store.tables import activations


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
    assert first.output == f"in force: {digest}; triggers changed: cart, checks, plan\n"
    assert again.output == f"in force already: {digest}\n"
    assert applied_by(url) == [(digest, "dana")]


def test_facts_are_printed_as_json_too(url: str, tmp_path: Path) -> None:
    write(tmp_path, files())

    told = json.loads(run(tmp_path, "--format", "json").output)

    assert told == {
        "hash": bundle_hash(files()),
        "changed": ["cart", "checks", "plan"],
        "anew": True,
    }


def test_a_mistake_is_told_with_its_place_and_nothing_changes(url: str, tmp_path: Path) -> None:
    write(tmp_path, files("\ntrigger: cart\non: cart.lost\n"))

    result = run(tmp_path)

    assert result.exit_code == 1
    assert "config/triggers/cart.yaml:3:5: " in result.stderr
    assert applied_by(url) == []
