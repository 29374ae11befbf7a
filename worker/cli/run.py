"""How is everything started in one process, and kept going?"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from itertools import takewhile
from typing import IO, Annotated

import typer

from worker.cli.starting import LOOPBACK, PORT, Host, Port, begin
from worker.serving import listening
from worker.supervising import Parent, alone_on

app = typer.Typer(add_completion=False)

LONGEST_TOLD = 8192
DEMO_DATABASE = "sqlite:///var/demo/outreach.db"


@app.command()
def run(
    host: Host = LOOPBACK,
    port: Port = PORT,
    demo: Annotated[
        bool, typer.Option("--demo", help="Publish the samples and show what becomes of them.")
    ] = False,
) -> None:
    """Everything in one process: nothing to install."""
    if demo:
        os.environ.setdefault("OUTREACH_DATABASE_URL", DEMO_DATABASE)
    lead_here(host, port)
    settings = begin()
    with ExitStack() as stack:
        lock = stack.enter_context(alone_on(settings.data_dir))
        # Held here, the port outlives a child that dies: callers wait for the next one.
        heard_on = stack.enter_context(listening(host, port)).fileno()
        command = [sys.executable, "-m", "worker.cli.child", str(heard_on)]
        parent = Parent(command, inherits=[lock.fileno(), heard_on])
        if demo:
            # The parent lives as long as the installation: it carries nothing it does not need.
            from worker.cli.demo import Demo  # noqa: PLC0415

            log = settings.data_dir / "outreach.log"
            parent.log = stack.enter_context(open(log, "a+b", opener=_private))
            shown = Demo(settings, url=place(host, port), log=log)
            shown.start()
            stack.callback(shown.end)
        status = parent.run()
        last = last_told(parent.log) if status and parent.log else ""
    if status and demo:
        typer.echo(last or f"it ended with {status}; {log} says why", err=True)
    raise typer.Exit(status)


def lead_here(host: str, port: int) -> None:
    """Links in what is sent lead to this machine's port, unless somebody has said where to."""
    if host == LOOPBACK:
        os.environ.setdefault("OUTREACH_PUBLIC_URL", place(host, port))


def place(host: str, port: int) -> str:
    """Where this machine is asked; an IPv6 address stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def last_told(log: IO[bytes]) -> str:
    """The log's last words to a person: what stands at its end and is no JSON."""
    log.seek(max(0, log.seek(0, os.SEEK_END) - LONGEST_TOLD))
    lines = log.read().decode("utf-8", "replace").splitlines()
    told = list(takewhile(lambda line: not line.startswith("{"), reversed(lines)))
    return "\n".join(reversed(told))
