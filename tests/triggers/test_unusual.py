"""Which hours are unlike those of other weeks, by the policy's country and clock?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triggers.definitions import Policy
from triggers.unusual import unusual_hours


@pytest.mark.parametrize(
    ("country", "zone", "hour", "odd"),
    [
        # the Day of Atonement, and from midnight to midnight the day before it
        ("IL", "Asia/Jerusalem", datetime(2026, 9, 19, 20, tzinfo=UTC), False),
        ("IL", "Asia/Jerusalem", datetime(2026, 9, 19, 21, tzinfo=UTC), True),
        ("IL", "Asia/Jerusalem", datetime(2026, 9, 20, 9, tzinfo=UTC), True),
        ("IL", "Asia/Jerusalem", datetime(2026, 9, 21, 20, tzinfo=UTC), True),
        ("IL", "Asia/Jerusalem", datetime(2026, 9, 21, 21, tzinfo=UTC), False),
        ("IL", "Asia/Jerusalem", datetime(2026, 11, 26, 15, tzinfo=UTC), False),
        # Thanksgiving, in New York
        ("US", "America/New_York", datetime(2026, 11, 25, 4, tzinfo=UTC), False),
        ("US", "America/New_York", datetime(2026, 11, 25, 5, tzinfo=UTC), True),
        ("US", "America/New_York", datetime(2026, 11, 26, 15, tzinfo=UTC), True),
        ("US", "America/New_York", datetime(2026, 11, 27, 5, tzinfo=UTC), False),
        ("US", "America/New_York", datetime(2026, 9, 21, 9, tzinfo=UTC), False),
    ],
)
def test_a_holiday_and_the_day_before_it_are_unlike_others(
    country: str, zone: str, hour: datetime, odd: bool
) -> None:
    policy = Policy(languages=("en",), categories={}, country=country, timezone=zone)

    assert unusual_hours(policy)(hour) is odd
