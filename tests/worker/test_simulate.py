"""What does `outreach simulate` print, of files in any order, on either side?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.worker.small_world import NOON, POLICY, files
from tests.worker.test_apply_command import write
from triggers.clock import stamp
from worker.cli.simulate import app

KEYS = [
    "at", "trigger", "customer", "key", "epoch", "outcome", "reason", "channel", "to", "text",
    "segments",
]  # fmt: skip
DANA = {"id": "dana", "phone": "+972501234567", "language": "en"}


def told(
    type_: str, id_: str, *, hours: float = 0, customer: str = "dana", **more: Any
) -> dict[str, Any]:
    extensions = {name: more.pop(name) for name in ("receivedat",) if name in more}
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "shop",
        "type": type_,
        "subject": customer,
        "time": stamp(NOON + timedelta(hours=hours)),
        "data": more,
        **extensions,
    }


def lines_of(values: Sequence[Mapping[str, Any] | str]) -> str:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in values)


class Table:
    """A folder with a configuration and the files that simulate reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write(folder, files())

    def run(
        self,
        *events: Mapping[str, Any] | str,
        customers: Sequence[Mapping[str, Any] | str] = (DANA,),
        more: Sequence[str] = (),
    ) -> Result:
        (self.folder / "events.jsonl").write_text(lines_of(events))
        (self.folder / "customers.jsonl").write_text(lines_of(customers))
        given = ["--config", str(self.folder / "config")]
        given += ["--templates", str(self.folder / "templates")]
        given += ["--events", str(self.folder / "events.jsonl")]
        given += ["--customers", str(self.folder / "customers.jsonl"), *more]
        return CliRunner().invoke(app, given)

    def outcomes(self, *events: Mapping[str, Any] | str, **more: Any) -> list[dict[str, Any]]:
        result = self.run(*events, **{**more, "more": [*more.get("more", ()), "--format", "json"]})
        assert result.exit_code == 0
        return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)


LEFT = told("cart.left", "1", cart="k1")
PAID = told("cart.paid", "2", hours=0.5, cart="k1")


def test_each_outcome_is_a_line_with_exactly_the_contracts_keys(table: Table) -> None:
    [line] = table.outcomes(LEFT)

    assert list(line) == KEYS
    assert line == {
        "at": "2026-11-02T13:00:00Z",
        "trigger": "cart",
        "customer": "dana",
        "key": "k1",
        "epoch": "once",
        "outcome": "sent",
        "reason": None,
        "channel": "sms",
        "to": "+972501234567",
        "text": "Hello",
        "segments": 1,
    }


def test_nothing_else_is_on_stdout_and_what_is_refused_is_told_with_its_place(
    table: Table,
) -> None:
    timeless = {name: value for name, value in LEFT.items() if name != "time"}
    result = table.run(
        "no json", told("cart.lost", "3"), timeless, LEFT, {"id": 1},
        customers=[{"id": ""}, "{", DANA], more=["--format", "json"],
    )  # fmt: skip

    assert result.exit_code == 0
    assert [json.loads(line)["outcome"] for line in result.stdout.splitlines()] == ["sent"]
    complaints = result.stderr.replace(f"{table.folder}/", "").splitlines()
    assert sorted(line.partition(": refused: ")[0] for line in complaints[:-1]) == [
        "customers.jsonl:1", "customers.jsonl:2", "events.jsonl:1", "events.jsonl:2",
        "events.jsonl:3", "events.jsonl:5",
    ]  # fmt: skip
    assert complaints[-1] == "refused 6, duplicates 0"
    [of_profile] = [one for one in complaints if one.startswith("customers.jsonl:1")]
    assert "/id must hold the customer's id" in of_profile
    assert "/data" not in of_profile


def test_a_moment_of_receipt_is_the_extensions(table: Table) -> None:
    late = stamp(NOON + timedelta(hours=2))

    [line] = table.outcomes({**LEFT, "receivedat": late})

    assert line["at"] == "2026-11-02T14:00:00Z"


def test_what_is_published_twice_counts_once_and_other_content_is_refused(table: Table) -> None:
    other = {**LEFT, "data": {"cart": "k2"}}
    result = table.run(
        LEFT, LEFT, {**other, "receivedat": stamp(NOON + timedelta(hours=9))},
        more=["--format", "json"],
    )  # fmt: skip

    assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == ["k1"]
    assert "events.jsonl:3: refused: /id is known already, with other content" in result.stderr
    assert result.stderr.endswith("refused 1, duplicates 1\n")


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_lines_does_not_matter(table: Table, seed: int) -> None:
    draw = Random(seed)
    events = [
        told(
            draw.choice(["cart.left", "cart.paid", "plan.changed", "check.used", "book.ordered"]),
            str(number),
            hours=draw.randrange(100),
            customer=draw.choice(["dana", "yoav"]),
            cart=f"k{draw.randrange(4)}",
            plan="p",
            ends=f"2026-11-{draw.randrange(10, 28)}",
            account="a",
            number=draw.randrange(5),
        )
        for number in range(60)
    ]
    shuffled = draw.sample(events, len(events))

    assert table.outcomes(*events) == table.outcomes(*shuffled)
    assert table.run(*events, more=["--format", "json"]).stdout.count("sent") > 2


