"""What becomes of the samples? They go in as files do, and a table tells while it is watched."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import httpx
from rich.console import Console, ConsoleDimensions, Group
from rich.live import Live
from rich.text import Text
from sqlalchemy import Connection, Engine

from triggers.admission import CUSTOMERS_DOOR
from triggers.definitions import Policy
from triggers.profile_updates import as_update, as_written
from worker.cli.overview import TITLE, Shown, counted, quiet_told, table_of
from worker.cli.password_place import password_in
from worker.cli.samples import read_samples
from worker.cli.terminal import tamed
from worker.clock import utc_now
from worker.following import Following
from worker.logs import begin_logging
from worker.settings import Settings
from worker.steps.accepting import accept_or_refuse
from worker.store.clock import read_now
from worker.store.engine import make_engine, reading
from worker.store.overview import read_counts, read_exits, read_latest, read_outcomes

ROWS = 100
FILE_DOOR = "file"


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
        # what is logged of it stands in the child's log; here a person reads
        begin_logging(level=logging.WARNING)
        console = Console()
        with self._caller(seconds=10) as client:
            ready = self._ready(client, console)
        if ready:
            engine = make_engine(self._settings.database_url)
            self._publish(engine, console)
            with self._caller(seconds=1) as client:
                self._show(engine, client, console)
            engine.dispose()

    def end(self) -> None:
        self._ended.set()
        self.join(2)

    def _caller(self, *, seconds: float) -> httpx.Client:
        # whatever proxy the environment names, it leads to other machines
        return httpx.Client(base_url=self._url, timeout=seconds, trust_env=False)

    def _ready(self, client: httpx.Client, console: Console) -> bool:
        with console.status("starting"):
            while not self._ended.wait(0.1):
                try:
                    if client.get("/readyz").is_success:
                        return True
                except httpx.TransportError:
                    continue
        return False

    def _publish(self, engine: Engine, console: Console) -> None:
        """Not by HTTP: that door may be closed by keys whose secrets nobody keeps."""
        now, run = utc_now(), secrets.token_hex(3)
        configuration = Following(engine).active()
        if configuration is None:
            raise AssertionError("what is ready has a configuration")
        profiles, events = (
            read_samples(self._samples / f"{name}.jsonl", now=now, run=run)
            for name in ("customers", "events")
        )
        updates = [as_written(as_update(one, str(one["id"]), now=now)) for one in profiles]
        for name, door, rows in (
            ("customers", CUSTOMERS_DOOR, updates),
            ("events", FILE_DOOR, events),
        ):
            done = accept_or_refuse(
                engine, configuration, rows, door=door, may_write_customers=True
            )
            told = f"{len(rows)} {name} published"
            console.print(told + (f": {done.refused} refused" if done.refused else ""))

    def _show(self, engine: Engine, client: httpx.Client, console: Console) -> None:
        following = Following(engine)
        seen: tuple[Shown, ConsoleDimensions] | None = None
        mistake = ""
        with Live(console=console, auto_refresh=False) as live:
            while not self._ended.wait(0.5):
                configuration = following.active()
                if configuration is None:
                    continue
                found = reading(engine, lambda c: _look(c, configuration.policy))  # noqa: B023
                mistake = _mistake(client, before=mistake)
                shown = replace(found, mistake=mistake)
                if (shown, console.size) == seen:
                    continue
                seen = shown, console.size
                if console.is_terminal:
                    live.update(self._view(shown, console.size), refresh=True)
                else:
                    console.print(self._view(shown))

    def _view(self, shown: Shown, size: ConsoleDimensions | None = None) -> Group:
        """What must be seen stands first: whatever does not fit is cut from the end."""
        events = ", ".join(f"{count} {state}" for state, count in sorted(shown.events.items()))
        head = (
            Text(f"{self._url}/docs: what may be asked. Ctrl-C ends it.", "bold"),
            Text(self._way_in(), "dim"),
            Text(f"{self._log}: what happens inside", "dim"),
            Text(f"{self._settings.database_name}: all of it; events: {events or 'none'}", "dim"),
            *([Text(shown.quiet, "yellow")] if shown.quiet else []),
            Text(f"{TITLE}: {counted(shown.outcomes)}"),
        )
        for line in head:
            line.no_wrap, line.overflow = True, "ellipsis"
        wrong = [Text(shown.mistake, "bold red")] if shown.mistake else []
        if size is None:
            return Group(*wrong, *head, table_of(shown, lines=None))
        taken = len(head) + sum(-(-one.cell_len // size.width) for one in wrong)
        return Group(*wrong, *head, table_of(shown, lines=size.height - taken - 1))

    def _way_in(self) -> str:
        """Where the password stands, not what it is: others may see this screen."""
        where = password_in(self._settings)
        return f"{self._url}/console" + (f": admin, password in {where}" if where else "")


def _mistake(client: httpx.Client, before: str) -> str:
    """Why the folder as it was saved last is not in force; as `before` where nobody answers."""
    try:
        answer = client.get("/readyz")
    except httpx.TransportError:
        return before
    if not answer.is_success:
        return before
    lines = answer.json().get("configuration_mistake", "").splitlines()
    if not lines:
        return ""
    more = f" 1 of {len(lines)}, `outreach check` tells all:" if len(lines) > 1 else ""
    return tamed(f"not in force:{more} {lines[0]}")


def _look(connection: Connection, policy: Policy) -> Shown:
    rows = read_latest(connection, most=ROWS)
    return Shown(
        rows=rows,
        exits=read_exits(connection, rows),
        outcomes=read_outcomes(connection),
        events=read_counts(connection),
        policy=policy,
        quiet=quiet_told(policy, read_now(connection)),
    )
