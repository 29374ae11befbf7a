"""The real processes on a stage: ours as subprocesses, a stand-in Twilio, an SMTP server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.servers import free_port
from tests.standins.smtp import SmtpStandIn
from tests.standins.twilio import NUMBER, SID, TOKEN, TwilioStandIn

ROOT = Path(__file__).parents[2]
KEY = "journey-key-of-enough-length"
SIGNING_KEY = "journey-signing-key-of-enough-length"
SUPPRESSION_KEY = "journey-suppression-key-of-enough-length"
SOON = 45.0
"""Seconds within which whatever is waited for has come, on a slow machine too."""

T = TypeVar("T")


class NeverCame(AssertionError):
    """What a journey waited for did not come."""


@dataclass
class Stage:
    url: str
    environment: Mapping[str, str]
    folder: Path
    twilio: TwilioStandIn
    smtp: SmtpStandIn
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *command: str, name: str = "") -> None:
        """One of our own commands, its log kept beside the database."""
        name = name or command[0]
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "worker.cli.main", *command],
            env=dict(self.environment), cwd=self.folder, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        log.close()

    def run(self, *command: str) -> str:
        """One of our own commands, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "worker.cli.main", *command],
            env=dict(self.environment), cwd=self.folder, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
        return done.stdout.decode()

    def kill(self, name: str) -> None:
        """As a power cut would: the whole process group, without a word."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> dict[str, int]:
        """Ask all to end; the exit status of each."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: process.wait(60) for name, process in self.processes.items()}
        self.processes.clear()
        return codes

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def wait_ready(self) -> None:
        self.until(lambda: self._get("/readyz").status_code == 200, "a ready api")

    def until(self, found: Callable[[], T | None], what: str) -> T:
        """Ask until there is an answer; NeverCame, with the logs' end, when there is none."""
        end = time.monotonic() + SOON
        while time.monotonic() < end:
            try:
                answer = found()
            except httpx.TransportError:
                answer = None
            if answer:
                return answer
            time.sleep(0.05)
        raise NeverCame(f"{what}\n{self.logs()[-6000:]}")

    def publish(self, *events: Mapping[str, Any]) -> None:
        answer = httpx.post(
            f"{self.url}/v1/events",
            json=list(events),
            headers={
                "content-type": "application/cloudevents-batch+json",
                "authorization": f"Bearer {KEY}",
            },
            timeout=20,
        )
        assert answer.status_code == 202, answer.text

    def put_customer(self, customer: str, **profile: Any) -> None:
        answer = httpx.put(
            f"{self.url}/v1/customers/{customer}",
            json=profile,
            headers={"authorization": f"Bearer {KEY}"},
            timeout=20,
        )
        assert answer.is_success, answer.text

    def timeline(self, customer: str) -> list[dict[str, Any]]:
        answer = self._get(f"/v1/customers/{customer}/timeline")
        return list(answer.json()["timeline"]) if answer.is_success else []

    def sms_to(self, number: str) -> list[str]:
        return [one["body"] for one in self.twilio.accepted if one["to"] == number]

    def mail_to(self, address: str) -> list[dict[str, Any]]:
        return [one for one in self.smtp.accepted if address in one["to"]]

    def _get(self, path: str) -> httpx.Response:
        return httpx.get(
            f"{self.url}{path}", headers={"authorization": f"Bearer {KEY}"}, timeout=20
        )


def configuration(folder: Path) -> None:
    """What is shipped, without quiet hours, holdout and a long grace: it runs at any hour."""
    shutil.copytree(ROOT / "config", folder / "config")
    shutil.copytree(ROOT / "templates", folder / "templates")
    policy = folder / "config" / "outreach.yaml"
    text = policy.read_text("utf-8")
    policy.write_text(
        text.replace("quiet: default", "quiet: none").replace("grace: 30s", "grace: 1s"), "utf-8"
    )
    cart = folder / "config" / "triggers" / "abandoned_checkout.yaml"
    cart.write_text(cart.read_text("utf-8").replace(", holdout: 10%", ""), "utf-8")


@contextmanager
def stage(
    folder: Path,
    database: str,
    broker: str,
    *,
    configure: Callable[[Path], None] = configuration,
    hands: int = 1,
) -> Iterator[Stage]:
    """An empty stage: nothing of ours runs yet. `hands`: so many bring Twilio's receipts."""
    configure(folder)
    port = free_port()
    with ExitStack() as stack:
        twilio = stack.enter_context(TwilioStandIn(hands=hands))
        smtp = stack.enter_context(SmtpStandIn())
        url = f"http://127.0.0.1:{port}"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", str(folder)),
            "PYTHONPATH": str(ROOT),
            "OUTREACH_DATABASE_URL": database,
            "OUTREACH_BROKER_URL": broker,
            "OUTREACH_CONFIG_DIR": str(folder / "config"),
            "OUTREACH_TEMPLATES_DIR": str(folder / "templates"),
            "OUTREACH_PUBLIC_URL": url,
            "OUTREACH_SECRET_KEY": SIGNING_KEY,
            "OUTREACH_SUPPRESSION_KEY": SUPPRESSION_KEY,
            "OUTREACH_API_KEYS": KEY,
            "OUTREACH_SMS": "twilio",
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": NUMBER,
            "OUTREACH_TWILIO_BASE_URL": twilio.url,
            "OUTREACH_EMAIL": "smtp",
            "OUTREACH_SMTP_URL": smtp.url,
            "OUTREACH_EMAIL_FROM": "Example Bank <hello@bank.example>",
        }
        made = Stage(url, environment, folder, twilio, smtp)
        try:
            yield made
        finally:
            for process in made.processes.values():
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def start_separately(one: Stage) -> None:
    """api, workers and beat, each a process of its own, as docker-compose.yml starts them."""
    one.run("db", "upgrade")
    one.run("apply")
    port = one.url.rpartition(":")[2]
    one.start("api", "--port", port)
    for queue in ("events", "send", "inbox"):
        one.start("worker", "--queues", queue, name=f"worker-{queue}")
    one.start("beat")
    one.wait_ready()


def start_together(one: Stage) -> None:
    """`outreach run`: one process for everything."""
    one.start("run", "--port", one.url.rpartition(":")[2])
    one.wait_ready()


def ago(**length: float) -> str:
    return (datetime.now(UTC) - timedelta(**length)).isoformat()


def in_days(number: int) -> str:
    return (datetime.now(UTC) + timedelta(days=number)).date().isoformat()


def event(id_: str, type_: str, customer: str, time_: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "journey",
        "type": type_,
        "subject": customer,
        "time": time_,
        "data": data,
    }
