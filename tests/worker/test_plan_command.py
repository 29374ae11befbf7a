"""Does `outreach plan` tell people and machines what an apply would change?"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.worker.small_world import HASHER, TRIGGERS, event, files, incoming, publish
from tests.worker.test_apply_command import write
from triggers.configuration import bundle_hash, read_configuration
from triggers.facts import TriggerKey
from worker.cli.plan import app
from worker.hashing import Hasher
from worker.steps.apply import apply
from worker.steps.evaluate import evaluate
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine
from worker.store.house_key import hashing_key
from worker.store.tables import spent

KEY = TriggerKey("cart", "c1", "k")
LONGER = files(TRIGGERS["cart"].replace("1h", "2h"))


def run(folder: Path, *more: str) -> Result:
    given = ["--config", str(folder / "config"), "--templates", str(folder / "templates"), *more]
    return CliRunner().invoke(app, given)


@pytest.fixture
def house(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A cart was left and waits; the database has made its own key."""
    monkeypatch.setenv("OUTREACH_DATABASE_URL", sqlite_database_url)
    engine = make_engine(sqlite_database_url)
    apply(engine, files(), "dana")
    hasher = Hasher(in_transaction(engine, lambda c: hashing_key(c, None)))
    now = in_transaction(engine, read_now)
    publish(engine, [incoming(event("cart.left", "1", cart="k"))], now=now)
    evaluate(engine, read_configuration(files()), hasher)
    engine.dispose()
    return sqlite_database_url


def test_what_would_move_is_told_with_its_moments(house: str, tmp_path: Path) -> None:
    write(tmp_path, LONGER)

    result = run(tmp_path)

    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        f"in force: {bundle_hash(files())}; this is {bundle_hash(LONGER)}",
        "  changed  config/triggers/cart.yaml",
        "cart (changed): 1 waiting, 0 added, 1 moved, 0 called off, 0 stay",
        "    moved  c1  k  once  2026-11-02 13:00 UTC → 2026-11-02 14:00 UTC",
    ]


def test_machines_get_one_object(house: str, tmp_path: Path) -> None:
    write(tmp_path, LONGER)

    told = json.loads(run(tmp_path, "--format", "json").output)

    assert (told["active"], told["hash"]) == (bundle_hash(files()), bundle_hash(LONGER))
    [cart] = told["triggers"]
    assert cart["changes"] == {"added": 0, "moved": 1, "called_off": 0}
    assert cart["sample"][0]["after"] == "2026-11-02T14:00:00.000000Z"


def test_a_sample_is_as_long_as_asked_for(house: str, tmp_path: Path) -> None:
    write(tmp_path, LONGER)

    assert len(run(tmp_path, "--sample", "0").output.splitlines()) == 3


def test_what_is_spent_is_known_by_the_key_of_the_database(house: str, tmp_path: Path) -> None:
    """A plan that hashed by another key would let what is spent wait again."""
    engine = make_engine(house)
    hasher = Hasher(in_transaction(engine, lambda c: hashing_key(c, None)))
    assert hasher.key(KEY) != HASHER.key(KEY)
    row = {"key_hash": hasher.key(KEY), "epoch_hash": hasher.epoch(KEY, "once"), "trigger": "cart"}
    start = in_transaction(engine, read_now) - timedelta(days=1)
    row |= {"epoch": "once", "start_time": start, "spent_at": start}
    in_transaction(engine, lambda c: c.execute(spent.insert().values(row)))
    engine.dispose()
    write(tmp_path, LONGER)

    told = json.loads(run(tmp_path, "--format", "json").output)

    assert told["triggers"][0]["changes"] == {"added": 0, "moved": 0, "called_off": 1}


def test_what_is_in_force_and_what_is_new_are_told_apart(house: str, tmp_path: Path) -> None:
    write(tmp_path, files())
    assert run(tmp_path).output == f"in force already: {bundle_hash(files())}\n"

    write(tmp_path, files(TRIGGERS["cart"].replace("trigger: cart", "trigger: letters")))
    assert run(tmp_path).output.splitlines()[2:] == [
        "letters (new): sees what is received after its apply"
    ]


def test_a_mistake_is_told_with_its_place(house: str, tmp_path: Path) -> None:
    write(tmp_path, files("\ntrigger: cart\non: cart.lost\n"))

    result = run(tmp_path)

    assert result.exit_code == 1
    assert f"\n{tmp_path}/config/triggers/cart.yaml:3:5: " in result.stderr
