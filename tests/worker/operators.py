"""What an operator has before him: a small world in force, and its commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, delete
from typer import Typer
from typer.testing import CliRunner, Result

from tests.worker.sending import OFFERS, POLICY, TEXTS, Post
from tests.worker.small_world import files
from triggers.configuration import read_configuration
from worker.steps.apply import apply
from worker.store.actions import last_actions
from worker.store.engine import in_transaction, reading
from worker.store.tables import trigger_births

Call = Callable[..., Result]


def in_force(engine: Engine, *triggers: str, policy: str = POLICY, **texts: str) -> Post:
    """These triggers and no others are what a command finds, too."""
    made = files(*triggers, without=("cart", "plan", "checks"), policy=policy)
    offers = OFFERS if any("message: offer" in one for one in triggers) else {}
    whole = {**made, **TEXTS, **offers, **texts}
    apply(engine, whole, "test")
    # the events of the small world came before today
    in_transaction(engine, lambda connection: connection.execute(delete(trigger_births)))
    return Post(engine, read_configuration(whole))


def said(app: Typer, *arguments: str) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def told(app: Typer, *arguments: str) -> list[dict[str, Any]]:
    done = said(app, *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def on_record(engine: Engine) -> list[tuple[str, str, Any]]:
    """(who, what, of what), the oldest first."""
    rows = reading(engine, lambda connection: last_actions(connection, most=100))
    return [(row.by, row.action, row.target) for row in reversed(rows)]


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", url)
    monkeypatch.setenv("OUTREACH_SUPPRESSION_KEY", "a key of the tests")
