"""Do files of events and customers come in whole, and are keys made and taken back?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from tests.worker.http.conftest import Open, Street
from tests.worker.http.house import ALL, BILLING, FILES, House, bearer, event
from worker.cli import keys as keys_command
from worker.cli import publish as publish_command
from worker.cli.lines import MOST_LINES
from worker.settings import Settings
from worker.steps.apply import apply
from worker.store.engine import reading
from worker.store.keys import hash_secret, read_keys
from worker.store.tables import events, refused_events

Run = Callable[..., Any]


@pytest.fixture
def run(database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call a command with the environment of this database; answers its result."""
    apply(engine, FILES, "test")
    monkeypatch.setenv("OUTREACH_DATABASE_URL", database_url)

    def call(command: Any, *arguments: str, **more: Any) -> Any:
        return CliRunner().invoke(command.app, list(arguments), **more)

    return call


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who does not ask whether the doors know a key by the time it is shown."""
    monkeypatch.setattr(keys_command, "REFRESH_SECONDS", 0)


def written(path: Path, *lines: Any) -> str:
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(texts) + b"\n")
    return str(path)


def fresh(number: int, **more: Any) -> dict[str, Any]:
    """An event of now: these commands live on the database's clock."""
    return event(id=f"e{number}", time=..., **more)


def rows(engine: Engine, table: Any) -> list[Any]:
    return list(reading(engine, lambda c: c.execute(table.select()).all()))


def test_a_file_goes_straight_into_the_database(run: Run, engine: Engine, tmp_path: Path) -> None:
    many = [fresh(n) for n in range(MOST_LINES + 20)]
    file = written(tmp_path / "events", *many[:600], b"", many[0], *many[600:])

    result = run(publish_command, file)

    assert result.exit_code == 0, result.output
    assert result.stdout == "accepted 520, duplicates 1, refused 0\n"
    stored = rows(engine, events)
    assert len(stored) == 520
    assert {(row.door, row.history, row.writes_customer) for row in stored} == {
        ("file", False, True)
    }


