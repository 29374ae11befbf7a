"""What do the database and the stand-ins say of a run, as the plain rows that laws are held on?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Row, text

from tests.faults import laws
from tests.faults.points import noted
from tests.faults.world import IMMEDIATE, QUIET_CATEGORY, QUIET_ZONE, Night
from tests.journeys.stage import Stage
from worker.lifecycle import AttemptState
from worker.store import tables
from worker.store.clock import read_now
from worker.store.engine import reading
from worker.store.tallies import Tally, read_tallies

LEFT = """
SELECT (SELECT count(*) FROM events WHERE state = 'new')
 + (SELECT count(*) FROM receipts WHERE state = 'new')
 + (SELECT count(*) FROM occurrences WHERE state = 'pending' AND (reason IS NULL OR due <= {soon}))
 + (SELECT count(*) FROM messages WHERE state IN ('sending', 'unknown'))
 + (SELECT count(*) FROM messages WHERE state = 'planned' AND due <= {soon})
"""
SOON = {
    "postgresql": "now() + interval '5 seconds'",
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%f', 'now', '+5 seconds')",
}
"""What is still to be done, and what is due in a moment, by database."""
COMMITTED = "pg_xact_commit_timestamp({table}.xmin)"
FLUSHED = timedelta(seconds=2)
UNHEARD = timedelta(seconds=60)
"""With the harness's constants, nothing stays unknown for longer."""

CLAIMS = """
SELECT a.message_id, a.number, a.customer_id, a.category, a.address_hash, a.channel, a.claimed_at,
 a.state, m.expires, d.stored FROM attempts a
JOIN messages m ON m.id = a.message_id
LEFT JOIN (SELECT message_id, {stored} AS stored, row_number()
 OVER (PARTITION BY message_id ORDER BY seq) AS number FROM decisions WHERE verdict = 'claimed') d
ON d.message_id = a.message_id AND d.number = a.number
"""
DECISIONS = """
SELECT "trigger", customer_id, "key", epoch, verdict, message_id FROM decisions
WHERE epoch IS NOT NULL
"""
READINGS = """
SELECT e.source, e.id, e.customer_id, e.read_at, {stored} AS stored, e.received_at FROM events e
JOIN event_ids ON event_ids.source = e.source AND event_ids.id = e.id
"""


@dataclass(frozen=True)
class Run:
    """What was done and heard outside of our processes."""

    stage: Stage
    folder: Path
    promised: Mapping[tuple[str, str], Mapping[str, Any]]
    night: Night
    freezes: tuple[tuple[str, float, float], ...]
    heard: Mapping[tuple[str, str], float] = field(default_factory=dict)


