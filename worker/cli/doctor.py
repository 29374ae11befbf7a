"""Is all well, and if not, what needs a person?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, Engine

from triggers.clock import stamp
from worker.channels.base import ChannelError
from worker.channels.ledger import unasked_channels
from worker.channels.outbox import SENDER
from worker.cli.database import check_database
from worker.cli.findings import lines
from worker.cli.operating import opened
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.skew import MOST, Skew
from worker.steps.restored import Doubts, Restoring, doubts, settle_doubts
from worker.store import checkup
from worker.store.actions import last_actions, note_action
from worker.store.alerts import Alarm, close_alert, standing_alerts
from worker.store.bundles import recent_activations
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.ledger import read_differences
from worker.told import Told
from worker.wiring import make_parts

app = typer.Typer(add_completion=False)

HEARD_OF = timedelta(minutes=1)
WEEK = timedelta(days=7)
LONGEST = {
    "unread": timedelta(minutes=5),
    "due": timedelta(minutes=15),
    "unknown": timedelta(minutes=20),
}
"""What waits longer than this waits for a person."""


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
    dismiss: Annotated[
        str | None, typer.Option(metavar="KIND:SUBJECT", help="Close this alarm: it is seen to.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do what --reconcile-since found; else it is shown.")
    ] = False,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Tell how everything stands. Ends with 1 when something needs a person."""
    if dismiss is not None:
        _dismiss(dismiss, named(by))
    if reconcile_since is not None:
        _reconcile(reconcile_since, named(by) if yes else None, format_)
        return
    with opened() as house:
        check_database(house.settings)
        skew = Skew(house.engine).compare()
        facts = reading(house.engine, lambda c: _facts(c, skew))
    _tell(facts, format_)
    if facts["needs_a_person"]:
        raise typer.Exit(1)


def _facts(connection: Connection, skew: timedelta) -> dict[str, Any]:
    now = read_now(connection)
    waits = {
        "unread": checkup.unread(connection),
        "set_aside": checkup.set_aside(connection),
        "due": checkup.overdue(connection, now),
        "unknown": checkup.unknown(connection),
        "parked": checkup.parked(connection),
    }
    active = recent_activations(connection)[0].bundle
    facts: dict[str, Any] = {
        "at": stamp(now),
        "clock_off_seconds": round(skew.total_seconds(), 3),
        **{name: _waiting(one, now) for name, one in waits.items()},
        "configuration": active,
        "workers": [
            {"role": one.role, "seen": stamp(one.seen_at), "configuration": one.bundle}
            for one in checkup.at_work(connection, since=now - HEARD_OF)
        ],
        "alarms": [_alarm(one) for one in standing_alerts(connection)],
        "ledger_differences": dict(read_differences(connection, since=now - WEEK)),
        "ledger_compared": [
            {"sender": one.sender, "day": stamp(one.since), "compared": one.compared}
            for one in checkup.last_checks(connection, most=3)
        ],
        "actions": [
            {"at": stamp(one.at), "by": one.by, "action": one.action}
            for one in last_actions(connection, most=5)
        ],
    }
    return {**facts, "needs_a_person": list(_needs(facts))}


def _waiting(one: checkup.Waiting, now: datetime) -> dict[str, Any]:
    age = (now - one.oldest).total_seconds() if one.oldest else None
    return {"count": one.count, "oldest_seconds": None if age is None else round(age)}


def _alarm(row: Any) -> dict[str, Any]:
    first = {"kind": row.kind, "subject": row.subject, "since": stamp(row.first_at)}
    return {**first, "last": stamp(row.last_at), "times": row.times, "detail": row.detail}


def _needs(facts: dict[str, Any]) -> Iterator[str]:
    if facts["clock_off_seconds"] > MOST.total_seconds():
        yield "the clock of this machine is off: set it"
    for name, longest in LONGEST.items():
        if (facts[name]["oldest_seconds"] or 0) > longest.total_seconds():
            yield f"{name} for more than {longest.total_seconds() / 60:.0f} minutes"
    for name in ("set_aside", "parked"):
        if facts[name]["count"]:
            yield f"{name}: {facts[name]['count']} wait for a person"
    for one in facts["alarms"]:
        yield f"alarm {one['kind']}:{one['subject']}"
    if any(one["configuration"] != facts["configuration"] for one in facts["workers"]):
        yield "a worker works by another configuration than the one in force"


def _tell(facts: dict[str, Any], format_: Format) -> None:
    if format_ is Format.JSON:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    for line in lines(facts):
        typer.echo(line)


def _dismiss(which: str, by: str) -> None:
    kind, _, subject = which.partition(":")
    if kind not in set(Alarm):
        raise NoAlarm(str(NoAlarm.__doc__))

    def work(connection: Connection) -> bool:
        now = read_now(connection)
        stood = close_alert(connection, Alarm(kind), subject, now=now)
        if stood:
            note_action(connection, "dismiss", {"kind": kind, "subject": subject}, by=by, now=now)
        return stood

    with opened() as house:
        if not in_transaction(house.engine, work):
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
