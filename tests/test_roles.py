"""Does each process load what it needs and nothing of the others' heavy libraries?"""

from __future__ import annotations

import subprocess
import sys

import pytest

ROLES = {
    "api": ["worker.cli.api"],
    "worker": ["worker.cli.worker", "worker.tasks"],
    "beat": ["worker.cli.beat"],
}
SHOWS = {"fastapi", "starlette", "uvicorn", "pygal", "argon2"}
MAKES_TABLES = {"alembic", "mako"}
SPEAKS = {"twilio", "requests", "httpx", "jinja2", "phonenumbers", "holidays", "redis"}
"""To providers and customers; a beat only rings."""
STRANGERS = {
    "api": MAKES_TABLES,
    "worker": MAKES_TABLES | SHOWS,
    "beat": MAKES_TABLES | SHOWS | SPEAKS,
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_not_load_what_only_others_use(role: str) -> None:
    loading = "; ".join(f"import {module}" for module in ROLES[role])
    told = "print(*{name.partition('.')[0] for name in sys.modules})"

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {loading}; {told}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert STRANGERS[role] & set(done.stdout.split()) == set()
