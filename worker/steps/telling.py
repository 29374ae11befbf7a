"""Which other systems are told of our events now, and what if they do not listen?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
import structlog
from sqlalchemy import Connection, Engine, Row

from triggers.subscribing import Subscription
from worker.channels.webhook import Webhook, signed
from worker.lifecycle import CallbackState, move
from worker.store.alerts import Alarm, Raised, close_alert, raise_alerts
from worker.store.callbacks import lease_callbacks, settle_callback
from worker.store.clock import read_now
from worker.store.engine import in_transaction

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
AT_ONCE = 10
"""So many events are on their way to one subscription: a slow one holds up no other."""
HOOKS = 50
"""One thread each: none waits for another's answer, so that every call ends within its lease."""
GONE = 410
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""After each try that failed; about three days in all, as Standard Webhooks recommends."""


@dataclass(frozen=True, slots=True)
class TellParts:
    """Who is told, by whom, and after which waits it is tried again."""

    subscriptions: Mapping[str, Subscription]
    webhook: Webhook
    pool: Executor
    waits: Sequence[timedelta] = field(default=WAITS)


class Told(NamedTuple):
    delivered: int
    failed: int
    more: bool


def tell(
    engine: Engine, parts: TellParts, *, now: datetime | None = None, limit: int = HOOKS
) -> Told:
    """Tell what is due, each settled as it answers; no transaction is open meanwhile."""

    def lease(connection: Connection) -> tuple[datetime, Sequence[Row[Any]]]:
        moment = now or read_now(connection)
        until = moment + LEASE
        leased = lease_callbacks(connection, now=moment, until=until, most=limit, each=AT_ONCE)
        return moment, leased

    moment, rows = in_transaction(engine, lease)
    calls = {parts.pool.submit(_told, row, parts, moment): row for row in rows}
    delivered = 0
    for call in as_completed(calls):
        settling = _Settling(calls[call], call.result(), parts.waits, now)
        delivered += in_transaction(engine, settling.run)
    most = max(Counter(row.subscription for row in rows).values(), default=0)
    return Told(delivered, len(rows) - delivered, more=len(rows) == limit or most == AT_ONCE)


def _told(row: Row[Any], parts: TellParts, now: datetime) -> int | str:
    subscription = parts.subscriptions.get(row.subscription)
    secrets = parts.webhook.secrets.get(row.subscription, ())
    if subscription is None:
        return GONE
    if not secrets:
        return "no secret"
    body = orjson.dumps(row.body)
    return parts.webhook.post(
        subscription.url, body, signed(row.body["id"], body, secrets, now=now)
    )


@dataclass(frozen=True, slots=True)
class _Settling:
    row: Row[Any]
    answer: int | str
    waits: Sequence[timedelta]
    now: datetime | None

    def run(self, connection: Connection) -> bool:
        """Whether it is told."""
        now = self.now or read_now(connection)
        row, answer = self.row, self.answer
        told = isinstance(answer, int) and 200 <= answer < 300
        over = answer == GONE or row.tries > len(self.waits)
        if told:
            changed = self._to(CallbackState.DELIVERED, None)
        elif over:
            changed = self._to(CallbackState.GIVEN_UP, str(answer))
        else:
            changed = {"due": now + self.waits[row.tries - 1], "error": str(answer)}
        if not settle_callback(connection, row, {**changed, "updated_at": now}):
            return False
        if told:
            close_alert(connection, Alarm.WEBHOOK_FAILING, row.subscription, now=now)
        elif over:
            raised = [Raised(Alarm.WEBHOOK_FAILING, row.subscription, str(answer))]
            raise_alerts(connection, raised, now=now)
            log.error("webhook_given_up", subscription=row.subscription, answer=str(answer))
        return told

    def _to(self, state: CallbackState, error: str | None) -> dict[str, Any]:
        return {"state": move(CallbackState(self.row.state), state), "error": error}
