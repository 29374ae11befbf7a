"""Does what the README shows work as it stands there?"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.journeys.stage import KEY, ROOT, Stage, stage, start_separately

README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE_URL, EXAMPLE_BROKER = "http://127.0.0.1:8000", "redis://127.0.0.1:6379/0"

pytestmark = pytest.mark.timeout(240)


def block(language: str, holding: str) -> str:
    (found,) = (
        text for kind, text in BLOCK.findall(README) if kind == language and holding in text
    )
    return str(found)


def adapted(text: str, one: Stage) -> str:
    """The same, against this stage."""
    return (
        text.replace(EXAMPLE_URL, one.url)
        .replace("YOUR-KEY", KEY)
        .replace(EXAMPLE_BROKER, one.environment["OUTREACH_BROKER_URL"])
    )


def done(*command: str, one: Stage) -> str:
    ended = subprocess.run(
        command, env=dict(one.environment), cwd=one.folder, capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


def stored(one: Stage, id_: str) -> bool:
    answer = httpx.get(
        f"{one.url}/v1/events",
        params={"source": "claims", "id": id_},
        headers={"authorization": f"Bearer {KEY}"},
    )
    return answer.status_code == 200


def test_publishing_works_as_shown_by_curl_from_python_and_from_celery(
    tmp_path: Path, bare_postgres_url: str, broker_url: str
) -> None:
    with stage(tmp_path, bare_postgres_url, broker_url) as one:
        start_separately(one)

        said = done("bash", "-c", adapted(block("sh", "curl"), one), one=one)
        done(sys.executable, "-c", adapted(block("python", "httpx"), one), one=one)
        done(sys.executable, "-c", adapted(block("python", "send_task"), one), one=one)

        assert " 202 " in said.splitlines()[0]
        for id_ in ("2026-11-21-0001", "2026-11-21-0002", "2026-11-21-0003"):
            one.until(lambda: stored(one, id_), f"event {id_}")  # noqa: B023


def test_the_commands_about_triggers_work_as_shown(tmp_path: Path) -> None:
    with stage(tmp_path, f"sqlite:///{tmp_path}/outreach.db", "memory://") as one:
        shipped = {"OUTREACH_CONFIG_DIR": "config", "OUTREACH_TEMPLATES_DIR": "templates"}
        one.environment = {**one.environment, **shipped}
        one.folder = ROOT
        one.run("db", "upgrade")
        shown = [line for line in block("sh", "outreach check").splitlines() if line]

        for line in shown:
            one.run(*shlex.split(line, comments=True)[1:])

        assert len(shown) == 4