class Evidence:
    """Read once, after the run has come to rest."""

    def __init__(self, engine: Engine, run: Run) -> None:
        self._engine = engine
        self._run = run
        self._postgres = engine.dialect.name == "postgresql"
        self.now = reading(engine, read_now)
        self.messages = {one.id: one for one in self._messages()}
        self.claims = {(one.message, one.attempt): one for one in self._claims()}
        self.occurrences = [
            laws.Occurrence(_of(row), row.state, row.reason, row.due)
            for row in self._table(tables.occurrences)
        ]
        self.calls = [
            laws.Call(message, attempt, datetime.fromtimestamp(at, UTC), role)
            for message, attempt, at, role in noted(run.folder, "calls")
        ]
        self.taken = list(self._taken())

    def broken(self) -> Iterator[str]:
        """Every law, one after another."""
        yield from self._events()
        messages, claims = list(self.messages.values()), list(self.claims.values())
        attempts = self._ask("SELECT message_id, number, state FROM attempts")
        channels = {one.id: one.channel for one in self._table(tables.messages)}
        last = {row.message_id: row.state for row in sorted(attempts, key=lambda one: one.number)}
        alerts = {row.kind for row in self._table(tables.alerts)}
        yield from laws.never_twice(self.taken, self.messages)
        pairs = {(one.message, one.channel) for one in self.taken}
        yield from laws.what_is_called_sent_is_sent(messages, pairs, channels)
        yield from laws.everything_is_settled(
            messages, self.occurrences, now=self.now, limit=UNHEARD
        )
        yield from laws.the_unknown_is_told(messages, last, alerts)
        yield from laws.their_word_holds(claims, self._opted_out())
        yield from laws.quiet_is_quiet(claims, self._quiet())
        yield from laws.nothing_is_stale(claims)
        freezes = [laws.Freeze(role, _utc(a), _utc(b)) for role, a, b in self._run.freezes]
        yield from laws.calls_are_prompt(self.calls, self.claims, freezes)
        yield from laws.one_call_a_claim(self.calls)
        yield from laws.reading_comes_first(claims, self._readings())
        decisions = [
            laws.Decision(_of(row), row.verdict, row.message_id) for row in self._ask(DECISIONS)
        ]
        yield from laws.every_end_has_a_reason(self.occurrences, messages, decisions)
        yield from laws.counts_are_true(self._counted(), self._there())
        yield from self._our_own_errors()

    def _counted(self) -> Mapping[str, float]:
        """What /metrics tells of events and decisions, by the values of their labels."""
        found = reading(self._engine, read_tallies)
        told = {Tally.ACCEPTED.value.name, Tally.DECIDED.value.name}
        return {
            " ".join(one.labels[label] for label in sorted(one.labels)): one.value
            for one in found
            if one.name in told
        }

    def _there(self) -> Mapping[str, int]:
        accepted = self._ask("SELECT door FROM events WHERE source <> 'outreach'")
        decided = self._ask('SELECT "trigger", verdict, reason FROM decisions')
        return Counter(
            [row.door for row in accepted]
            + [f"{row.reason or ''} {row.trigger} {row.verdict}" for row in decided]
        )

    def _our_own_errors(self) -> Iterator[str]:
        """No fault is an excuse for our own code to fail on what it is given."""
        for row in self._ask("SELECT * FROM decisions WHERE reason = 'our_error'"):
            yield f"our own code failed: {row}"
        for row in self._ask("SELECT state, error, type FROM events WHERE state = 'set_aside'"):
            yield f"our own code failed on an event: {row}"

    def figures(self) -> dict[str, int]:
        states = {
            f"messages {row.state}": row.many
            for row in self._ask("SELECT state, count(*) AS many FROM messages GROUP BY state")
        }
        unknown = sum(
            row.state in {AttemptState.UNKNOWN, AttemptState.ABSENT}
            for row in self._ask("SELECT state FROM attempts")
        )
        return {
            "events promised": len(self._run.promised),
            "messages": len(self.messages),
            "attempts": len(self.claims),
            "attempts never heard of": unknown,
            "taken by the providers": len(self.taken),
            "opt-outs": len(self._opted_out()),
            "slowest call after its claim, ms": round(1000 * self._slowest()),
            **states,
        }

    def _slowest(self) -> float:
        waits = (
            (call.at - self.claims[call.message, call.attempt].at).total_seconds()
            for call in self.calls
            if (call.message, call.attempt) in self.claims
        )
        return max(waits, default=0.0)

    def _events(self) -> Iterator[str]:
        events = {
            (row.source, row.id): row.state
            for row in self._ask("SELECT source, id, state FROM events")
        }
        refused = {
            (row.source, row.id) for row in self._ask("SELECT source, id FROM refused_events")
        }
        promised = self._run.promised
        yield from laws.nothing_is_lost(promised, events, refused)
        expected = {
            (trigger, event["data"][field])
            for key, event in promised.items()
            if key not in refused and event["type"] in IMMEDIATE
            for trigger, field in (IMMEDIATE[event["type"]],)
        }
        started = {(one.of.trigger, one.of.key) for one in self.occurrences}
        yield from laws.everything_is_evaluated(expected, started)

    def _messages(self) -> Iterator[laws.Message]:
        for row in self._table(tables.messages):
            yield laws.Message(
                row.id, _of(row), row.state, row.why, row.due, row.attempt,
                row.unknown_at or row.updated_at,
            )  # fmt: skip

    def _claims(self) -> Iterator[laws.Claim]:
        stored = COMMITTED.format(table="decisions") if self._postgres else "NULL"
        for row in self._ask(CLAIMS.format(stored=stored)):
            at = _moment(row.claimed_at)
            yield laws.Claim(
                row.message_id, row.number, row.customer_id, row.category, row.address_hash, at,
                _moment(row.stored) if row.stored else at, _moment(row.expires), row.state,
            )  # fmt: skip

    def _readings(self) -> Iterator[laws.Reading]:
        stored = COMMITTED.format(table="event_ids") if self._postgres else "NULL"
        for row in self._ask(READINGS.format(stored=stored)):
            # PostgreSQL dates a commit before it is flushed and seen: ours it is once it is heard,
            # or, of what nobody waits for an answer to, when a slow disk has surely taken it
            heard = self._run.heard.get((row.source, row.id))
            accepted = _moment(row.stored or row.received_at)
            if heard is not None:
                accepted = max(accepted, datetime.fromtimestamp(heard, UTC))
            elif self._postgres:
                accepted += FLUSHED
            read = _moment(row.read_at) if row.read_at else None
            name = f"{row.source} {row.id} {'heard' if heard else 'not heard'}"
            yield laws.Reading(row.customer_id, accepted, read, name)

    def _opted_out(self) -> dict[str, datetime]:
        stored = COMMITTED.format(table="suppressions") if self._postgres else "at"
        sql = f"SELECT address_hash, {stored} AS stored FROM suppressions WHERE lifted_at IS NULL"
        return {row.address_hash: _moment(row.stored) for row in self._ask(sql)}

    def _quiet(self) -> Any:
        zone = {row.id: row.profile.get("timezone") for row in self._table(tables.customers)}
        night = self._run.night

        def quiet(claim: laws.Claim) -> bool:
            there = zone[claim.customer] == QUIET_ZONE and claim.category == QUIET_CATEGORY
            return there and night.holds(claim.at.astimezone(ZoneInfo(QUIET_ZONE)))

        return quiet

    def _taken(self) -> Iterator[laws.Taken]:
        for one in self._run.stage.twilio.accepted:
            message = urlsplit(one["form"]["StatusCallback"]).path.split("/")[-2]
            yield laws.Taken(message, "sms", one["failed"])
        for mail in self._run.stage.smtp.accepted:
            yield laws.Taken(mail["headers"]["X-Outreach-Message"], "email")

    def _table(self, table: Any) -> list[Row[Any]]:
        return list(reading(self._engine, lambda c: c.execute(table.select()).all()))

    def _ask(self, sql: str) -> list[Row[Any]]:
        return list(reading(self._engine, lambda c: c.execute(text(sql)).all()))


def _of(row: Row[Any]) -> laws.Epoch:
    return laws.Epoch(row.trigger, row.customer_id, row.key, row.epoch)


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _moment(value: Any) -> datetime:
    """SQLite gives a raw statement the text it keeps."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)
