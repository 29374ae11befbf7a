"""Does a look at everything say the most important on the smallest terminal?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Engine

from triggers.configuration import read_configuration
from triggers.definitions import Policy
from worker.cli.overview import Shown, counted, quiet_told, table_of
from worker.cli.password_place import password_in
from worker.settings import Settings
from worker.steps.first_admin import FILE
from worker.store.bulk import Insertion
from worker.store.engine import in_transaction, reading
from worker.store.overview import read_exits, read_latest, read_outcomes
from worker.store.tables import decisions, events, messages, occurrences

NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
POLICY = Policy(languages=("he",), categories={}, timezone="Asia/Jerusalem", country="IL")


def seen(**changed: Any) -> Any:
    """A row of what is read, as it waits; `changed` says otherwise."""
    row = {
        "id": "o1", "trigger": "claim_opened", "customer_id": "noa", "state": "pending",
        "reason": None, "detail": None, "due": NOW, "profile": None, "message_state": None,
        "channel": None, "why": None, "address": None, "subject": None, "text": None,
    }  # fmt: skip
    return SimpleNamespace(**{**row, **changed})


def lines_of(*rows: Any, lines: int | None = None, **shown: Any) -> list[str]:
    given = {"exits": {}, "outcomes": {"pending": len(rows)}, "events": {}, "policy": POLICY}
    console = Console(width=80, height=24, color_system=None)
    with console.capture() as captured:
        console.print(table_of(Shown(rows=rows, **{**given, **shown}), lines=lines))
    return [line.rstrip() for line in captured.get().splitlines()]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (seen(), "waits  until 22.11. 00:30 +02:00"),
        (seen(profile={"timezone": "Europe/London"}), "waits  until 21.11. 22:30 +00:00"),
        (seen(reason="quiet"), "waits  quiet until 22.11. 00:30 +02:00"),
        (seen(reason="no_address", detail="no phone"),
         "waits  no_address until 22.11. 00:30 +02:00: no phone"),
        (seen(state="called_off", reason="called_off"), "called off  by claim.filed"),
        (seen(state="called_off", reason="called_off", id="o2"), "called off"),
        (seen(state="called_off", reason="moved"), "called off  moved"),
        (seen(state="skipped", reason="cap", detail="2 per 1d"), "skipped  cap: 2 per 1d"),
        (seen(state="handed_over"), "handed over"),
        (seen(state="messaged", message_state="failed", channel="sms", address="+972500000101",
              why="refused"), "sms failed  to +972500000101, refused"),
    ],
)  # fmt: skip
def test_each_row_says_what_when_and_why(row: Any, told: str) -> None:
    [_, line] = lines_of(row, exits={"o1": "claim.filed"})

    assert line == f"claim_opened  noa       {told}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"text": "Your claim\nis open."}, "Your claim is open."),
        ({"subject": "Your claim", "text": "Dear Noa,\n\nit is open."}, "Your claim"),
    ],
)
def test_of_a_message_the_subject_or_else_the_text_stands_on_a_line_of_its_own(
    words: dict[str, str], told: str
) -> None:
    sent = seen(state="messaged", message_state="sent", channel="email", address="n@x.example")

    [*_, first, second] = lines_of(SimpleNamespace(**{**vars(sent), **words}))

    assert first.endswith("email sent  to n@x.example")
    assert second.strip() == told


def test_a_long_text_is_cut_to_its_line() -> None:
    [*_, line] = lines_of(seen(state="messaged", message_state="sent", text="long " * 50))

    assert len(line) <= 80
    assert line.endswith("…")


@pytest.mark.parametrize(("known", "more"), [(30, "and 18 more"), (40, "and 28 more")])
def test_what_does_not_fit_is_counted(known: int, more: str) -> None:
    found = lines_of(*[seen()] * 30, lines=14, outcomes={"pending": known})

    assert len(found) == 14
    assert found[-1].strip() == more


def test_outcomes_are_counted_in_words() -> None:
    outcomes = {"skipped": 1, "parked": 2, "pending": 9, "called_off": 3, "sent": 4}

    assert counted(outcomes) == "4 sent, 9 wait, 3 called off, 1 skipped, 2 parked"
    assert counted({}) == "nothing yet"


def keep(engine: Engine, table: Any, *rows: dict[str, Any]) -> None:
    """Rows of which only what is said here matters; the rest is anything that fits."""
    standard = {
        str(column.name): NOW if column.name in MOMENTS else 0
        if column.type.python_type is int else "x"
        for column in table.columns if not column.nullable and column.name != "seq"
    }  # fmt: skip
    in_transaction(engine, lambda c: Insertion(table).run(c, [standard | row for row in rows]))


MOMENTS = set(
    "at time moment due expires start_time created_at updated_at received_at claimed_at".split()
)


def occurrence(number: int, state: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{number:032}", "trigger": f"t{number}", "state": state, **more}


def test_the_event_that_called_something_off_is_known(engine: Engine) -> None:
    facts = [["claims", "e2"], ["claims", "e1"]]
    event = {"source": "claims", "data": {}, "hops": 0, "history": False, "writes_customer": False}
    keep(engine, occurrences, occurrence(1, "called_off"), occurrence(2, "pending"))
    keep(
        engine, decisions, {"trigger": "t1", "epoch": "x", "verdict": "called_off", "facts": facts}
    )
    keep(engine, events, {**event, "id": "e1", "type": "claim.opened"},
         {**event, "id": "e2", "type": "claim.filed"})  # fmt: skip

    rows = reading(engine, lambda c: read_latest(c, most=10))

    assert reading(engine, lambda c: read_exits(c, rows)) == {f"{1:032}": "claim.filed"}
    assert reading(engine, lambda c: read_exits(c, [])) == {}


def test_what_was_messaged_counts_by_what_became_of_it(engine: Engine) -> None:
    numbers = dict(enumerate(("accepted", "delivered", "parked")))
    keep(engine, occurrences, occurrence(9, "pending"),
         *(occurrence(number, "messaged") for number in numbers))  # fmt: skip
    keep(engine, messages, *(
        {"id": f"m{n}", "occurrence_id": f"{n:032}", "trigger": f"t{n}", "state": state}
        for n, state in numbers.items()
    ))  # fmt: skip

    assert reading(engine, read_outcomes) == {"sent": 2, "parked": 1, "pending": 1}


QUIET = {
    "config/outreach.yaml": (
        "languages: [en]\ntimezone: Asia/Jerusalem\ncountry: IL\n"
        "categories: {service: {quiet: rest}, urgent: {quiet: none}}\n"
        "quiet: {rest: {nights: 21:00 to 08:30, resume: 09:00}}\n"
    )
}


def test_what_waits_because_of_the_hour_is_said_with_its_end_on_a_named_clock() -> None:
    policy = read_configuration(QUIET).policy
    night, day = (datetime(2026, 11, 22, hour, tzinfo=UTC) for hour in (20, 10))

    assert quiet_told(policy, night) == (
        "quiet hours now: service till 23.11. 09:00 Asia/Jerusalem (night);"
        " urgent leaves at any hour"
    )
    assert quiet_told(policy, day) == ""


def test_the_password_s_place_is_the_one_that_counts(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'outreach.db'}"
    given = Settings(database_url=database, console_password=SecretStr("twelve signs"))
    made = Settings(database_url=database)

    assert password_in(given) == "OUTREACH_CONSOLE_PASSWORD"
    assert password_in(made) == ""
    assert password_in(made, made=False) == str(tmp_path / FILE)
    (tmp_path / FILE).touch()
    assert password_in(made) == str(tmp_path / FILE)
