"""Does `make run` show within a minute what becomes of the samples that are shipped?"""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.household import ROOT, Household, household
from worker.clock import utc_now
from worker.store.engine import in_transaction, make_engine
from worker.store.keys import ALL_SCOPES, add_key
from worker.store.migrations import upgrade

TRIGGER = "config/triggers/claim_opened.yaml"
MINUTE = 60.0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    with household(tmp_path, COLUMNS="200") as made:
        for folder in ("config", "templates"):
            shutil.rmtree(tmp_path / folder)
            shutil.copytree(ROOT / folder, tmp_path / folder)
        yield made


def shown(house: Household) -> str:
    """The last table; off a terminal another one is printed whenever something changed."""
    text = (house.folder / "0.log").read_text(errors="replace")
    return text.rpartition("What became of the samples")[2]


def tables(house: Household) -> list[str]:
    """What was printed up to each line that says where to ask, and behind the last one."""
    return (house.folder / "0.log").read_text(errors="replace").split("/docs: what may be asked")


def keep_others_out(house: Household) -> None:
    """As after an earlier demo and `outreach keys add`: no caller is served without a key."""
    engine = make_engine(f"sqlite:///{house.folder / 'var/demo/outreach.db'}")
    upgrade(engine)
    in_transaction(engine, lambda c: add_key(c, "billing", ALL_SCOPES, now=utc_now()))
    engine.dispose()


def test_the_samples_are_sent_wait_and_are_called_off_each_with_its_reason(
    house: Household,
) -> None:
    keep_others_out(house)
    process = house.outreach("run", "--demo", "--port", str(house.port))

    house.until(lambda: "sms accepted" in shown(house), "the first message", seconds=MINUTE)
    house.until(lambda: "until" in shown(house), "one that waits", seconds=MINUTE)
    house.until(lambda: "by claim.filed" in shown(house), "one called off", seconds=MINUTE)
    assert re.match(r": \d+ sent, \d+ wait, .*\d called off", shown(house))

    assert f"{house.url}/docs" in house.log()
    assert f"{house.url}/console: admin, password in var/demo/console.password" in house.log()

    right = (house.folder / TRIGGER).read_text()
    house.write(TRIGGER, right.replace("wait: ", "wayt: ") + "limmits: {}\n")
    house.until(lambda: "not in force" in tables(house)[-2], "the mistake")
    assert re.search(rf"1 of \d, `outreach check` tells all: {TRIGGER}:5:1: ", tables(house)[-2])
    house.write(TRIGGER, right)
    house.until(lambda: "not in force" not in tables(house)[-2], "that it is mended")

    assert (house.folder / "var/demo/outreach.log").stat().st_mode & 0o777 == 0o600
    process.send_signal(signal.SIGINT)
    assert process.wait(45) == 0


def test_why_it_cannot_start_is_told_at_once_and_not_only_in_the_log(house: Household) -> None:
    house.write("config/triggers/claim_opened.yaml", "trigger: claim_opened\nwhenever: never\n")

    process = house.outreach("run", "--demo", "--port", str(house.port))

    assert process.wait(60) == 78
    assert "config/triggers/claim_opened.yaml:2:1: " in (house.folder / "0.log").read_text()
