"""How is beat started? It rings the ticks; they are idempotent, so any number of it may run."""

from __future__ import annotations

import structlog
import typer
from celery.beat import Service

from worker.app import TICKS, Ticker, make_app
from worker.cli.starting import begin_with_others, until_told_to_stop

log = structlog.get_logger(__name__)

app = typer.Typer(add_completion=False)


@app.command()
def beat() -> None:
    """Ring every few seconds what a lost bell left; any number may run."""
    settings = begin_with_others(signs=False)
    service = Service(make_app(settings), scheduler_cls=Ticker)
    log.info("beat_started", ticks=len(TICKS))
    until_told_to_stop(service.stop)
    service.start()
