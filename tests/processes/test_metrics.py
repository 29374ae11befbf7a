"""Are the sums right that one api tells of processes which are forked, killed and replaced?"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes.household import Household, household

EACH = 20


@pytest.fixture
def house(tmp_path: Path, bare_postgres_url: str, broker_url: str) -> Iterator[Household]:
    with household(
        tmp_path,
        OUTREACH_DATABASE_URL=bare_postgres_url,
        OUTREACH_BROKER_URL=broker_url,
        OUTREACH_SECRET_KEY="signs-links-of-the-tests",
    ) as made:
        for command in (["db", "upgrade"], ["apply"]):
            assert made.outreach(*command).wait(60) == 0, made.log()
        yield made


def told(house: Household, name: str, **labels: str) -> float:
    """The sum of the series that have these labels."""
    lines = httpx.get(f"{house.url}/metrics", timeout=10).text.splitlines()
    found = [line for line in lines if re.match(rf"{name}[{{ ]", line)]
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(float(line.rpartition(" ")[2]) for line in found if all(w in line for w in wanted))


def children(pid: int) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        if int(parent) == pid and state != "Z":
            found.add(int(path.parent.name))
    return found


def sums(house: Household) -> tuple[float, float, float]:
    return (
        told(house, "outreach_events_accepted_total", door="http"),
        told(house, "outreach_decisions_total", trigger="late", verdict="started"),
        told(house, "outreach_unread_events"),
    )


def test_sums_are_right_after_work_and_after_a_child_was_killed_and_replaced(
    house: Household,
) -> None:
    api = house.outreach("api", "--port", str(house.port))
    worker = house.outreach("worker", "--queues", "events")
    house.until(lambda: house.ready(api), "the api")
    house.until(lambda: len(children(worker.pid)) == 2, "two children")
    house.publish(*(f"a{n}" for n in range(EACH)))
    house.until(lambda: sums(house) == (EACH, EACH, 0), f"the first: {EACH}")

    before = children(worker.pid)
    os.kill(min(before), signal.SIGKILL)
    house.until(lambda: len(children(worker.pid) - before) == 1, "another child")
    for batch in range(4):
        house.publish(*(f"b{batch}-{n}" for n in range(EACH)))

    house.until(lambda: sums(house) == (5 * EACH, 5 * EACH, 0), f"all of them: {5 * EACH}")

    house.kill(api)
    again = house.outreach("api", "--port", str(house.port))
    house.until(lambda: house.ready(again), "the api again")
    assert sums(house) == (5 * EACH, 5 * EACH, 0)
