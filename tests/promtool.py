"""What does Prometheus's own tool say? Its absence fails in CI and skips on a laptop."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def checked(*arguments: str, given: str = "") -> str:
    """What it complains of; nothing where all is well."""
    tool = shutil.which("promtool")
    if tool is None:
        assert not os.environ.get("CI"), "promtool is missing: it comes with Debian's prometheus"
        pytest.skip("no promtool")
    done = subprocess.run(
        [tool, *arguments], input=given, capture_output=True, text=True, check=False
    )
    return done.stderr.strip() if done.returncode else ""
