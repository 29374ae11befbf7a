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

from tests.journeys.discretion import personal_in
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
    heard: list[str] = field(default_factory=list)
    """What customers have written, and where they are reached."""
    names: list[str] = field(default_factory=list)

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
        with (self.folder / "commands.log").open("ab") as log:
            log.write(done.stderr)
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

    def end(self) -> None:
        """Whatever still runs, at once."""
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def logs(self) -> str:
        return "".join(
            path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log"))
        )

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
        self.heard += [profile[name] for name in ("phone", "email") if name in profile]
        self.names += [profile[name] for name in ("first_name",) if name in profile]
        answer = httpx.put(
            f"{self.url}/v1/customers/{customer}",
            json=profile,
            headers={"authorization": f"Bearer {KEY}"},
            timeout=20,
        )
        assert answer.is_success, answer.text

    def write(self, phone: str, words: str) -> None:
        """As a customer does, from his phone."""
        self.heard += [phone, words]
        url = f"{self.url}/webhooks/twilio/inbound"
        assert self.twilio.inbound(url, sender=phone, to=NUMBER, body=words) == 200

    def timeline(self, customer: str) -> list[dict[str, Any]]:
        answer = self._get(f"/v1/customers/{customer}/timeline")
        return list(answer.json()["timeline"]) if answer.is_success else []

    def sms_to(self, number: str) -> list[str]:
        return [one["body"] for one in self.twilio.accepted if one["to"] == number]

    def mail_to(self, address: str) -> list[dict[str, Any]]:
        return [one for one in self.smtp.accepted if address in one["to"]]

    def personal_in_logs(self) -> list[str]:
        """Names, numbers, addresses and words of this journey that a process has written down."""
        texts = [word for one in self.twilio.accepted for word in (one["to"], one["body"])]
        mails = [
            word
            for one in self.smtp.accepted
            for word in (*one["to"], one["subject"], one["text"] or "")
        ]
        return personal_in(self.logs(), [*self.heard, *texts, *mails], self.names)

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
    for name in ("abandoned_checkout", "low_checkbook"):
        trigger = folder / "config" / "triggers" / f"{name}.yaml"
        trigger.write_text(trigger.read_text("utf-8").replace(", holdout: 10%", ""), "utf-8")


@contextmanager
def stage(
    folder: Path,
    database: str,
    broker: str,
    *,
    configure: Callable[[Path], None] = configuration,
) -> Iterator[Stage]:
    """For a journey: at its end nothing personal of it stands in any process's log."""
    with bare_stage(folder, database, broker, configure=configure) as made:
        yield made
        made.end()
        found = made.personal_in_logs()
        assert found == [], f"personal, and in a log: {found}"


@contextmanager
def bare_stage(
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
            made.end()


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
