"""How are the outcomes of a forecast printed: each as a JSON line, or added up for people?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum

import typer

from triggers.lines import Line
from triggers.summary import Summary

AT_ONCE = 500


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


def print_outcomes(lines: Iterable[Line], format_: Format) -> Summary:
    """Print them as they come; their sum, which people read instead, is answered."""
    summary = Summary()
    written: list[str] = []
    for line in lines:
        summary.add(line)
        if format_ is Format.JSON:
            written.append(json.dumps(line.as_mapping(), ensure_ascii=False))
            if len(written) == AT_ONCE:
                typer.echo("\n".join(written))
                written.clear()
    if written:
        typer.echo("\n".join(written))
    if format_ is Format.TEXT:
        typer.echo("\n".join(_told(summary)))
    return summary


def _told(summary: Summary) -> Iterator[str]:
    for name, account in sorted(summary.accounts.items()):
        yield name
        for what, number, kinds in account.told():
            yield f"  {what:<22}{number:>9,}   {kinds}".rstrip()
    yield f"customers reached: {summary.reached:,}"
    for names, number in summary.overlap.most_common():
        yield f"  by {' and '.join(names)}: {number:,}"
