"""Does `outreach backtest` tell and keep what it found, and is the fuse measured by it?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from tests.worker.sending import HOUR, MINUTE, POLICY, Post, left, ready, rules, trigger
from tests.worker.small_world import NOON, event, files, read_all, rows, told
from tests.worker.test_apply_command import write
from triggers.configuration import read_configuration
from worker.cli.backtest import app
from worker.lifecycle import MessageState
from worker.steps.apply import apply
from worker.store.backtests import save_backtests
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import alerts, backtests, messages, occurrences

OFTEN = 1_000
POLICY_OF_ONE = POLICY + "fuse: {trigger: 1 per 1h}\n"


@pytest.fixture
def stored(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Four carts of an hour ago, of people who have phones; a configuration in force."""
    monkeypatch.setenv("OUTREACH_DATABASE_URL", sqlite_database_url)
    engine = make_engine(sqlite_database_url)
    apply(engine, files(), "tests")
    since = datetime.now(UTC) - 2 * HOUR - NOON
    for number in range(4):
        customer = f"c{number}"
        phone = {"phone": f"+97250123456{number}", "language": "en"}
        told(
            engine,
            event("customer.updated", f"p{number}", customer=customer, after=since, **phone),
            event("cart.left", f"e{number}", customer=customer, after=since, cart="k"),
            writes_customer=True,
        )
    read_all(engine, read_configuration(files()), now=datetime.now(UTC))
    yield engine
    engine.dispose()


def run(*given: str) -> Result:
    return CliRunner().invoke(app, list(given))


def outcomes(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_outcome_is_a_line(stored: Engine) -> None:
    lines = outcomes(run("cart", "--since", "1d", "--format", "json"))

    assert sorted((one["customer"], one["outcome"], one["text"]) for one in lines) == [
        (f"c{number}", "sent", "Hello") for number in range(4)
    ]


def test_people_read_a_sum(stored: Engine) -> None:
    told_ = run("--all").stdout.splitlines()

    assert told_[:3] == ["cart", "  sent                          4   sms 4",
                         "  SMS segments                  4"]  # fmt: skip
    assert told_[3] == told_[-2] == "  estimated cost          unknown   no price for sms"
    assert told_[-1] == "customers reached: 4"


def test_a_candidate_is_tried_on_what_is_stored(stored: Engine, tmp_path: Path) -> None:
    write(tmp_path, {**files(), "templates/hello/sms.en.txt": "Good day"})
    folders = ["--config", str(tmp_path / "config"), "--templates", str(tmp_path / "templates")]

    lines = outcomes(run("cart", "--format", "json", *folders))

    assert {one["text"] for one in lines} == {"Good day"}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["crat"], "there is no trigger 'crat', did you mean 'cart'?"),
        ([], "name one trigger, or write --all"),
        (["cart", "--all"], "name one trigger, or write --all"),
        (["cart", "--since", "30"], "'30' is not a duration"),
        (["cart", "--since", "0d"], "--since: '0d' is no time at all"),
    ],
)
def test_what_cannot_be_meant_is_said(stored: Engine, given: list[str], why: str) -> None:
    assert why in str(run(*given).exception)


def test_without_a_configuration_there_is_nothing_to_try(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", sqlite_database_url)

    assert "no configuration is in force" in str(run("cart").exception)


def test_the_busiest_hour_is_kept_only_when_asked_for(stored: Engine) -> None:
    run("cart")
    assert rows(stored, backtests) == []

    result = run("cart", "--save", "--format", "json")
    again = run("--all", "--save")

    kept = {row.trigger: row.busiest_hour for row in rows(stored, backtests)}
    assert kept == {"cart": 4, "plan": 0, "checks": 0}
    assert len(outcomes(result)) == 4
    assert result.stderr.splitlines() == [
        f"database: {stored.url.database}",
        "cart: at most 4 messages an hour; its fuse is 1000 an hour",
    ]
    assert again.exit_code == 0


def busy(post: Post, count: int) -> None:
    """So many messages of the trigger within the last hour, to others."""
    moment = NOON - 30 * MINUTE
    row = {
        "trigger": "hi", "customer_id": "x", "key": "k", "category": "service",
        "message": "hello", "language": "en", "channels": ["sms"], "channel": "sms",
        "state": MessageState.DELIVERED, "attempt": 1, "claimed_at": moment, "expires": NOON,
        "priority": 1, "bundle": "b" * 32, "start_source": "s", "start_id": "i", "hops": 0,
        "updated_at": NOON,
    }  # fmt: skip
    made = [
        {**row, "id": f"m{n:031}", "occurrence_id": f"o{n:031}", "epoch": str(n)}
        for n in range(count)
    ]

    def work(connection: Connection) -> None:
        connection.execute(insert(messages), made)

    in_transaction(post.engine, work)


def save_busiest(engine: Engine, number: int) -> None:
    row = {"trigger": "hi", "busiest_hour": number, "since": NOON, "tested_at": NOON,
           "bundle": "b" * 32}  # fmt: skip
    in_transaction(engine, lambda connection: save_backtests(connection, [row]))


@pytest.mark.parametrize(("busiest", "most"), [(None, OFTEN), (300, OFTEN), (400, 1_200)])
def test_a_trigger_above_three_times_its_busiest_hour_is_held_back(
    engine: Engine, busiest: int | None, most: int
) -> None:
    post = ready(engine, trigger(limits="{category: urgent}"))
    if busiest is not None:
        save_busiest(engine, busiest)
    post.told(left(cart="j"))
    busy(post, most - 1)

    post.send()

    waits = [row for row in rows(engine, occurrences) if row.state == "pending"]
    assert [(row.reason, row.detail, row.due) for row in waits] == [
        ("fuse", "trigger", NOON + 30 * MINUTE)
    ]
    assert len(post.sms.calls) == 1


def test_the_policy_s_own_fuse_counts_for_more(engine: Engine) -> None:
    post = ready(engine, trigger())
    policy_says = rules(policy=POLICY_OF_ONE)
    save_busiest(engine, 5_000)
    post.configuration = policy_says
    busy(post, 1)

    post.send()

    assert [row.reason for row in rows(engine, occurrences)] == ["fuse"]


def test_a_blown_fuse_is_told_once_an_hour(engine: Engine) -> None:
    post = ready(engine, trigger())
    busy(post, OFTEN)

    with capture_logs() as logs:
        post.send()
        post.told(left(cart="j"))
        post.send(NOON + MINUTE)

    assert [row.reason for row in rows(engine, occurrences)] == ["fuse", "paused"]
    blown = [one for one in logs if one["event"] == "fuse_blown"]
    assert [(one["log_level"], one["trigger"]) for one in blown] == [("error", "hi")]
    [alarm] = rows(engine, alerts)
    assert (alarm.kind, alarm.subject, alarm.times) == ("fuse_blown", "hi", 1)
    assert alarm.detail == (
        "1 wait; the first lapses at 2026-11-03T12:00Z, the last at 2026-11-03T12:00Z"
    )
