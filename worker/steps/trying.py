"""What would a trigger have done lately, or the folder do now, for somebody who waits for a page?

The same steps as `outreach backtest` and `outreach plan`, held to what is read in some seconds: the
commands go as far back as they are asked to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select

from triggers.changes import changed_triggers
from triggers.configuration import Configuration, read_configuration
from triggers.lines import Line
from triggers.summary import Account, Summary
from triggers.verdicts import Outcome
from worker.hashing import Hasher
from worker.steps.backtest import Trial, backtest
from worker.steps.planning import Plan, plan
from worker.store.clock import read_now
from worker.store.engine import reading
from worker.store.funnel import count_waiting
from worker.store.tables import events

MOST_EVENTS = 10_000
"""So many events, the newest, are gone through for a backtest on a page."""
MOST_WAITING = 2_000
"""So much may wait for the triggers that changed: each of it is asked for a plan."""
SHOWN = 20


class TooMuch(Exception):
    """More waits than a page can ask about; `number` so much."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} wait")
        self.number = number


@dataclass(frozen=True, slots=True)
class Lately:
    """A trigger, how far back, and through how many events, the newest."""

    trigger: str
    length: timedelta
    most: int = MOST_EVENTS


@dataclass(frozen=True, slots=True)
class Tried:
    """`since` is later than `asked` where more events came in than are gone through here.

    `lines`: the newest of what would have gone out.
    """

    asked: datetime
    since: datetime
    until: datetime
    account: Account
    lines: tuple[Line, ...]

    @property
    def shortened(self) -> bool:
        return self.since > self.asked


def try_lately(
    engine: Engine, hasher: Hasher, configuration: Configuration, lately: Lately
) -> Tried:
    """As if the trigger had been live for everybody for so long, or for the newest events only."""
    now, first = reading(engine, lambda connection: _newest(connection, lately.most))
    asked = now - lately.length
    since = asked if first is None else max(asked, first)
    summary, lines = Summary(), list[Line]()
    for line in backtest(engine, hasher, Trial(configuration, lately.trigger, since, now)):
        summary.add(line)
        if line.outcome in {Outcome.SENT, Outcome.HANDED_OVER}:
            lines.append(line)
            # so that no page keeps what it will not show
            del lines[:-SHOWN]
    account = summary.accounts.get(lately.trigger, Account())
    return Tried(asked, since, now, account, tuple(reversed(lines)))


def _newest(connection: Connection, most: int) -> tuple[datetime, datetime | None]:
    """Now, and when the first of the newest events came in; None where all of them are so few."""
    query = select(events.c.received_at).order_by(events.c.seq.desc())
    first = connection.execute(query.offset(most).limit(1)).scalar()
    return read_now(connection), first


def plan_now(
    engine: Engine,
    hasher: Hasher,
    active: Configuration | None,
    files: Mapping[str, str],
    *,
    most: int = MOST_WAITING,
) -> Plan:
    """ConfigurationRefused where the files are wrong; TooMuch where it would take too long."""
    changed = changed_triggers(active, read_configuration(files))
    waiting = reading(engine, lambda c: count_waiting(c, changed)) if changed else {}
    if sum(waiting.values()) > most:
        raise TooMuch(sum(waiting.values()))
    return plan(engine, files, hasher, most=SHOWN)