def test_what_is_refused_is_kept_with_its_reasons_and_told_by_the_exit_status(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    file = written(tmp_path / "events", fresh(1), b"nonsense", fresh(2, type="x"), b'{"a":1,"a":2}')

    result = run(publish_command, file, "--format", "json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"accepted": 1, "duplicates": 0, "refused": 3}
    kept = {row.raw: row.reasons for row in rows(engine, refused_events)}
    assert kept['{"a":1,"a":2}'] == [{"pointer": "/a", "detail": "is written twice"}]
    assert [row.id for row in rows(engine, events)] == ["e1"]


def test_each_refused_line_is_told_with_its_place_and_its_reasons(run: Run, tmp_path: Path) -> None:
    told = fresh(1), fresh(1, subject="c2")
    file = written(
        tmp_path / "events", *told, b"nonsense", b"", fresh(2, type="plan.endin"),
        fresh(3, data={"plan_id": "{{run}}", "amount": -1}),
    )  # fmt: skip

    result = run(publish_command, file)

    _, *lines = result.stderr.splitlines()
    assert lines == [
        "line 2: /id is known, with other content",
        "line 3: it is not JSON: Expecting value at line 1 column 1",
        "line 5: /type is not in the catalog, did you mean 'plan.ending'?",
        "line 6: /data/amount the value is less than the minimum of 0; it holds {{…}}: a sample,"
        " which only `outreach run --demo` fills in",
        "what was refused is kept: `outreach replay refused` shows it and tries it again",
    ]


def test_the_database_is_named_without_its_password(run: Run, database_url: str) -> None:
    name = Settings(database_url=database_url).database_name

    for command, arguments in ((publish_command, ["-"]), (keys_command, ["list"])):
        assert run(command, *arguments).stderr.splitlines()[0] == f"database: {name}"


def test_history_is_stored_however_old(run: Run, engine: Engine, tmp_path: Path) -> None:
    file = written(tmp_path / "events", event(time="2001-01-01T00:00:00Z"))

    assert run(publish_command, file).exit_code == 1
    assert run(publish_command, file, "--history").exit_code == 0
    assert [row.history for row in rows(engine, events)] == [True]


def test_a_dash_reads_what_comes_in(run: Run, engine: Engine) -> None:
    result = run(publish_command, "-", input=json.dumps(fresh(1)) + "\n")

    assert result.stdout == "accepted 1, duplicates 0, refused 0\n"


def test_a_file_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    result = run(publish_command, str(tmp_path / "nothing"))

    assert str(result.exception).endswith("No such file or directory")


def test_before_the_first_apply_nothing_is_taken(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", database_url)

    result = CliRunner().invoke(publish_command.app, [written(tmp_path / "f", fresh(1))])

    assert "outreach apply" in str(result.exception)
    assert rows(engine, refused_events) == []


def test_a_file_goes_through_the_http_door(
    house: House, open_doors: Open, street: Street, run: Run, tmp_path: Path
) -> None:
    open_doors(house)
    many = [event(id=f"e{n}") for n in range(MOST_LINES + 5)]
    file = written(tmp_path / "events", *many, b"nonsense", event(id="bad", subject=...), many[0])

    result = run(publish_command, file, "--url", street.url, "--key", ALL)

    assert result.exit_code == 1
    assert result.stdout == "accepted 505, duplicates 1, refused 2\n"
    assert "line 506: the text: is not JSON" in result.stderr
    assert "line 507: /subject must hold the customer's id" in result.stderr
    assert house.stored == 505


def test_a_key_that_may_not_publish_is_told(
    house: House, open_doors: Open, street: Street, run: Run, tmp_path: Path
) -> None:
    open_doors(house)
    file = written(tmp_path / "events", event(), event(id="e2", source="crm"))

    stranger = run(publish_command, file, "--url", street.url, "--key", "unknown")
    billing = run(publish_command, file, "--url", street.url, "--key", BILLING)

    assert "401" in str(stranger.exception)
    assert billing.stdout == "accepted 1, duplicates 0, refused 1\n"


def test_history_does_not_go_over_http(run: Run, street: Street, tmp_path: Path) -> None:
    file = written(tmp_path / "events", event())

    result = run(publish_command, file, "--history", "--url", street.url)

    assert "--history" in str(result.exception)


@pytest.mark.usefixtures("at_once")
def test_a_key_is_made_listed_and_taken_back(
    run: Run, engine: Engine, house: House, open_doors: Open
) -> None:
    made = run(keys_command, "add", "shop", "--scope", "events:shop", "--scope", "read")
    secret = made.stdout.strip()
    listed = run(keys_command, "list").stdout

    assert open_doors(house, key=secret).get("/v1/catalog").status_code == 200
    assert secret not in listed
    assert hash_secret(secret)[:12] in listed
    assert "shop  events:shop|read" in listed

    revoked = run(keys_command, "revoke", hash_secret(secret)[:12])
    assert revoked.stdout == f"revoked: {hash_secret(secret)[:12]} shop\n"
    assert open_doors(house).get("/v1/catalog", headers=bearer(secret)).status_code == 401
    fields = [
        json.loads(line)
        for line in run(keys_command, "list", "--format", "json").stdout.splitlines()
    ]
    assert [one["name"] for one in fields if one["revoked"]] == ["shop"]


def test_a_key_is_shown_once_the_doors_know_it(run: Run, house: House, open_doors: Open) -> None:
    client = open_doors(house)
    assert client.get("/v1/catalog").status_code == 200, "from here on the doors know their keys"

    secret = run(keys_command, "add", "shop", "--scope", "read").stdout.strip()

    assert client.get("/v1/catalog", headers=bearer(secret)).status_code == 200


@pytest.mark.usefixtures("at_once")
def test_a_key_without_a_scope_may_do_everything(run: Run, engine: Engine) -> None:
    made = json.loads(run(keys_command, "add", "till", "--format", "json").stdout)

    [key] = reading(engine, read_keys)
    assert key.scopes == ("customers:write", "events:*", "mail:write", "metrics", "operate", "read")
    assert key.hash == hash_secret(made["secret"])


@pytest.mark.usefixtures("at_once")
def test_the_first_key_says_what_it_closes_and_where_there_is_none_that_is_said(run: Run) -> None:
    assert "only callers on this machine" in run(keys_command, "list").stderr

    first, second = (run(keys_command, "add", name).stderr for name in ("claims", "billing"))

    assert "from now on every caller needs one" in first
    assert "from now on" not in second
    assert "no keys" not in run(keys_command, "list").stderr


@pytest.mark.usefixtures("at_once")
def test_to_take_the_last_key_back_warns_of_whom_that_lets_in(run: Run) -> None:
    ids = [
        hash_secret(run(keys_command, "add", name).stdout.strip())[:12]
        for name in ("claims", "billing")
    ]

    first, last = (run(keys_command, "revoke", id_).stderr for id_ in ids)

    assert "warning" not in first
    assert "warning: this was the last key. Callers on this machine are served without" in last


def test_the_help_says_what_a_key_without_a_scope_may_do(run: Run) -> None:
    told = " ".join(run(keys_command, "add", "--help").stdout.replace("│", " ").split())

    assert "Without one the key has every scope" in told


@pytest.mark.parametrize(
    "arguments", [("add", "x", "--scope", "everything"), ("revoke", "abcdef123456")]
)
def test_what_cannot_be_done_with_a_key_is_told(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(keys_command, *arguments)

    assert result.exit_code == 1
    assert isinstance(result.exception, keys_command.KeyRefused)
