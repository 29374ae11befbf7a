"""Is it told which categories are in quiet hours now, until when, and when they begin next?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from triggers.calendars.allowed import next_allowed
from triggers.configuration import read_configuration
from triggers.customers import Customer
from triggers.definitions import Policy
from triggers.resting import Rest, rests, unresting
from triggers.zones import zone_of

POLICY = """
languages: [en]
timezone: Asia/Jerusalem
country: IL
place: jerusalem
categories:
  service: {quiet: default}
  marketing: {quiet: default}
  early: {quiet: other}
  nightly: {quiet: none}
  urgent: {quiet: none}
quiet:
  default: {nights: 21:00 to 08:30, days: [shabbat, holidays], resume: 09:00}
  other: {nights: 20:00 to 07:00, days: [fri]}
"""
ZONE = ZoneInfo("Asia/Jerusalem")
# a Sunday, a Friday and a Sabbath of an ordinary week
SUNDAY, FRIDAY, SABBATH = 22, 27, 28


def policy() -> Policy:
    return read_configuration({"config/outreach.yaml": POLICY}).policy


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def of(now: datetime, category: str) -> Rest:
    [found] = [one for one in rests(policy(), now) if category in one.categories]
    return found


def test_categories_with_the_same_hours_are_told_together_and_those_without_apart() -> None:
    assert [one.categories for one in rests(policy(), at(SUNDAY, 12))] == [
        ("service", "marketing"),
        ("early",),
    ]
    assert unresting(policy()) == ["nightly", "urgent"]


@pytest.mark.parametrize(
    ("now", "category", "kind", "until", "resumes"),
    [
        (at(SUNDAY, 22), "service", "night", at(SUNDAY + 1, 8, 30), at(SUNDAY + 1, 9)),
        (at(SUNDAY, 6), "early", "night", at(SUNDAY, 7), at(SUNDAY, 7)),
        (at(FRIDAY, 12), "early", "weekday", at(SABBATH, 7), at(SABBATH, 7)),
    ],
)
def test_in_quiet_hours_it_is_told_until_when_and_when_it_goes_on(
    now: datetime, category: str, kind: str, until: datetime, resumes: datetime
) -> None:
    assert of(now, category)[1:] == (until, resumes, kind, None)


def test_on_the_sabbath_its_kind_is_named_and_it_ends_at_nightfall() -> None:
    found = of(at(SABBATH, 12), "service")

    assert found.kind == "sabbath"
    assert found.until is not None
    assert at(SABBATH, 17) < found.until < at(SABBATH, 18)


@pytest.mark.parametrize("now", [at(SUNDAY, 12), at(FRIDAY, 9), at(SUNDAY, 20, 59)])
def test_outside_them_it_is_told_to_the_minute_when_they_begin(now: datetime) -> None:
    found = of(now, "service")
    where = zone_of(Customer("", {}), policy())
    quiet = policy().categories["service"].quiet

    assert quiet is not None
    assert found.until is None
    assert found.begins is not None
    assert next_allowed(quiet, found.begins, where=where).reason is not None
    before = found.begins - timedelta(minutes=1)
    assert next_allowed(quiet, before, where=where).reason is None
    assert now <= found.begins <= now + timedelta(days=2)
