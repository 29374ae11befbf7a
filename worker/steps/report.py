"""What is to be said of each trigger: does it prevent calls, and what comes of it otherwise?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Connection

from triggers.configuration import Configuration
from triggers.counted import Counts, Survey
from triggers.report import Question, Report, kept_since, make_report
from worker.store import aftermath
from worker.store.effects import Window, read_assigned
from worker.store.surveys import SurveyDay, read_results


def report(connection: Connection, configuration: Configuration, asked: Question) -> Report:
    """Read it all; to be given a snapshot, so that its numbers are of one moment."""
    policy = configuration.policy
    since = kept_since(asked, policy)
    window = Window(
        since=since,
        until=asked.until,
        closes=asked.now - policy.outcome_within,
        event=policy.outcome_event,
        within=policy.outcome_within,
        trigger=asked.trigger,
    )
    days = read_results(connection, since=since, until=asked.until, trigger=asked.trigger)
    counts = Counts(
        assigned=read_assigned(connection, window),
        sent=aftermath.read_sent(connection, window),
        calls=aftermath.read_calls(connection, window),
        objections=aftermath.read_objections(connection, window),
        followed=aftermath.read_followed(connection, window),
        surveys=_surveys(days),
    )
    return make_report(asked, counts, policy, configuration.triggers)


def _surveys(days: Sequence[SurveyDay]) -> list[Survey]:
    """Of all days together; they come in order of trigger and survey."""
    return [
        _survey(trigger, name, list(some))
        for (trigger, name), some in groupby(days, lambda one: (one.trigger, one.survey))
    ]


def _survey(trigger: str, name: str, days: Sequence[SurveyDay]) -> Survey:
    scores: Counter[int] = Counter()
    for one in days:
        scores.update(one.scores)
    asked, answered = sum(one.asked for one in days), sum(one.answered for one in days)
    return Survey(trigger, name, asked, answered, dict(sorted(scores.items())))
