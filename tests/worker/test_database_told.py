"""Does one line say what is wrong with the database, whichever command met it?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from worker.cli.database import NotOfThisVersion, check_database, told_of
from worker.settings import read_settings
from worker.store.engine import make_engine, out_of_reach

ROOT = Path(__file__).parents[2]
PASSWORD = "hush-hush-hush-hush"
COMMANDS = [
    ["apply"],
    ["plan"],
    ["publish", "-"],
    ["customers", "import", "-"],
    ["keys", "list"],
    ["keys", "add", "x"],
    ["replay", "refused"],
    ["api"],
    ["worker"],
    ["beat"],
]


def outreach(
    arguments: Sequence[str], url: str, monkeypatch: pytest.MonkeyPatch
) -> subprocess.CompletedProcess[str]:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", url)
    monkeypatch.setenv("OUTREACH_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("OUTREACH_SECRET_KEY", "a-signing-key-of-the-tests")
    return subprocess.run(
        [sys.executable, "-m", "worker.cli.main", *arguments],
        cwd=ROOT,
        capture_output=True,
        input="",
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_without_tables_is_told_in_one_line(
    command: list[str], bare_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = outreach(command, bare_sqlite_url, monkeypatch)

    assert done.returncode == 78
    assert done.stderr.splitlines()[-1:] == [
        f"{bare_sqlite_url.removeprefix('sqlite:///')}: the database has no tables, or those of"
        " another version: `outreach db upgrade` comes first"
    ]
    assert "Traceback" not in done.stderr


def test_who_looks_for_what_make_run_made_is_told_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OUTREACH_DATABASE_URL", "sqlite:///var/outreach.db")
    demo = Path("var", "demo", "outreach.db")
    demo.parent.mkdir(parents=True)
    demo.touch()

    with pytest.raises(NotOfThisVersion) as named:
        check_database(read_settings())
    monkeypatch.delenv("OUTREACH_DATABASE_URL")
    with pytest.raises(NotOfThisVersion) as unnamed:
        check_database(read_settings())

    assert "make run" not in str(named.value)
    assert f"export OUTREACH_DATABASE_URL=sqlite:///{demo}" in str(unnamed.value)


def test_who_may_read_and_not_write_is_told_so(engine: Engine) -> None:
    only = (
        "PRAGMA query_only = ON" if engine.dialect.name == "sqlite" else "SET TRANSACTION READ ONLY"
    )
    with engine.connect() as connection:
        connection.execute(text(only))
        with pytest.raises(DBAPIError) as refused:
            connection.execute(text("DELETE FROM workers"))
        connection.invalidate()

    told = told_of(refused.value)

    assert "it may only be read" in str(told)
    assert "DELETE FROM" not in str(told)


LEFT_BEHIND = """DO $$ BEGIN
    EXECUTE 'PREPARE theirs AS SELECT 1'; EXECUTE 'PREPARE theirs AS SELECT 1';
END $$"""
TAKEN_AWAY = "EXECUTE theirs"


@pytest.mark.parametrize("found", [LEFT_BEHIND, TAKEN_AWAY])
def test_a_pooler_that_mixes_connections_up_is_told_of(
    postgres_database_url: str, found: str
) -> None:
    engine = make_engine(postgres_database_url)
    with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text(found))
    engine.dispose()

    assert "pool_mode = session" in str(told_of(refused.value))
    assert out_of_reach(refused.value), "no event is to blame"


@pytest.mark.parametrize("command", [["keys", "list"], ["worker"]], ids=" ".join)
def test_postgresql_without_tables_is_told_as_well(
    command: list[str], bare_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = outreach(command, bare_postgres_url, monkeypatch)

    assert done.returncode == 78
    assert "`outreach db upgrade` comes first" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["db", "upgrade"], ["apply"], ["beat"]], ids=" ".join)
def test_a_server_that_is_down_is_told_by_its_place_alone(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql+psycopg://somebody:{PASSWORD}@127.0.0.1:1/outreach"

    done = outreach(command, url, monkeypatch)

    assert done.returncode == 1
    *which, line = done.stderr.splitlines()
    assert which in ([], ["database: 127.0.0.1:1/outreach"])
    assert line.startswith("cannot reach 127.0.0.1:1/outreach: ")
    assert "refused" in line
    assert PASSWORD not in done.stderr
    assert "somebody" not in done.stderr


def test_a_file_that_cannot_be_opened_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = outreach(["db", "upgrade"], f"sqlite:///{tmp_path}", monkeypatch)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"database: {tmp_path}",
        f"cannot reach {tmp_path}: unable to open database file",
    ]


@pytest.mark.parametrize("command", [["plan"], ["apply"], ["db", "upgrade"], ["api"]], ids=" ".join)
def test_a_file_that_is_no_database_is_told(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Dana, " * 100)

    done = outreach(command, f"sqlite:///{letter}", monkeypatch)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"{letter}: file is not a database"
    assert "Traceback" not in done.stderr
    assert letter.read_text() == "Dear Dana, " * 100
