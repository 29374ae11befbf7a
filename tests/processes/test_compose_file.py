"""Is docker-compose.yml whole: every service healthy, restarted, without root, every queue read?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
import yaml

from tests.processes.compose import FILE, OURS, ROOT, THEIRS, seconds, services, variables
from worker.app import QUEUES
from worker.settings import Settings

SERVICES = services()


def works(command: list[str]) -> bool:
    """Compose is installed in its older form, in its newer form, or not at all."""
    if shutil.which(command[0]) is None:
        return False
    return not subprocess.run([*command, "version"], capture_output=True, check=False).returncode


def names_of_settings() -> set[str]:
    return {
        name.upper() if field.validation_alias else f"OUTREACH_{name.upper()}"
        for name, field in Settings.model_fields.items()
    }  # fmt: skip


def test_it_names_the_processes_we_know() -> None:
    assert set(SERVICES) == {*OURS, *THEIRS}


@pytest.mark.parametrize("name", sorted({*OURS, *THEIRS} - {"migrate"}))
def test_every_service_says_whether_it_is_healthy_and_is_started_again(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_ours_run_without_root_and_cannot_write(name: str) -> None:
    service = SERVICES[name]
    assert service["user"].partition(":")[0] not in ("", "0", "root")
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert [mount.split(":")[-1] for mount in service["volumes"]] == ["ro", "ro"]


@pytest.mark.parametrize("name", OURS)
def test_ours_may_finish_a_provider_s_call_before_they_are_killed(name: str) -> None:
    assert seconds(SERVICES[name]["stop_grace_period"]) > 60


@pytest.mark.parametrize("name", OURS)
def test_ours_are_told_by_settings_that_exist(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= names_of_settings()


@pytest.mark.parametrize("name", OURS)
def test_ours_hear_every_setting_but_the_one_for_tests(name: str) -> None:
    unheard = names_of_settings() - set(SERVICES[name]["environment"])
    assert unheard == {"OUTREACH_TWILIO_BASE_URL"}


def test_no_secret_stands_in_the_file() -> None:
    told = SERVICES["api"]["environment"]
    secret = [name for name in told if re.search("KEY|TOKEN|SID|SECRET|URL$", name)]
    values = {told[name] or "" for name in secret if name != "OUTREACH_DATABASE_URL"}
    assert values <= {"", "redis://:@redis:6379/0", "redis://:@redis:6379/1"}


def test_every_variable_is_explained_in_the_example() -> None:
    text = (ROOT / ".env.example").read_text()
    assert variables() - {"TMPDIR"} == set(re.findall(r"^(\w+)=", text, re.M))


def test_every_queue_is_read_by_a_worker() -> None:
    read = {
        f"outreach.{service['command'][2]}"
        for service in SERVICES.values()
        if service.get("command", [])[:2] == ["worker", "--queues"]
    }
    assert read == set(QUEUES)


def test_ours_wait_for_the_database_to_be_of_their_version() -> None:
    for name in set(OURS) - {"migrate"}:
        assert SERVICES[name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }


def test_the_broker_keeps_what_it_took_and_refuses_rather_than_forgets() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "--requirepass" in command
    assert "ports" not in SERVICES["redis"]
    assert "ports" not in SERVICES["postgres"]


@pytest.mark.parametrize(
    ("name", "profile"), [("mail", "dev"), ("prometheus", "watch"), ("grafana", "watch")]
)
def test_what_is_not_always_wanted_has_a_profile(name: str, profile: str) -> None:
    assert SERVICES[name]["profiles"] == [profile]


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_what_is_mounted_is_there(service: str) -> None:
    mounts = [mount.split(":")[0] for mount in SERVICES[service].get("volumes", [])]
    for source in mounts:
        if source.startswith("."):
            assert (ROOT / source).exists()
        else:
            assert source in yaml.safe_load(FILE.read_text())["volumes"]


COMPOSE = next((c for c in (["docker-compose"], ["docker", "compose"]) if works(c)), None)


def test_compose_itself_understands_the_file() -> None:
    """Where compose is not installed, at least YAML is."""
    if COMPOSE is None:
        assert set(yaml.safe_load(FILE.read_text())["services"]) == set(SERVICES)
        return
    needed = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "OUTREACH_SECRET_KEY", "OUTREACH_PUBLIC_URL")
    done = subprocess.run(
        [*COMPOSE, "-f", FILE, "config"],
        capture_output=True,
        check=False,
        env=os.environ | dict.fromkeys(needed, "x"),
    )
    assert done.returncode == 0, done.stderr.decode()
