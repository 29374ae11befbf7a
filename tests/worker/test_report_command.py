"""Does `outreach report` say what was counted, and nothing that cannot be known?"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from tests.worker.drawing import DAY, HELD_OUT, LATER, contacted, drawn, reported
from tests.worker.sending import POLICY, rules, trigger
from tests.worker.small_world import NOON, files
from triggers.clock import stamp
from triggers.counted import Assigned, Calls, Counts, Followed, Objected, Objections, Sent, Survey
from triggers.report import Question, make_report
from worker.cli.report import app
from worker.cli.report_words import as_mapping, lines_of
from worker.steps.apply import apply
from worker.store.engine import make_engine

DOCUMENT = Path(__file__).parents[2] / "docs" / "report.md"
HELD = trigger(
    "cart", limits="{category: service, holdout: 20%}", send="[{message: hello, by: [sms]}]"
)


@pytest.fixture
def house(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Of eighty written to nobody called, of twenty held out every second; long ago."""
    monkeypatch.setenv("OUTREACH_DATABASE_URL", sqlite_database_url)
    engine = make_engine(sqlite_database_url)
    policy = POLICY + "currency: USD\noutcome: {cost: 5}\n"
    apply(engine, files(HELD, without=("checks",), policy=policy), "tests")
    began = datetime.now(UTC) - 60 * DAY - NOON
    for number in range(100):
        arm = HELD_OUT if number < 20 else {}
        drawn(engine, f"c{number}", began + number * DAY / 4, name="cart", **arm)
    for number in range(0, 20, 2):
        contacted(engine, f"c{number}", began + number * DAY / 4 + DAY)
    yield engine
    engine.dispose()


def run(*given: str) -> Result:
    return CliRunner().invoke(app, list(given))


def lines(*given: str) -> dict[str, dict[str, Any]]:
    result = run(*given, "--format", "json")
    assert result.exit_code == 0, result.exception
    return {one["trigger"]: one for one in map(json.loads, result.stdout.splitlines())}


@pytest.mark.usefixtures("house")
def test_each_trigger_is_one_line_of_json() -> None:
    found = lines()

    assert list(found) == ["cart", "plan"]
    cart = found["cart"]
    assert cart["drawn"] == {"messaged": 80, "held_out": 20, "open": 0}
    effect = cart["effect"]
    assert (effect["finding"], effect["enough"]) == ("fewer_calls", False)
    assert effect["messaged"] == {"customers": 80, "contacted": 0}
    assert effect["held_out"] == {"customers": 20, "contacted": 10}
    assert effect["prevented"]["estimate"] == pytest.approx(40)
    assert cart["balance"]["worth"]["estimate"] == pytest.approx(200)
    assert cart["balance"]["net"]["estimate"] == pytest.approx(200)
    assert (cart["event"], cart["within"]) == ("support.contacted", 7 * 24 * 3600)
    assert sum(one["drawn"]["messaged"] for one in cart["periods"]) == 80
    assert found["plan"]["effect"]["finding"] == "no_control"


@pytest.mark.usefixtures("house")
def test_people_read_sentences() -> None:
    told = run().stdout

    assert "cart: fewer calls.\n" in told
    assert "  held out           10 of 20 contacted you (50.00%)\n" in told
    assert "  WARNING            too small a sample, the range will still move: it takes" in told
    assert "  worth              200.00 (" in told
    assert "plan: cannot know: nobody was held out so far:" in told


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("by", ["week", "month"])
def test_time_is_divided_as_is_asked(by: str) -> None:
    periods = lines("--by", by)["cart"]["periods"]
    begins = [date.fromisoformat(one["begins"]) for one in periods]

    assert begins == sorted(set(begins))
    assert all(one.weekday() == 0 if by == "week" else one.day == 1 for one in begins)
    assert 4 <= len(begins) <= 5 if by == "week" else 1 <= len(begins) <= 2


