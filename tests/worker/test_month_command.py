"""What does `outreach demo` do for whoever types it, and what do other commands say then?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.worker.months import ROOT

pytestmark = pytest.mark.timeout(400)


def outreach(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")}
    environment: Mapping[str, str] = {
        **known,
        "PYTHONPATH": str(ROOT),
        "OUTREACH_CONFIG_DIR": str(ROOT / "config"),
        "OUTREACH_TEMPLATES_DIR": str(ROOT / "templates"),
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "worker.cli.main", *words],
        env=environment, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_fills_a_database_of_its_own_and_says_how_to_look(tmp_path: Path) -> None:
    made = outreach(tmp_path, "demo", "--customers", "20", "--seed", "2")

    assert made.returncode == 0, made.stderr
    assert "sender_rests" not in made.stdout + made.stderr
    url = "sqlite:///var/demo-month/outreach.db"
    assert f"export OUTREACH_DATABASE_URL={url}" in made.stdout
    doctor = outreach(tmp_path, "doctor", OUTREACH_DATABASE_URL=url)
    assert doctor.stdout.startswith("this is demo data")
    facts = json.loads(
        outreach(tmp_path, "doctor", "--format", "json", OUTREACH_DATABASE_URL=url).stdout
    )
    assert (facts["demo"], facts["unread"]["count"], facts["unknown"]["count"]) == (True, 0, 0)
    assert outreach(tmp_path, "report", OUTREACH_DATABASE_URL=url).returncode == 0

    again = outreach(tmp_path, "demo")
    assert again.returncode == 1
    assert "holds a demo already" in again.stderr
    assert "Traceback" not in again.stderr


def test_a_configuration_without_its_event_types_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "outreach.yaml").write_text("languages: [en]\ncategories: {service: {quiet: none}}\n")
    (tmp_path / "templates").mkdir()

    made = outreach(
        tmp_path, "demo",
        OUTREACH_CONFIG_DIR=str(config), OUTREACH_TEMPLATES_DIR=str(tmp_path / "templates"),
    )  # fmt: skip

    assert made.returncode == 1
    assert "lacks check.deposited" in made.stderr
    assert not (tmp_path / "var").exists()
