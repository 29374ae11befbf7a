"""What does the one process of `outreach run` do, from its start to its end?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from socket import socket

import structlog
from sqlalchemy.exc import DBAPIError

from worker.alone import Labour, end_by_force
from worker.cli.database import told_of
from worker.cli.first_user import begin_console
from worker.cli.starting import begin, until_told_to_stop, warn_without_keys
from worker.http.app import create_app
from worker.own_keys import with_signing_key
from worker.serving import HttpServer
from worker.settings import Settings
from worker.store.engine import make_engine
from worker.store.migrations import upgrade
from worker.supervising import when_parent_ends
from worker.told import CANNOT_START, Told
from worker.watching import Watch
from worker.wiring import make_parts, take_in_keys

log = structlog.get_logger(__name__)


def live(settings: Settings, *, heard_on: socket) -> None:
    """Serve, work and tick until told to stop; then finish what was begun."""
    begin_database(settings)
    parts = make_parts(settings)
    parts.app.parts = parts
    take_in_keys(parts)
    begin_console(parts.engine, settings)
    warn_without_keys(parts.engine, heard_on.getsockname()[0])
    watch = Watch(parts)
    watch.begin()
    server = HttpServer(create_app(parts))
    until_told_to_stop(server.stop)
    when_parent_ends(sys.stdin.fileno(), server.stop)
    labour = Labour(parts.app)
    labour.start()
    tell_listening(heard_on)
    server.run(sockets=[heard_on])
    end_by_force()
    watch.end()
    labour.stop()
    parts.close()


def tell_listening(heard_on: socket) -> None:
    """A line for whoever sits before the JSON ones."""
    if sys.stderr.isatty():
        host, port, *_ = heard_on.getsockname()
        sys.stderr.write(f"listening on http://{host}:{port}, Ctrl-C ends it\n")


def begin_database(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    upgrade(engine)
    engine.dispose()


def main(arguments: Sequence[str]) -> None:
    [listening] = arguments
    try:
        with socket(fileno=int(listening)) as heard_on:
            live(with_signing_key(begin(), make=True), heard_on=heard_on)
    except Told as told:
        sys.stderr.write(f"{told}\n")
        sys.exit(CANNOT_START)
    except DBAPIError as error:
        # It may come up while the parent tries again.
        found = told_of(error)
        if found is None:
            raise
        sys.stderr.write(f"{found}\n")
        sys.exit(found.status)


if __name__ == "__main__":
    main(sys.argv[1:])