@pytest.mark.usefixtures("house")
def test_only_a_time_and_only_a_trigger_can_be_asked_for() -> None:
    until = ("--until", stamp(datetime.now(UTC) - 59 * DAY - DAY / 8))

    found = lines(*until, "--trigger", "cart")

    assert list(found) == ["cart"]
    assert found["cart"]["drawn"]["held_out"] == 4


@pytest.mark.usefixtures("house")
def test_a_smaller_saving_takes_more_customers() -> None:
    small, large = (
        lines("--smallest", one)["cart"]["effect"]["needed"]["held_out"] for one in ("10%", "50%")
    )

    assert small > 4 * large


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--trigger", "crat"), "there is no trigger 'crat', did you mean 'cart'?"),
        (("--since", "1d", "--until", "2d"), "--since 1d is not before --until 2d"),
        (("--since", "lately"), "'lately' is neither a time"),
        (("--smallest", "a bit"), "'a bit' is not a share; write 10%"),
        (("--smallest", "0%"), "--smallest: between 0% and 100%"),
    ],
)
def test_what_cannot_be_meant_is_said(given: tuple[str, ...], told: str) -> None:
    assert told in str(run(*given).exception)


@pytest.mark.parametrize("kept", ["events: 10d", "decisions: 10d", "events: 10d, decisions: 20d"])
def test_what_is_not_kept_any_more_is_not_asked_for(engine: Engine, kept: str) -> None:
    policy = POLICY + f"lateness: 5d\nretention: {{{kept}}}\n"
    drawn(engine, "c1")
    drawn(engine, "c2", 21 * DAY)

    found = reported(engine, configuration=rules(policy=policy))

    assert (found.shortened, found.since) == (True, LATER - 10 * DAY)
    assert not reported(engine).shortened
    assert [one.drawn.messaged for one in found.triggers] == [1]


def documented() -> str:
    """The report that docs/report.md shows, of numbers that are written here."""
    name = "abandoned_checkout"
    asked = Question(since=NOON, until=NOON + 28 * DAY, now=LATER + 60 * DAY, trigger=name)
    days = [date(2026, 11, 2), date(2026, 11, 16)]
    counts = Counts(
        assigned=[
            *(Assigned(name, day, False, True, 8_960, 430 + n * 9) for n, day in enumerate(days)),
            *(Assigned(name, day, True, True, 1_020, 62 + n * 3) for n, day in enumerate(days)),
            Assigned(name, days[1], False, False, 412, 0),
        ],
        sent=[Sent(name, "email", True, 2_110, 0, 0.21, 0),
              Sent(name, "sms", True, 16_940, 21_300, 852.0, 0)],
        calls=[Calls(name, True, 0, 37)],
        objections=[Objections(name, Objected.OPTED_OUT, 81),
                    Objections(name, Objected.COMPLAINED, 4)],
        followed=[Followed(name, "cart", True, None, 5_210),
                  Followed(name, "cart", True, "payment", 190),
                  Followed(name, "cart", True, "delivery", 61)],
        surveys=[Survey(name, "checkout_survey", 1_800, 412, {1: 31, 3: 90, 5: 291})],
    )  # fmt: skip
    policy = POLICY + "currency: USD\noutcome: {cost: 6}\n"
    configuration = rules(trigger(name, limits="{category: service, holdout: 10%}"), policy=policy)
    found = make_report(asked, counts, configuration.policy, configuration.triggers)
    json.dumps(as_mapping(found, found.triggers[0]))
    return "\n".join(lines_of(found))


COMMANDS = re.findall(
    r"^outreach (report.*?)\s*(?:#.*)?$", DOCUMENT.read_text("utf-8"), re.MULTILINE
)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_that_the_document_shows_work(command: str) -> None:
    [_, *words] = shlex.split(command.replace("abandoned_checkout", "cart"))

    assert run(*words).exit_code == 0


def test_the_report_that_the_document_shows_is_one() -> None:
    assert documented() in DOCUMENT.read_text("utf-8")
