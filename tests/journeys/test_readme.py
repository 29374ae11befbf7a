"""Does what the README shows work as it stands there?"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import redis

from tests.journeys.stage import ROOT, Stage, stage, start_separately

README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE_URL, EXAMPLE_BROKER = "http://127.0.0.1:8000", "redis://127.0.0.1:6379/0"
EXAMPLE_STREAM = "redis://127.0.0.1:6379/1"

pytestmark = pytest.mark.timeout(240)


def block(language: str, holding: str, document: str = README) -> str:
    """The first of that language which holds the words."""
    return next(
        text for kind, text in BLOCK.findall(document) if kind == language and holding in text
    )


def adapted(text: str, one: Stage) -> str:
    """The same, against this stage."""
    return (
        text.replace(EXAMPLE_URL, one.url)
        .replace("outreach keys", f"{sys.executable} -m worker.cli.main keys")
        .replace(EXAMPLE_BROKER, one.environment["OUTREACH_BROKER_URL"])
        .replace(EXAMPLE_STREAM, one.environment.get("OUTREACH_STREAM_URL", ""))
    )


def done(*command: str, one: Stage) -> str:
    ended = subprocess.run(
        command, env=dict(one.environment), cwd=one.folder, capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


def ask_redis(line: str, one: Stage) -> None:
    """What redis-cli sends, word by word: it is not everywhere where these tests are."""
    program, option, _, *words = shlex.split(line)
    assert (program, option) == ("redis-cli", "-n")
    with redis.Redis.from_url(one.environment["OUTREACH_STREAM_URL"]) as client:
        client.execute_command(*words)


def stored(one: Stage, id_: str) -> bool:
    answer = httpx.get(f"{one.url}/v1/events", params={"source": "claims", "id": id_})
    return answer.status_code == 200


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def test_publishing_works_as_shown_by_curl_from_python_and_from_celery(
    tmp_path: Path, bare_postgres_url: str, broker_url: str
) -> None:
    with stage(tmp_path, bare_postgres_url, broker_url) as one:
        stream = {"OUTREACH_STREAM_URL": broker_url}
        one.environment = {**one.environment, **stream, "OUTREACH_API_KEYS": ""}
        start_separately(one)

        said = done("bash", "-c", adapted(block("sh", "/v1/events"), one), one=one)
        # twice, since sending again is harmless
        for _ in range(2):
            done(sys.executable, "-c", adapted(block("python", "httpx"), one), one=one)
            done(sys.executable, "-c", adapted(block("python", "send_task"), one), one=one)
            done(sys.executable, "-c", adapted(block("python", "xadd"), one), one=one)
        ask_redis(block("sh", "redis-cli"), one)

        assert " 202 " in said.splitlines()[0]
        for id_ in (
            "2026-11-21-0001",
            f"m2-opened-{today()}",
            "2026-11-21-0003",
            "2026-11-21-0004",
            "2026-11-21-0005",
        ):
            one.until(lambda: stored(one, id_), f"event {id_}")  # noqa: B023

        shown = done("bash", "-c", adapted(block("sh", "keys add"), one), one=one)
        assert " 200 " in shown.splitlines()[0]
        one.until(lambda: httpx.get(f"{one.url}/v1/catalog").status_code == 401, "a closed door")


def shipped(folder: Path) -> Path:
    """A folder with what is shipped, as it is shipped."""
    for name in ("config", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize(
    ("document", "first", "count"),
    [("README.md", "outreach check", 4), ("docs/triggers.md", "outreach schema", 7)],
)
def test_the_commands_about_triggers_work_as_shown(
    tmp_path: Path, document: str, first: str, count: int
) -> None:
    with stage(tmp_path, f"sqlite:///{tmp_path}/outreach.db", "memory://") as one:
        here = {"OUTREACH_CONFIG_DIR": "config", "OUTREACH_TEMPLATES_DIR": "templates"}
        one.environment = {**one.environment, **here}
        one.folder = shipped(tmp_path / "shipped")
        one.run("db", "upgrade")
        one.run("apply")
        lines = block("sh", first, (ROOT / document).read_text("utf-8")).splitlines()
        shown = [line for line in lines if line]

        for line in shown:
            one.run(*shlex.split(line, comments=True)[1:])

        assert len(shown) == count
