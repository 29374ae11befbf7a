"""Does each service of docker-compose.yml start by its own words, get healthy, work and stop?

No container engine is needed: command, environment and health check are taken from the file and
run on this machine; only hosts, ports and mounts are those of the tests.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import select

from tests.processes.compose import OURS, services
from tests.processes.household import Household, household
from worker.store.tables import outbox

VALUES = {
    "POSTGRES_PASSWORD": "x",
    "REDIS_PASSWORD": "x",
    "OUTREACH_SECRET_KEY": "a-signing-key-of-the-tests",
    "OUTREACH_PUBLIC_URL": "https://outreach.bank.example",
}


@pytest.fixture
def house(tmp_path: Path, bare_postgres_url: str, broker_url: str) -> Iterator[Household]:
    with household(tmp_path) as made:
        # `outreach` and `python` are found as they are in the image.
        made.write("bin/outreach", f'#!/bin/sh\nexec {sys.executable} -m worker.cli.main "$@"\n')
        (tmp_path / "bin" / "outreach").chmod(0o755)
        (tmp_path / "bin" / "python").symlink_to(sys.executable)
        made.environment |= {
            "PATH": f"{tmp_path / 'bin'}:{made.environment['PATH']}",
            "OUTREACH_DATABASE_URL": bare_postgres_url,
            "OUTREACH_BROKER_URL": broker_url,
        }
        yield made


def ours(house: Household, name: str) -> dict[str, Any]:
    """The service as the file has it; what only a container has is what it is here."""
    service = services(VALUES)[name]
    environment = {k: str(v) for k, v in service["environment"].items() if v is not None}
    service["environment"] = environment | {
        "OUTREACH_DATABASE_URL": house.environment["OUTREACH_DATABASE_URL"],
        "OUTREACH_BROKER_URL": house.environment["OUTREACH_BROKER_URL"],
        "OUTREACH_CONFIG_DIR": str(house.folder / "config"),
        "OUTREACH_TEMPLATES_DIR": str(house.folder / "templates"),
        "TMPDIR": str(house.folder / "tmp" / name),
    }
    (house.folder / "tmp" / name).mkdir(exist_ok=True)
    return service


def start(house: Household, name: str) -> subprocess.Popen[str]:
    service = ours(house, name)
    command = [*service.get("entrypoint", ["outreach"]), *service["command"]]
    words = [word.replace("8000", str(house.port)) for word in command]
    return house.start(words, **service["environment"])


def healthy(house: Household, name: str) -> bool:
    service = ours(house, name)
    kind, *words = service["healthcheck"]["test"]
    words = [word.replace("8000", str(house.port)) for word in words]
    command = words if kind == "CMD" else ["sh", "-c", *words]
    done = subprocess.run(
        command,
        capture_output=True,
        check=False,
        env=house.environment | service["environment"],
    )
    return done.returncode == 0


def letters(house: Household) -> list[str]:
    engine = sqlalchemy.create_engine(house.environment["OUTREACH_DATABASE_URL"])
    with engine.connect() as connection:
        found = [text for (text,) in connection.execute(select(outbox.c.text))]
    engine.dispose()
    return found


def test_every_service_of_ours_starts_gets_healthy_works_together_and_stops(
    house: Household,
) -> None:
    assert start(house, "migrate").wait(60) == 0, house.log()
    running = {name: start(house, name) for name in OURS if name != "migrate"}
    for name in running:
        house.until(lambda name=name: healthy(house, name), f"health of {name}")

    house.publish("o1")
    house.until(lambda: letters(house), "the letter")

    assert "beat_started" in house.log()
    for process in running.values():
        process.terminate()
    assert {name: process.wait(60) for name, process in running.items()} == dict.fromkeys(
        running, 0
    ), house.log()
    assert letters(house) == ["Your order o1 is late. Sorry."]


def test_migrating_again_changes_nothing(house: Household) -> None:
    assert start(house, "migrate").wait(60) == 0, house.log()
    assert start(house, "migrate").wait(60) == 0, house.log()


@pytest.mark.parametrize("name", ["worker-events", "beat"])
def test_a_service_that_is_not_at_work_is_not_healthy(house: Household, name: str) -> None:
    assert not healthy(house, name)


@pytest.mark.full
def test_a_worker_is_healthy_though_all_heartbeats_of_beat_go_to_others(house: Household) -> None:
    assert start(house, "migrate").wait(60) == 0, house.log()
    start(house, "worker-send")
    house.until(lambda: healthy(house, "worker-send"), "a heartbeat")


def test_plain_celery_finds_the_app_and_works(house: Household) -> None:
    assert start(house, "migrate").wait(60) == 0, house.log()
    environment = ours(house, "worker-inbox")["environment"]
    words = shlex.split("-m celery -A worker.app worker --pool threads --concurrency 2 -B")
    house.start([sys.executable, *words], **environment)
    house.until(lambda: healthy(house, "worker-inbox"), "a heartbeat")
