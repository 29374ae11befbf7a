"""Does `outreach run` keep going, alone on its data, and lose nothing whatever dies?"""

from __future__ import annotations

import os
import pty
import signal
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.processes.household import Household, household


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    with household(tmp_path) as made:
        yield made


def letters(house: Household) -> Counter[str]:
    """The words of every letter that left, and how often they did."""
    with closing(sqlite3.connect(house.folder / "var" / "outreach.db")) as connection:
        return Counter(text for (text,) in connection.execute("SELECT text FROM outbox"))


def left(house: Household, *orders: str) -> bool:
    texts = {text.strip() for text in letters(house)}
    return {f"Your order {order} is late. Sorry." for order in orders} <= texts


def accounted(house: Household) -> set[str]:
    """Orders whose letter left, or was about to when the power went: its lease runs out later."""
    query = (
        "SELECT key FROM messages LEFT JOIN outbox ON outbox.message_id = messages.id"
        " WHERE state = 'sending' OR outbox.text IS NOT NULL"
    )
    with closing(sqlite3.connect(house.folder / "var" / "outreach.db")) as connection:
        return {key for (key,) in connection.execute(query)}


def children(process: int) -> list[int]:
    """By /proc where there is one, else by ps: Debian's small images have none, macOS has."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    if listed.exists():
        return [int(child) for child in listed.read_text().split()]
    shown = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = [line.split() for line in shown.stdout.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == process]


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.full
def test_it_stops_in_order_though_its_broker_is_gone(house: Household) -> None:
    house.environment["OUTREACH_BROKER_URL"] = "redis://127.0.0.1:1/0"
    process = house.run()
    process.send_signal(signal.SIGINT)

    assert process.wait(60) == 0
    assert "Traceback" not in house.log()


def test_an_event_becomes_a_message_with_nothing_installed_and_nothing_set(
    house: Household,
) -> None:
    house.run()
    house.publish("o1")
    house.until(lambda: left(house, "o1"), "the letter")
    key = house.folder / "var" / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text().strip()) >= 32


def test_a_second_one_on_the_same_data_is_refused_and_troubles_nobody(house: Household) -> None:
    first = house.run()

    second = house.outreach("run", "--port", str(house.port + 1))

    assert second.wait(30) == 1
    assert f"process {first.pid}" in house.log()
    assert "--port" in house.log()
    house.publish("o1")
    house.until(lambda: left(house, "o1"), "the letter")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_well_and_leaves_nobody_behind(
    house: Household, number: signal.Signals
) -> None:
    process = house.run()
    own = children(process.pid)
    process.send_signal(number)
    assert process.wait(45) == 0
    assert [child for child in own if lives(child)] == []


def test_killed_in_the_middle_it_comes_back_and_nothing_is_lost_or_doubled(
    house: Household,
) -> None:
    orders = [f"o{number}" for number in range(60)]
    process = house.run()
    house.publish(*orders)

    house.kill(process)
    house.run()

    house.until(lambda: accounted(house) == set(orders), "every order's letter, or its lease")
    assert set(letters(house).values()) <= {1}


def test_its_one_process_is_started_again_when_it_dies_and_callers_wait_for_it(
    house: Household,
) -> None:
    process = house.run()
    [child] = children(process.pid)

    os.kill(child, signal.SIGKILL)

    house.publish("o1")
    assert children(process.pid) != [child]
    house.until(lambda: left(house, "o1"), "the letter")


def test_a_parent_that_is_killed_takes_its_child_with_it(house: Household) -> None:
    process = house.run()
    [child] = children(process.pid)

    os.kill(process.pid, signal.SIGKILL)

    house.until(lambda: not lives(child), "the child's end")


def test_a_changed_file_is_followed_and_a_mistake_leaves_the_last_good_one_in_force(
    house: Household,
) -> None:
    house.run()
    house.write("templates/late/sms.en.txt", "Order {{ event.data.order }}: not today.\n")
    house.until(lambda: "configuration_applied" in house.log().split("\n", 2)[2], "the change")
    house.write("config/triggers/late.yaml", "trigger: late\nwhenever: never\n")

    told = house.until(lambda: house.get("/readyz").get("configuration_mistake"), "the mistake")

    assert "config/triggers/late.yaml:2:1" in told
    house.publish("o1")
    house.until(lambda: letters(house), "the letter")
    assert [text.strip() for text in letters(house)] == ["Order o1: not today."]


def test_at_a_terminal_a_line_for_people_stands_beside_the_log(house: Household) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "worker.cli.main", "run", "--port", str(house.port)]
    with subprocess.Popen(
        command, cwd=house.folder, env=house.environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        with os.fdopen(ours, "rb") as shown:
            told = next(line for line in shown if not line.startswith(b"{"))
            process.terminate()
            # whoever does not read lets a terminal's writer wait
            with suppress(OSError):
                shown.read()
    assert told.decode().strip() == f"listening on {house.url}, Ctrl-C ends it"


def test_a_configuration_that_was_never_right_is_told_and_not_tried_again(
    house: Household,
) -> None:
    house.write("config/triggers/late.yaml", "trigger: late\nwhenever: never\n")
    process = house.outreach("run", "--port", str(house.port))
    assert process.wait(60) == 78
    assert "config/triggers/late.yaml:2:1" in house.log()


def test_a_port_that_is_taken_is_told_and_not_tried_again(house: Household, tmp_path: Path) -> None:
    house.run()
    house.environment["OUTREACH_DATABASE_URL"] = f"sqlite:///{tmp_path}/other/outreach.db"
    process = house.outreach("run", "--port", str(house.port))
    assert process.wait(60) == 78
    told = (house.folder / "1.log").read_text().splitlines()[-1]
    assert told.startswith(f"cannot listen on 127.0.0.1 port {house.port}: ")
    assert told.endswith("choose another by --port")
