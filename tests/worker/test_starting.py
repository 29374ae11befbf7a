"""Is it said at the start that nobody will be served?"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from worker.cli.collecting import SELDOM
from worker.cli.starting import warn_without_keys
from worker.store.engine import in_transaction
from worker.store.keys import add_key, hash_secret, revoke_key

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "warned"),
    [("0.0.0.0", 1), ("10.1.2.3", 1), ("::", 1), ("127.0.0.1", 0), ("::1", 0), ("localhost", 0)],
)
def test_who_listens_to_the_outside_without_a_key_is_warned(
    engine: Engine, host: str, warned: int
) -> None:
    with capture_logs() as told:
        warn_without_keys(engine, host)

    assert [line["event"] for line in told] == ["no_keys"] * warned
    assert all("outreach keys add" in line["why"] for line in told)


def test_a_key_that_is_good_ends_the_warning_and_a_revoked_one_does_not(engine: Engine) -> None:
    secret = in_transaction(engine, lambda c: add_key(c, "shop", ["read"], now=NOW))
    with capture_logs() as told:
        warn_without_keys(engine, "0.0.0.0")
    assert told == []

    in_transaction(engine, lambda c: revoke_key(c, hash_secret(secret), now=NOW))
    with capture_logs() as told:
        warn_without_keys(engine, "0.0.0.0")
    assert len(told) == 1


def test_what_runs_long_looks_for_circles_seldom() -> None:
    code = (
        "import gc; from worker.cli import starting; starting.begin(); print(gc.get_threshold()[0])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert int(done.stdout) == SELDOM[0] > 700
