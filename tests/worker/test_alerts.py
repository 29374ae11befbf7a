"""Does an alarm stand until somebody closes it, once a kind and subject?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from worker.store.actions import last_actions, note_action
from worker.store.alerts import (
    Alarm,
    Raised,
    close_alert,
    closed_since,
    raise_alerts,
    standing_alerts,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
FUSE = Raised(Alarm.FUSE_BLOWN, "late", "3 wait")


def test_an_alarm_raised_again_is_counted_and_keeps_its_beginning(engine: Engine) -> None:
    with engine.begin() as connection:
        raise_alerts(connection, [FUSE, FUSE], now=NOON)
        raise_alerts(connection, [FUSE._replace(detail="9 wait")], now=LATER)

        [row] = standing_alerts(connection)

    assert (row.kind, row.subject, row.times, row.detail) == ("fuse_blown", "late", 3, "9 wait")
    assert (row.first_at, row.last_at) == (NOON, LATER)


def test_a_closed_alarm_stands_no_more_and_begins_anew(engine: Engine) -> None:
    with engine.begin() as connection:
        raise_alerts(connection, [FUSE], now=NOON)
        assert close_alert(connection, Alarm.FUSE_BLOWN, "late", now=NOON)
        assert standing_alerts(connection) == []
        assert not close_alert(connection, Alarm.FUSE_BLOWN, "late", now=NOON)

        raise_alerts(connection, [FUSE], now=LATER)

        [row] = standing_alerts(connection)
    assert (row.first_at, row.times) == (LATER, 1)


def test_who_closes_what_he_has_read_does_not_close_what_came_since(engine: Engine) -> None:
    with engine.begin() as connection:
        raise_alerts(connection, [FUSE], now=NOON)
        raise_alerts(connection, [FUSE], now=LATER)

        assert not close_alert(connection, FUSE.kind, FUSE.subject, now=LATER, last_at=NOON)
        assert len(standing_alerts(connection)) == 1
        assert close_alert(connection, FUSE.kind, FUSE.subject, now=LATER, last_at=LATER)


def test_what_ended_at_a_moment_did_not_end_since_then(engine: Engine) -> None:
    with engine.begin() as connection:
        raise_alerts(connection, [FUSE], now=NOON)
        close_alert(connection, FUSE.kind, FUSE.subject, now=LATER)

        assert closed_since(connection, FUSE.kind, NOON) == {"late"}
        assert closed_since(connection, FUSE.kind, LATER) == set()


def test_alarms_of_other_subjects_stand_beside_it(engine: Engine) -> None:
    with engine.begin() as connection:
        raise_alerts(connection, [FUSE, FUSE._replace(subject="early")], now=NOON)

        assert {row.subject for row in standing_alerts(connection)} == {"late", "early"}


def test_what_was_done_is_read_newest_first(engine: Engine) -> None:
    with engine.begin() as connection:
        note_action(connection, "pause", {"scope": "all"}, by="dana", now=NOON)
        note_action(connection, "resume", {"scope": "all"}, by="dana", now=LATER, result={"n": 1})

        found = last_actions(connection, most=1)

    assert [(one.action, one.by, one.target, one.result) for one in found] == [
        ("resume", "dana", {"scope": "all"}, {"n": 1})
    ]
