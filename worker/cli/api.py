"""How are the doors from outside opened?"""

from __future__ import annotations

import typer

from worker.cli.first_user import begin_console
from worker.cli.starting import (
    LOOPBACK,
    PORT,
    Host,
    Port,
    begin_with_others,
    until_told_to_stop,
    warn_without_keys,
)
from worker.http.app import create_app
from worker.serving import HttpServer, listening
from worker.wiring import make_parts, take_in_keys

app = typer.Typer(add_completion=False)


@app.command()
def api(host: Host = LOOPBACK, port: Port = PORT) -> None:
    """The doors from outside: events, customers, webhooks, links."""
    settings = begin_with_others()
    parts = make_parts(settings)
    take_in_keys(parts)
    begin_console(parts.engine, settings)
    warn_without_keys(parts.engine, host)
    server = HttpServer(create_app(parts))
    until_told_to_stop(server.stop)
    server.run(sockets=[listening(host, port)])
    parts.close()