@pytest.mark.parametrize(
    "until", ["2026-11-02T15:30+02:00", "2026-11-02T15:30", "2026-11-02 15:30"]
)
def test_a_moment_without_an_offset_is_on_the_policys_clock(table: Table, until: str) -> None:
    events = [told("cart.left", str(n), hours=n, cart=f"k{n}") for n in range(2)]

    lines = table.outcomes(*events, more=["--until", until])

    assert [(line["key"], line["outcome"]) for line in lines] == [("k0", "sent"), ("k1", "pending")]


def test_from_and_until_choose_what_is_told_and_what_still_waits_always_is(table: Table) -> None:
    events = [told("cart.left", str(n), hours=n, cart=f"k{n}") for n in range(5)]
    span = ["--from", "2026-11-02T14:00:00Z", "--until", "2026-11-02T15:30:00Z"]

    lines = table.outcomes(*events, more=span)

    assert [(line["key"], line["outcome"]) for line in lines] == [
        ("k1", "sent"), ("k2", "sent"), ("k3", "pending"),
    ]  # fmt: skip


PRICES = "sms: {price: 0.04}\ncurrency: USD\n"


def test_people_read_a_sum(table: Table) -> None:
    write(table.folder, files(policy=POLICY + PRICES))
    plans = [
        told("plan.changed", f"p{n}", plan=f"p{n}", ends="2026-11-20") for n in range(3)
    ]  # fmt: skip
    result = table.run(LEFT, PAID, told("cart.left", "9", cart="k9"), *plans)

    assert result.stdout.splitlines() == [
        "cart",
        "  sent                          1   sms 1",
        "  called off                    1   cart.paid 1",
        "  SMS segments                  1",
        "  estimated cost             0.04   USD",
        "  most in an hour               1   from 2026-11-02 13:00 UTC",
        "plan",
        "  sent                          3   sms 3",
        "  SMS segments                  3",
        "  estimated cost             0.12   USD",
        "  most in an hour               3   from 2026-11-12 22:00 UTC",
        "in all",
        "  SMS segments                  4",
        "  estimated cost             0.16   USD",
        "customers reached: 1",
        "  by cart and plan: 1",
    ]


def test_a_cost_that_nobody_can_know_is_not_told_as_nothing(table: Table) -> None:
    result = table.run(LEFT)

    assert result.stdout.splitlines()[-4:] == [
        "in all",
        "  SMS segments                  1",
        "  estimated cost          unknown   no price for sms",
        "customers reached: 1",
    ]


def test_where_nothing_is_sent_nothing_is_told_of_its_cost(table: Table) -> None:
    write(table.folder, files(policy=POLICY + PRICES))

    assert "cost" not in table.run(LEFT, PAID).stdout


def test_a_profile_of_the_file_is_older_than_every_event(table: Table) -> None:
    moved = told("customer.updated", "u", language="he")

    [line] = table.outcomes(moved, LEFT)

    assert line["text"] == "שלום"


def test_events_may_come_in_through_a_pipe(table: Table) -> None:
    given = ["--config", str(table.folder / "config"), "--events", "-", "--format", "json"]
    given += ["--templates", str(table.folder / "templates")]

    result = CliRunner().invoke(app, given, input=lines_of([LEFT]))

    assert json.loads(result.stdout)["reason"] == "expired"


def test_a_mark_before_the_first_line_is_none_of_its_text(table: Table) -> None:
    marked = [f"\ufeff{json.dumps(one)}" for one in (LEFT, DANA)]

    [line] = table.outcomes(marked[0], customers=[marked[1]])

    assert (line["outcome"], line["to"]) == ("sent", DANA["phone"])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--from", "soon"], "'soon' is not a time"),
        (["--until", "2026-02-30"], "'2026-02-30' is not a time"),
        (["--until", "0001-01-01"], "'0001-01-01' is not a time"),
        (["--from", "2026-12-01", "--until", "2026-11-01"], "is after --until 2026-11-01"),
        (["--config", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_meant_is_said(table: Table, more: list[str], why: str) -> None:
    result = table.run(LEFT, more=more)

    assert result.exit_code != 0
    assert why in str(result.exception)


def test_a_field_of_customers_that_nothing_reads_is_told_once(table: Table) -> None:
    slip = {"id": "yoav", "phnoe": "+972501234568"}

    result = table.run(LEFT, customers=[DANA, slip, {**slip, "id": "noa"}])

    told = result.stderr.replace(f"{table.folder}/", "")
    assert told == (
        "customers.jsonl:2: warning: /phnoe is no field that anything reads,"
        " did you mean 'phone'?\n"
    )
