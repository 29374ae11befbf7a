"""What becomes of the samples? They go in by HTTP, and a table tells, as long as it is watched."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text
from sqlalchemy import Row

from triggers.clock import UTC
from worker.cli.samples import read_samples
from worker.settings import Settings
from worker.store.engine import make_engine, reading
from worker.store.overview import read_counts, read_latest

ROWS = 30
BATCH = "application/cloudevents-batch+json"
COLOURS = {"messaged": "green", "handed_over": "green", "pending": "yellow"}


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
        now, run = datetime.now(UTC), secrets.token_hex(3)
        for name, path, kind in (
            ("customers", "/v1/customers:batch", "application/json"),
            ("events", "/v1/events", BATCH),
        ):
            rows = read_samples(self._samples / f"{name}.jsonl", now=now, run=run)
            answer = client.post(path, json=rows, headers={"Content-Type": kind})
            console.print(f"{len(rows)} {name} published: {answer.status_code} {answer.text}")

    def _show(self, console: Console) -> None:
        engine = make_engine(self._settings.database_url)
        shown: tuple[Sequence[Any], dict[str, int]] | None = None
        with Live(console=console, auto_refresh=False) as live:
            while not self._ended.wait(0.5):
                rows = reading(engine, lambda connection: read_latest(connection, most=ROWS))
                now = rows, reading(engine, read_counts)
                if now == shown:
                    continue
                shown = now
                view = Group(table_of(rows), self._foot(now[1]))
                if console.is_terminal:
                    live.update(view, refresh=True)
                else:
                    console.print(view)
        engine.dispose()

    def _foot(self, counts: dict[str, int]) -> Text:
        events = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        return Text(
            f"events: {events or 'none'}\n{self._url}/docs: what may be asked · "
            f"{self._log}: what happens inside · {self._settings.database_url}: all of it\n"
            "Ctrl-C ends it.",
            style="dim",
        )


def table_of(rows: Sequence[Row[Any]]) -> Table:
    """What was sent, what waits until when, what was called off, each with its reason."""
    table = Table(title="What became of the samples", expand=True)
    for heading in ("trigger", "customer", "what", "when or why", "text"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        what = row.state if row.message_state is None else f"{row.channel} {row.message_state}"
        style = COLOURS.get(row.state, "dim")
        table.add_row(row.trigger, row.customer_id, Text(what, style), _why(row), row.text or "")
    return table


def _why(row: Row[Any]) -> str:
    reason = ": ".join(part for part in (row.reason, row.detail) if part)
    if row.state == "pending":
        until = f"until {row.due.astimezone():%d.%m. %H:%M:%S}"
        return f"{until}, {reason}" if reason else until
    if row.message_state is not None:
        return f"to {row.address}" + (f", {row.why}" if row.why else "")
    return reason
