"""A small installation in a folder of its own: one event type, one trigger, one text."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.servers import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
T = TypeVar("T")

FILES = {
    "config/outreach.yaml": "languages: [en]\ncategories: {service: {quiet: none}}\n",
    "config/customer.yaml": "type: object\nproperties: {}\n",
    "config/events/order.late.yaml": """
event: order.late
about: An order is late.
data:
  type: object
  required: [order]
  properties: {order: {type: string, minLength: 1, maxLength: 20}}
examples: [{order: o1}]
""",
    "config/triggers/late.yaml": """
trigger: late
about: Tell the customer before he asks.
on: order.late
key: event.data.order
send: [{message: late, by: [sms]}]
limits: {category: service}
""",
    "templates/late/sms.en.txt": "Your order {{ event.data.order }} is late. Sorry.\n",
}


class NeverCame(AssertionError):
    """What was waited for did not come in time."""


@dataclass
class Household:
    """Its folder, its environment, and the processes that run on them."""

    folder: Path
    environment: dict[str, str]
    port: int
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def start(self, command: Sequence[str], **environment: str) -> subprocess.Popen[str]:
        log = self.folder / f"{len(self.started)}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment | environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def outreach(self, *arguments: str) -> subprocess.Popen[str]:
        return self.start([sys.executable, "-m", "worker.cli.main", *arguments])

    def run(self) -> subprocess.Popen[str]:
        """`outreach run`, ready."""
        process = self.outreach("run", "--port", str(self.port))
        self.until(lambda: self.ready(process), "readiness")
        return process

    def ready(self, process: subprocess.Popen[str]) -> bool:
        if process.poll() is not None:
            raise NeverCame(f"it ended with {process.returncode}\n{self.log()}")
        return bool(self.get("/readyz").get("ready"))

    def get(self, path: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = httpx.get(self.url + path, timeout=10).json()
        except (httpx.TransportError, ValueError):
            return {}
        return found

    def publish(self, *orders: str) -> None:
        """A late order, each of another customer; they are ours when this returns."""
        people = [
            {"id": f"c-{order}", "phone": f"+97250{number:07}", "language": "en"}
            for number, order in enumerate(orders)
        ]
        events = [
            {
                "specversion": "1.0",
                "id": order,
                "source": "shop",
                "type": "order.late",
                "subject": f"c-{order}",
                "time": datetime.now(UTC).isoformat(),
                "data": {"order": order},
            }
            for order in orders
        ]
        kind = {"Content-Type": "application/cloudevents-batch+json"}
        httpx.post(f"{self.url}/v1/customers:batch", json=people, timeout=10).raise_for_status()
        httpx.post(
            f"{self.url}/v1/events", json=events, headers=kind, timeout=10
        ).raise_for_status()

    def until(self, found: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = found()
            if answer:
                return answer
            time.sleep(0.05)
        raise NeverCame(f"{what}\n{self.log()}")

    def log(self) -> str:
        texts = [path.read_text() for path in sorted(self.folder.glob("*.log"))]
        return "\n---\n".join(texts)[-8000:]

    def kill(self, process: subprocess.Popen[str]) -> None:
        """As a power cut would: it and all its children, without a word."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def household(folder: Path, **environment: str) -> Iterator[Household]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OUTREACH_", "TWILIO_", "PYTEST_"))
    }
    scratch = folder / "tmp"
    scratch.mkdir()
    ours = {"PYTHONPATH": str(ROOT), "TMPDIR": str(scratch), **environment}
    made = Household(folder, inherited | ours, free_port())
    for name, text in FILES.items():
        made.write(name, text)
    try:
        yield made
    finally:
        for process in made.started:
            if process.poll() is None:
                made.kill(process)
