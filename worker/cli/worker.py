"""How is a worker started? One kind of pool for each kind of work."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from worker.app import make_app
from worker.cli.starting import begin_with_others

app = typer.Typer(add_completion=False)


class Queues(StrEnum):
    events = "events"
    send = "send"
    inbox = "inbox"
    everything = "all"


# Evaluating is computing, which processes share out; sending is waiting, which threads do.
POOLS = {
    Queues.events: ("prefork", 2),
    Queues.send: ("threads", 8),
    Queues.inbox: ("threads", 4),
    Queues.everything: ("threads", 8),
}


@app.command()
def worker(
    queues: Annotated[Queues, typer.Option(help="Which work to take.")] = Queues.everything,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Processes or threads.")] = None,
) -> None:
    """Evaluate, claim and send, receive: what bells ask for."""
    settings = begin_with_others()
    celery = make_app(settings)
    pool, usual = POOLS[queues]
    taken = [kind for kind in POOLS if kind is not Queues.everything]
    names = [f"outreach.{kind}" for kind in (taken if queues is Queues.everything else [queues])]
    celery.worker_main(
        [
            "worker",
            f"--pool={pool}",
            f"--concurrency={concurrency or usual}",
            f"--queues={','.join(names)}",
            f"--hostname={queues}@%h",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=INFO",
        ]
    )
