"""Do the samples' tokens become the moments they mean?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from triggers.clock import UTC
from triggers.durations import NotADuration
from worker.cli.samples import SampleWrong, filled, read_samples

NOW = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("{{now}}", "2026-11-21T23:30:00.000000Z"),
        ("{{now-2d}}", "2026-11-19T23:30:00.000000Z"),
        ("{{ now + 20s }}", "2026-11-21T23:30:20.000000Z"),
        ("{{now-1h30m}}", "2026-11-21T22:00:00.000000Z"),
        ("{{today}}", "2026-11-21"),
        ("{{today+1w}}", "2026-11-28"),
        ("{{today+1h}}", "2026-11-22"),
        ("p-{{run}}", "p-7"),
        ("{{customer.name}}", "{{customer.name}}"),
    ],
)
def test_a_token_becomes_what_it_means(token: str, value: str) -> None:
    assert filled(token, now=NOW, run="7") == value


def test_a_length_that_is_none_is_refused() -> None:
    with pytest.raises(NotADuration):
        filled("{{now+3x}}", now=NOW, run="7")


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"id": "a-{{run}}"}\n\n{"id": "דנה", "time": "{{now}}"}\n', encoding="utf-8")
    assert read_samples(path, now=NOW, run="7") == [
        {"id": "a-7"},
        {"id": "דנה", "time": "2026-11-21T23:30:00.000000Z"},
    ]


@pytest.mark.parametrize("line", ["{", '{"time": "{{now+3x}}"}'])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("{}\n" + line)
    with pytest.raises(SampleWrong, match=r"events\.jsonl:2: "):
        read_samples(path, now=NOW, run="7")
