"""What do the samples say today? Their moments are written as tokens and become real ones here.

`{{now}}`, `{{now-2d}}`, `{{now+20s}}` are moments in UTC, `{{today+7d}}` is a date there, and
`{{run}}` is another text at every start, so that no id and no key of an earlier one returns.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from triggers.clock import UTC, stamp
from triggers.durations import NotADuration, parse_duration
from worker.told import Told

TOKEN = re.compile(r"\{\{\s*(now|today|run)\s*(?:([+-])\s*([0-9a-z]+)\s*)?\}\}")


class SampleWrong(Told):
    """A line of a sample file cannot be read."""


def read_samples(path: Path, *, now: datetime, run: str) -> list[dict[str, Any]]:
    """Each line's object; SampleWrong names the line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(orjson.loads(filled(line, now=now, run=run)))
        except (NotADuration, orjson.JSONDecodeError) as error:
            raise SampleWrong(f"{path}:{number}: {error}") from None
    return found


def filled(text: str, *, now: datetime, run: str) -> str:
    """The text with its tokens replaced; NotADuration where one cannot be read."""

    def value(token: re.Match[str]) -> str:
        name, sign, length = token.groups()
        if name == "run":
            return run
        shift = parse_duration(length).elapsed if length else timedelta()
        moment = now.astimezone(UTC) + (-shift if sign == "-" else shift)
        return moment.date().isoformat() if name == "today" else stamp(moment)

    return TOKEN.sub(value, text)
