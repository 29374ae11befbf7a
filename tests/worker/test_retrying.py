"""When is what failed tried again?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.retrying import PAUSES, next_try

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
FAR = NOW + timedelta(days=30)


@pytest.mark.parametrize(("tries", "pause"), list(enumerate(PAUSES, start=1)))
def test_each_failure_waits_longer_than_the_last_one(tries: int, pause: timedelta) -> None:
    moment = next_try("m1", tries, now=NOW, expires=FAR)

    assert moment is not None
    assert pause <= moment - NOW < pause * 1.25


def test_the_last_pause_goes_on() -> None:
    moment = next_try("m1", 500, now=NOW, expires=FAR)

    assert moment is not None
    assert PAUSES[-1] <= moment - NOW < PAUSES[-1] * 1.25


def test_the_provider_is_not_asked_before_the_moment_it_named() -> None:
    moment = next_try("m1", 1, now=NOW, expires=FAR, after=timedelta(hours=3))

    assert moment == NOW + timedelta(hours=3)


def test_a_short_wish_of_the_provider_does_not_shorten_our_pause() -> None:
    assert next_try("m1", 2, now=NOW, expires=FAR, after=timedelta(seconds=1)) == next_try(
        "m1", 2, now=NOW, expires=FAR
    )


def test_what_failed_together_does_not_come_back_together() -> None:
    moments = {next_try(f"m{n}", 3, now=NOW, expires=FAR) for n in range(20)}

    assert len(moments) == 20


@given(
    tries=st.integers(1, 100),
    left=st.timedeltas(timedelta(), timedelta(hours=3)),
    after=st.none() | st.timedeltas(timedelta(), timedelta(hours=3)),
)
def test_a_retry_lies_ahead_and_before_the_end_or_there_is_none(
    tries: int, left: timedelta, after: timedelta | None
) -> None:
    moment = next_try("m1", tries, now=NOW, expires=NOW + left, after=after)

    assert moment is None or NOW < moment < NOW + left
    assert moment == next_try("m1", tries, now=NOW, expires=NOW + left, after=after)
