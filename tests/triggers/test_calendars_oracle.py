"""Scanned minute by minute, is the answer never forbidden, never early and the first allowed?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from triggers.calendars.allowed import Whereabouts, next_allowed
from triggers.calendars.hours import WEEKDAYS
from triggers.calendars.national import national_holidays
from triggers.calendars.shabbat import blocks_at
from triggers.definitions import Nights, Quiet

CLOCKS = (
    "Asia/Jerusalem",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
)

quiets = st.builds(
    Quiet,
    nights=st.none()
    | st.builds(Nights, st.times(), st.times()).filter(lambda one: one.start != one.end),
    days=st.frozensets(st.sampled_from([*WEEKDAYS[:5], "shabbat", "holidays"]), max_size=4),
)
zones = st.sampled_from(CLOCKS).map(ZoneInfo)
places = st.sampled_from([("IL", "jerusalem"), ("US", "new_york"), ("GB", "london"), ("JP", "")])
moments = st.integers(0, 730 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
near_changes = st.sampled_from(
    [
        datetime(2026, 3, 27, tzinfo=UTC),
        datetime(2026, 10, 24, 23, tzinfo=UTC),
        datetime(2026, 3, 8, 7, tzinfo=UTC),
        datetime(2026, 11, 1, 6, tzinfo=UTC),
        datetime(2027, 10, 2, 15, 30, tzinfo=UTC),
        datetime(2027, 4, 3, 15, tzinfo=UTC),
        datetime(2026, 9, 11, 15, tzinfo=UTC),
    ]
).flatmap(lambda change: st.integers(-86_400, 86_400).map(lambda s: change + timedelta(seconds=s)))


def forbidden(quiet: Quiet, moment: datetime, where: Whereabouts) -> bool:
    """The rule in the plainest words: look at each wall, and in the list of blocks."""
    return _in_block(quiet, moment, where) or any(
        _on_the_wall(quiet, moment.astimezone(zone), where) for zone in where.zones
    )


def _on_the_wall(quiet: Quiet, local: datetime, where: Whereabouts) -> bool:
    if WEEKDAYS[local.weekday()] in quiet.days:
        return True
    if "holidays" in quiet.days and local.date() in national_holidays(
        where.country, where.subdivision, local.year
    ):
        return True
    if quiet.nights is None:
        return False
    start, end, now = quiet.nights.start, quiet.nights.end, local.time()
    return start <= now < end if start < end else now >= start or now < end


def _in_block(quiet: Quiet, moment: datetime, where: Whereabouts) -> bool:
    sabbath = "shabbat" in quiet.days
    yom_tov = sabbath or ("holidays" in quiet.days and where.country == "IL")
    if not where.place or not (sabbath or yom_tov):
        return sabbath and _sabbath_somewhere(moment, where)
    blocks = blocks_at(where.place, moment.year, sabbath=sabbath, yom_tov=yom_tov)
    pairs = zip(blocks.starts, blocks.ends, strict=True)
    return any(start <= moment < end for start, end in pairs)


def _sabbath_somewhere(moment: datetime, where: Whereabouts) -> bool:
    """Enough for the oracle: the block of an unknown place is asked for in its own tests."""
    free = next_allowed(Quiet(days=frozenset({"shabbat"})), moment, where=where).moment
    return free != moment


@settings(max_examples=150, deadline=None)
@given(
    quiet=quiets,
    moment=moments | near_changes,
    zone=zones,
    other=st.none() | zones,
    place=places,
)
def test_the_answer_is_never_forbidden_never_early_and_the_first_allowed(
    quiet: Quiet,
    moment: datetime,
    zone: ZoneInfo,
    other: ZoneInfo | None,
    place: tuple[str, str],
) -> None:
    where = Whereabouts((zone, other) if other else (zone,), place[0], "", place[1])

    found = next_allowed(quiet, moment, where=where)

    assert found.moment >= moment
    assert (found.reason is None) == (found.moment == moment)
    if found.moment < moment + timedelta(days=60):
        assert not forbidden(quiet, found.moment, where)
    scanned = moment
    while scanned < min(found.moment, moment + timedelta(days=2)):
        assert forbidden(quiet, scanned, where)
        scanned += timedelta(minutes=1)
    if found.moment > moment:
        assert forbidden(quiet, found.moment - timedelta(microseconds=1), where)
