"""Is all well, and if not, what needs a person?"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from worker.channels.base import ChannelError
from worker.channels.ledger import unasked_channels
from worker.channels.outbox import SENDER
from worker.cli.database import check_database
from worker.cli.findings import lines
from worker.cli.operating import opened
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.cli.storage import ailing
from worker.cli.terminal import tell
from worker.skew import Skew
from worker.steps.checking import check, dismiss
from worker.steps.restored import Doubts, Restoring, doubts, settle_doubts
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.storage import look
from worker.told import Told
from worker.wiring import make_parts

app = typer.Typer(add_completion=False)


class NoAlarm(Told):
    """No such alarm stands."""


class ProviderSilent(Told):
    """The provider's list cannot be read to its end, so nothing is known: try again later."""


@app.command()
def doctor(
    reconcile_since: Annotated[
        str | None,
        typer.Option(help="After a backup was restored: from when it was, a time or such as 2h."),
    ] = None,
    dismissed: Annotated[
        str | None,
        typer.Option("--dismiss", metavar="KIND:SUBJECT", help="Close this alarm: it is seen to."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do what --reconcile-since found; else it is shown.")
    ] = False,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Tell how everything stands. Ends with 1 when something needs a person."""
    if dismissed is not None:
        _dismiss(dismissed, named(by))
    if reconcile_since is not None:
        _reconcile(reconcile_since, named(by) if yes else None, format_)
        return
    with opened() as house:
        check_database(house.settings)
        skew = Skew(house.engine).compare()
        facts = reading(house.engine, lambda c: check(c, skew))
        facts["storage"] = reading(house.engine, lambda c: look(c, read_now(c)))
    facts["needs_a_person"] += ailing(facts["storage"])
    _tell(facts, format_)
    if facts["needs_a_person"]:
        raise typer.Exit(1)


def _tell(facts: dict[str, Any], format_: Format) -> None:
    if format_ is Format.JSON:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    for line in lines(facts):
        tell(line)


def _dismiss(which: str, by: str) -> None:
    kind, _, subject = which.partition(":")
    with opened() as house:
        stood = in_transaction(house.engine, lambda c: dismiss(c, kind, subject, by=by))
    if not stood:
        raise NoAlarm(str(NoAlarm.__doc__))


def _reconcile(since: str, by: str | None, format_: Format) -> None:
    with opened() as house:
        moment = house.moment(since) or reading(house.engine, read_now)
        parts = make_parts(house.settings)
        try:
            unasked = unasked_channels(parts.channels.values(), keeping=SENDER)
            asked = sorted(parts.ledgers)
            told = (house.configuration, parts.hasher, parts.ledgers, moment, unasked)
            found = _found(house.engine, Restoring(*told), by)
        except ChannelError:
            raise ProviderSilent(str(ProviderSilent.__doc__)) from None
        finally:
            parts.close()
    done = by is not None
    said = {"listed": found.listed, "unknown": found.unknown, "accepted": sorted(found.accepted),
            "parked": sorted(found.held), "done": done}  # fmt: skip
    if format_ is Format.JSON:
        typer.echo(json.dumps(said))
        return
    if asked:
        typer.echo(f"the provider took {found.listed}; unknown to this database: {found.unknown}")
    else:
        typer.echo("nobody could be asked: no sender here keeps a list of what it took")
    typer.echo(f"{'accepted' if done else 'would be accepted'}: {len(found.accepted)}")
    typer.echo(f"{'parked' if done else 'would be parked'}: {len(found.held)}")


def _found(engine: Engine, restoring: Restoring, by: str | None) -> Doubts:
    found = doubts(engine, restoring)
    if by is not None:
        settle_doubts(engine, restoring, found, by=by)
    return found
