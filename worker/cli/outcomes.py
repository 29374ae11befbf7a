"""How are the outcomes of a forecast printed: each as a JSON line, or added up for people?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice

import typer

from triggers.definitions import Policy
from triggers.lines import Line
from triggers.summary import Row, Summary, told_of
from worker.cli.collecting import few_collections

AT_ONCE = 500


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


def print_outcomes(lines: Iterable[Line], format_: Format, policy: Policy) -> Summary:
    """Print them as they come; their sum, which people read instead, is answered."""
    summary = Summary()
    with few_collections():
        for together in _batched(lines):
            for line in together:
                summary.add(line)
            if format_ is Format.JSON:
                told = (json.dumps(line.as_mapping(), ensure_ascii=False) for line in together)
                typer.echo("\n".join(told))
    if format_ is Format.TEXT:
        typer.echo("\n".join(_told(summary, policy)))
    return summary


def _batched(lines: Iterable[Line]) -> Iterator[list[Line]]:
    rest = iter(lines)
    while together := list(islice(rest, AT_ONCE)):
        yield together


def _told(summary: Summary, policy: Policy) -> Iterator[str]:
    for name, account in sorted(summary.accounts.items()):
        yield name
        yield from map(_row, account.told(policy))
    in_all = list(map(_row, told_of(summary.volume, policy)))
    if in_all:
        yield "in all"
        yield from in_all
    yield f"customers reached: {summary.reached:,}"
    for names, number in summary.overlap.most_common():
        yield f"  by {' and '.join(names)}: {number:,}"


def _row(row: Row) -> str:
    what, number, kinds = row
    return f"  {what:<22}{number:>9}   {kinds}".rstrip()
