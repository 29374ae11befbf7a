"""Do the benchmarks still run? What they measure is nobody's test."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.processes.compose import ROOT


@pytest.mark.parametrize(
    "command",
    [
        ("bench.accept_to_decided", "--sqlite", "--events", "200"),
        ("bench.deciding", "--events", "200", "--triggers", "20"),
        ("bench.reporting", "--events", "2000", "--times", "1"),
    ],
)
def test_a_benchmark_runs_to_its_end_and_prints_figures(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, check=False, timeout=100
    )

    assert done.returncode == 0, done.stderr.decode()
    assert "events/s" in done.stdout.decode()


def test_the_benchmark_of_explaining_runs_to_its_end_and_prints_how_long_it_took() -> None:
    command = [sys.executable, "-m", "bench.explaining", "--sqlite", "--events", "50"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=100)

    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().count("median") == 3
