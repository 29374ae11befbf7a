"""Do the commands that the documents show for asking why answer what stands there?"""

from __future__ import annotations

import re
import shlex
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from typer.testing import CliRunner

from tests.worker.operators import use
from tests.worker.sending import dana
from tests.worker.small_world import read_all, told
from triggers.clock import UTC
from triggers.configuration import read_configuration
from triggers.events import Event
from triggers.explaining.told import Silence
from worker.cli.main import COMMANDS
from worker.folder import read_folders
from worker.steps.apply import apply
from worker.store.engine import in_transaction
from worker.store.tables import activations, outbox, trigger_births

ROOT = Path(__file__).parents[2]
README, OPERATIONS = (
    (ROOT / name).read_text("utf-8") for name in ("README.md", "docs/operations.md")
)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.search(
    r"^```text\n(times: [^\n]*\nabandoned_checkout .*?)^```$", README, re.MULTILINE | re.DOTALL
)
ELEVEN = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
VERSION = re.compile(r"version \w+")
LINES = [
    line
    for document in (README, OPERATIONS)
    for block in BLOCK.findall(document)
    for line in block.splitlines()
    if line.startswith(("outreach explain", "outreach preview"))
]


@pytest.fixture
def shop(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The configuration of this repository, and a customer whose cart is small."""
    use(monkeypatch, database_url)
    files, _ = read_folders(ROOT / "config", ROOT / "templates")
    apply(engine, files, "test")

    def long_ago(connection: object) -> None:
        for change in (
            update(activations).values(at=ELEVEN - timedelta(days=1)),
            update(trigger_births).values(born_at=ELEVEN - timedelta(days=1)),
        ):
            connection.execute(change)  # type: ignore[attr-defined]

    in_transaction(engine, long_ago)
    data = {"cart_id": "k7", "total": 40}
    started = Event("shop", "e1", "checkout.started", ELEVEN, "c7", data, ELEVEN, "c7")
    told(engine, dana("c7"), writes_customer=True)
    told(engine, started)
    read_all(engine, read_configuration(files), now=ELEVEN)
    return engine


def said(line: str) -> str:
    _, name, *arguments = shlex.split(line, comments=True)
    done = CliRunner().invoke(import_module(COMMANDS[name][0]).app, arguments)
    assert done.exit_code == 0, (line, done.output, done.exception)
    return done.stdout


def test_the_readme_shows_what_the_command_says(shop: Engine) -> None:
    assert SHOWN is not None
    [line] = [one for one in LINES if f"\n{one}\n" in README]

    assert VERSION.sub("version", said(line)) == VERSION.sub("version", SHOWN[1])


def test_every_command_that_is_shown_can_be_said(shop: Engine) -> None:
    assert {line.split()[1] for line in LINES} == {"explain", "preview"}

    answers = [said(line) for line in LINES]

    assert all(answers)
    with shop.connect() as connection:
        assert [row.text[:9] for row in connection.execute(outbox.select())] == ["PREVIEW: "]


def test_every_silence_is_explained() -> None:
    assert [one for one in Silence if f"`{one.value}`" not in OPERATIONS] == []
