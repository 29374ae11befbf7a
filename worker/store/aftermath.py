"""What left by each trigger and what did it cost, who objected to it, who followed its links?"""
# ruff: noqa: S608 - only our own words go into the statements, values only as parameters

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, TextClause

from triggers.answering import Call, Objection
from triggers.counted import Calls, Followed, Objected, Objections, Sent
from worker.lifecycle import CERTAINLY_NOT_SENT
from worker.store.effects import Window, contact, given, made, moved, only
from worker.store.suppressions import COMPLAINT

_UNSENT = ", ".join(f"'{state}'" for state in sorted(CERTAINLY_NOT_SENT))


def read_sent(connection: Connection, window: Window) -> list[Sent]:
    """Without what certainly was not sent."""
    return [
        Sent(row.trigger, row.channel, bool(row.closed), row.messages, row.segments,
             float(row.cost), row.unpriced)
        for row in connection.execute(_sent(), given(window))
    ]  # fmt: skip


def read_calls(connection: Connection, window: Window) -> list[Calls]:
    return [
        Calls(row.trigger, bool(row.closed), row.handed_over, row.asked_for)
        for row in connection.execute(_calls(), given(window))
    ]


def read_objections(connection: Connection, window: Window) -> list[Objections]:
    """Laid to the last message that went there before, if it is no older than the outcome's time.

    A doubt that nobody has settled is no objection yet.
    """
    return [
        Objections(row.trigger, Objected(row.how), row.addresses)
        for row in connection.execute(_objections(connection.dialect.name), given(window))
    ]


def read_followed(connection: Connection, window: Window) -> list[Followed]:
    """By trigger and link; of each customer his first click, unless a machine made it."""
    return [
        Followed(row.trigger, row.link, bool(row.closed), row.topic, row.customers)
        for row in connection.execute(_followed(connection.dialect.name), given(window))
    ]


@cache
def _sent() -> TextClause:
    return made(
        'SELECT "trigger", channel, CASE WHEN claimed_at <= :closes THEN 1 ELSE 0 END AS closed,'
        " COUNT(*) AS messages, SUM(segments) AS segments, COALESCE(SUM(cost), 0) AS cost,"
        " SUM(CASE WHEN cost IS NULL THEN 1 ELSE 0 END) AS unpriced FROM attempts"
        " WHERE claimed_at >= :since AND claimed_at < :until"
        f" AND state NOT IN ({_UNSENT}) AND {only('attempts.trigger')}"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )


@cache
def _calls() -> TextClause:
    asked = f"occurrence_id IS NULL AND why = '{Call.PERSON}'"
    return made(
        'SELECT "trigger", CASE WHEN created_at <= :closes THEN 1 ELSE 0 END AS closed,'
        " SUM(CASE WHEN occurrence_id IS NOT NULL THEN 1 ELSE 0 END) AS handed_over,"
        f" SUM(CASE WHEN {asked} THEN 1 ELSE 0 END) AS asked_for"
        ' FROM handoffs WHERE "trigger" IS NOT NULL'
        f" AND created_at >= :since AND created_at < :until AND {only('handoffs.trigger')}"
        " GROUP BY 1, 2 ORDER BY 1, 2"
    )


@cache
def _objections(dialect: str) -> TextClause:
    earliest = moved(dialect, "refusals.at", "ago")
    return made(
        "WITH refused AS (SELECT refusals.address_hash,"
        f" CASE refusals.source WHEN '{COMPLAINT}' THEN '{Objected.COMPLAINED}'"
        f" WHEN '{Objection.WRONG_NUMBER}' THEN '{Objected.WRONG_NUMBER}'"
        f" ELSE '{Objected.OPTED_OUT}' END AS how,"
        ' (SELECT attempts."trigger" FROM attempts'
        " WHERE attempts.address_hash = refusals.address_hash"
        " AND attempts.channel = refusals.channel"
        f" AND attempts.claimed_at <= refusals.at AND attempts.claimed_at >= {earliest}"
        f" AND attempts.state NOT IN ({_UNSENT})"
        ' ORDER BY attempts.claimed_at DESC, attempts.message_id LIMIT 1) AS "trigger"'
        " FROM refusals WHERE refusals.said = 'refused'"
        f" AND refusals.source <> '{Objection.UNCLEAR}'"
        " AND refusals.at >= :since AND refusals.at < :until)"
        ' SELECT "trigger", how, COUNT(DISTINCT address_hash) AS addresses FROM refused'
        f' WHERE "trigger" IS NOT NULL AND {only("refused.trigger")}'
        " GROUP BY 1, 2 ORDER BY 1, 2"
    )


@cache
def _followed(dialect: str) -> TextClause:
    first = contact(dialect, "firsts.customer_id", "firsts.at")
    return made(
        'WITH firsts AS (SELECT messages."trigger", links.name AS link, messages.customer_id,'
        " MIN(clicks.at) AS at FROM clicks"
        " JOIN links ON links.token = clicks.token"
        " JOIN messages ON messages.id = clicks.message_id"
        " WHERE clicks.by = 'person' AND clicks.at >= :since AND clicks.at < :until"
        f" AND {only('messages.trigger')} GROUP BY 1, 2, 3),"
        ' ends AS (SELECT "trigger", link, CASE WHEN at <= :closes THEN 1 ELSE 0 END AS closed,'
        f" (SELECT COALESCE(CAST(data ->> 'topic' AS text), '') FROM ({first}) AS told"
        " ORDER BY time, seq LIMIT 1) AS topic FROM firsts)"
        ' SELECT "trigger", link, closed, topic, COUNT(*) AS customers FROM ends'
        " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
