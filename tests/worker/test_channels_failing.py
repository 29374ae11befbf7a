"""Is a mail server that fails told from one that puts off one recipient?"""

from __future__ import annotations

import pytest

from worker.channels.base import TryLater
from worker.channels.smtp_answers import Point, refusal


@pytest.mark.parametrize(
    ("point", "code", "text", "failing"),
    [
        (Point.GREETING, 421, b"4.3.2 busy", True),
        (Point.SENDER, 451, b"4.7.1 later", True),
        (Point.RECIPIENT, 421, b"closing", True),
        (Point.TEXT, 451, b"4.3.0 later", True),
        (Point.DOT, 452, b"4.3.1 disk full", True),
        (Point.RECIPIENT, 999, b"what", True),
        (Point.RECIPIENT, 450, b"4.2.1 busy", False),
        (Point.DOT, 451, b"4.7.1 greylisted", False),
    ],
)
def test_only_what_concerns_everybody_is_the_server_s_own_failure(
    point: Point, code: int, text: bytes, failing: bool
) -> None:
    error = refusal(point, code, text)

    assert isinstance(error, TryLater)
    assert error.failing is failing
