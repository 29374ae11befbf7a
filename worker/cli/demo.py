"""What becomes of the samples? They go in by HTTP, and a table tells, as long as it is watched."""

from __future__ import annotations

import secrets
from pathlib import Path
from threading import Event, Thread

import httpx
from rich.console import Console, ConsoleDimensions, Group
from rich.live import Live
from rich.text import Text
from sqlalchemy import Connection

from triggers.definitions import Policy
from worker.cli.overview import TITLE, Shown, counted, table_of
from worker.cli.samples import read_samples
from worker.clock import utc_now
from worker.following import Following
from worker.settings import Settings
from worker.store.engine import make_engine, reading
from worker.store.overview import read_counts, read_exits, read_latest, read_outcomes

ROWS = 100
BATCH = "application/cloudevents-batch+json"


class Demo(Thread):
    """Beside the parent: waits until the doors are open, publishes, and shows until stopped."""

    def __init__(self, settings: Settings, *, url: str, log: Path) -> None:
        super().__init__(name="demo", daemon=True)
        self._settings = settings
        self._url = url
        self._log = log
        self._samples = settings.config_dir / "samples"
        self._ended = Event()

    def run(self) -> None:
        console = Console()
        with httpx.Client(base_url=self._url, headers=self._headers(), timeout=10) as client:
            if self._ready(client, console):
                self._publish(client, console)
                self._show(console)

    def end(self) -> None:
        self._ended.set()
        self.join(2)

    def _headers(self) -> dict[str, str]:
        for key in self._settings.api_keys:
            secret, _, _scopes = key.get_secret_value().partition(":")
            return {"Authorization": f"Bearer {secret}"}
        return {}

    def _ready(self, client: httpx.Client, console: Console) -> bool:
        with console.status("starting"):
            while not self._ended.wait(0.1):
                try:
                    if client.get("/readyz").is_success:
                        return True
                except httpx.TransportError:
                    continue
        return False

    def _publish(self, client: httpx.Client, console: Console) -> None:
        now, run = utc_now(), secrets.token_hex(3)
        for name, path, kind in (
            ("customers", "/v1/customers:batch", "application/json"),
            ("events", "/v1/events", BATCH),
        ):
            rows = read_samples(self._samples / f"{name}.jsonl", now=now, run=run)
            answer = client.post(path, json=rows, headers={"Content-Type": kind})
            console.print(f"{len(rows)} {name} published: {answer.status_code} {answer.text}")

    def _show(self, console: Console) -> None:
        engine = make_engine(self._settings.database_url)
        following = Following(engine)
        seen: tuple[Shown, ConsoleDimensions] | None = None
        with Live(console=console, auto_refresh=False) as live:
            while not self._ended.wait(0.5):
                configuration = following.active()
                if configuration is None:
                    continue
                shown = reading(engine, lambda c: _look(c, configuration.policy))  # noqa: B023
                if (shown, console.size) == seen:
                    continue
                seen = shown, console.size
                if console.is_terminal:
                    live.update(self._view(shown, lines=console.height), refresh=True)
                else:
                    console.print(self._view(shown, lines=None))
        engine.dispose()

    def _view(self, shown: Shown, *, lines: int | None) -> Group:
        """What must be seen stands first: whatever does not fit is cut from the end."""
        events = ", ".join(f"{count} {state}" for state, count in sorted(shown.events.items()))
        head = (
            Text(f"{self._url}/docs: what may be asked. Ctrl-C ends it.", "bold"),
            Text(f"{self._log}: what happens inside", "dim"),
            Text(f"{self._settings.database_name}: all of it; events: {events or 'none'}", "dim"),
            Text(f"{TITLE}: {counted(shown.outcomes)}"),
        )
        for line in head:
            line.no_wrap, line.overflow = True, "ellipsis"
        return Group(*head, table_of(shown, lines=lines and lines - len(head) - 1))


def _look(connection: Connection, policy: Policy) -> Shown:
    rows = read_latest(connection, most=ROWS)
    return Shown(
        rows=rows,
        exits=read_exits(connection, rows),
        outcomes=read_outcomes(connection),
        events=read_counts(connection),
        policy=policy,
    )
