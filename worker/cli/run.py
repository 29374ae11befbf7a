"""How is everything started in one process, and kept going?"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import Annotated

import typer

from worker.cli.starting import LOOPBACK, PORT, Host, Port, begin
from worker.supervising import Parent, alone_on

app = typer.Typer(add_completion=False)

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
    settings = begin()
    with ExitStack() as stack:
        lock = stack.enter_context(alone_on(settings.data_dir))
        parent = Parent([sys.executable, "-m", "worker.cli.child", host, str(port)], lock=lock)
        if demo:
            # The parent lives as long as the installation: it carries nothing it does not need.
            from worker.cli.demo import Demo  # noqa: PLC0415

            log = settings.data_dir / "outreach.log"
            parent.log = stack.enter_context(log.open("ab"))
            shown = Demo(settings, url=f"http://{host}:{port}", log=log)
            shown.start()
            stack.callback(shown.end)
        status = parent.run()
        if status and parent.log is not None:
            typer.echo(f"it ended with {status}; {parent.log.name} says why", err=True)
    raise typer.Exit(status)
