"""What does every long-running command do first?"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Annotated

import structlog
import typer
from sqlalchemy import Engine

from worker.cli.collecting import collect_seldom
from worker.cli.database import check_database
from worker.logs import begin_logging
from worker.own_keys import with_signing_key
from worker.settings import Settings, SettingsWrong, read_settings
from worker.store.engine import reading
from worker.store.keys import read_keys

log = structlog.get_logger(__name__)

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]
LOOPBACK = "127.0.0.1"
LOOPBACKS = (LOOPBACK, "::1", "localhost")
PORT = 8000


def begin() -> Settings:
    """Logs as JSON from here on; the environment, read."""
    collect_seldom()
    begin_logging()
    return read_settings()


def begin_with_others(*, signs: bool = True) -> Settings:
    """The same for one of several processes: a broker, a signing key and the tables are there."""
    settings = begin()
    refuse_in_process(settings)
    if signs:
        settings = with_signing_key(settings)
    check_database(settings)
    return settings


def refuse_in_process(settings: Settings) -> None:
    """Bells of another process are not heard over memory://: only `outreach run` may use it."""
    if settings.in_process:
        raise SettingsWrong(
            "OUTREACH_BROKER_URL: memory:// is heard in one process only; name a broker such as"
            " redis://localhost:6379/0, or start everything in one with `outreach run`"
        )


def warn_without_keys(engine: Engine, host: str) -> None:
    """Who listens to the outside and has no key serves nobody there, and that is hard to see."""
    if host in LOOPBACKS or reading(engine, lambda c: read_keys(c, only_good=True)):
        return
    log.warning(
        "no_keys",
        host=host,
        why="nobody from outside is served: make a key by `outreach keys add`"
        " or name one in OUTREACH_API_KEYS",
    )


def until_told_to_stop(stop: Callable[[], object]) -> None:
    """Call `stop` at the first SIGTERM or SIGINT; a second one changes nothing."""
    asked = False

    def heard(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)
