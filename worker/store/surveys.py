"""What was answered to surveys, and what do the answers come to, by trigger and day?"""
# ruff: noqa: S608 - only our own words go into the statements, values only as parameters

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Row, TextClause, bindparam, select, text

from triggers.surveys import ANSWER
from worker.store.bulk import Insertion, Values
from worker.store.tables import answers
from worker.store.types import Moment

# The first number stands, for others have acted on it; later words replace earlier ones.
_KEEP = Insertion(
    answers,
    conflict="(message_id) DO UPDATE SET score = COALESCE(answers.score, excluded.score),"
    " text = COALESCE(excluded.text, answers.text)",
    returning=("score", "text"),
)


@dataclass(slots=True)
class SurveyDay:
    """One survey of one trigger on one day (UTC). `scores`: number -> how often it was given.

    `asked` are messages that left or may have left that day, `in_words` answers without a number.
    An answer is counted on the day it came.
    """

    trigger: str
    survey: str
    day: date
    asked: int = 0
    in_words: int = 0
    scores: dict[int, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        return self.in_words + sum(self.scores.values())

    @property
    def mean(self) -> float | None:
        """Of the numbers; None without one."""
        many = sum(self.scores.values())
        return sum(one * times for one, times in self.scores.items()) / many if many else None


def keep_answer(connection: Connection, row: Values) -> Row[Any]:
    """Keep it; the `score` and `text` that now stand for its message."""
    [kept] = _KEEP.run(connection, [row])
    return kept


def find_answer(connection: Connection, message_id: str) -> Row[Any] | None:
    """The `score` and `text` that stand for a message so far."""
    columns: list[Column[Any]] = [answers.c.score, answers.c.text]
    return connection.execute(select(*columns).where(answers.c.message_id == message_id)).first()


def read_results(
    connection: Connection, *, since: datetime, until: datetime, trigger: str | None = None
) -> list[SurveyDay]:
    """The days from `since` to before `until` on which something was asked or answered, in order
    of trigger, survey and day."""
    given = {"since": since, "until": until, "trigger": trigger}
    days: dict[tuple[str, str, str], SurveyDay] = {}
    for row in connection.execute(_asked(connection.dialect.name), given):
        _day(days, row).asked = row.times
    for row in connection.execute(_answered(connection.dialect.name), given):
        one = _day(days, row)
        if row.score is None:
            one.in_words = row.times
        else:
            one.scores[row.score] = row.times
    return [days[key] for key in sorted(days)]


def _day(days: dict[tuple[str, str, str], SurveyDay], row: Row[Any]) -> SurveyDay:
    key = (row.trigger, row.survey, row.day)
    return days.setdefault(key, SurveyDay(row.trigger, row.survey, date.fromisoformat(row.day)))


@cache
def _asked(dialect: str) -> TextClause:
    return _counted(
        f'SELECT messages."trigger", messages.message AS survey, {_date(dialect, "created_at")},'
        " COUNT(*) AS times FROM links, messages"
        f" WHERE messages.id = links.message_id AND links.name = '{ANSWER}'"
        " AND messages.state IN ('sending', 'accepted', 'sent', 'delivered', 'unknown')"
        " AND links.created_at >= :since AND links.created_at < :until"
        ' AND (CAST(:trigger AS text) IS NULL OR messages."trigger" = :trigger)'
        " GROUP BY 1, 2, 3"
    )


@cache
def _answered(dialect: str) -> TextClause:
    return _counted(
        f'SELECT answers."trigger", answers.survey, {_date(dialect, "at")}, answers.score,'
        " COUNT(*) AS times FROM answers"
        " WHERE answers.at >= :since AND answers.at < :until"
        ' AND (CAST(:trigger AS text) IS NULL OR answers."trigger" = :trigger)'
        " GROUP BY 1, 2, 3, 4"
    )


def _date(dialect: str, column: str) -> str:
    if dialect == "postgresql":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day"
    return f"substr({column}, 1, 10) AS day"


def _counted(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("since", type_=Moment), bindparam("until", type_=Moment))
