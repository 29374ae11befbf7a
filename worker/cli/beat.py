"""How is beat started? It rings the ticks; they are idempotent, so any number of it may run."""

from __future__ import annotations

import typer
from celery.beat import Service

from worker.app import Ticker, make_app
from worker.cli.starting import begin, refuse_in_process, until_told_to_stop

app = typer.Typer(add_completion=False)


@app.command()
def beat() -> None:
    """Ring every second what a lost bell left; any number may run."""
    settings = begin()
    refuse_in_process(settings)
    service = Service(make_app(settings), scheduler_cls=Ticker)
    until_told_to_stop(service.stop)
    service.start()
