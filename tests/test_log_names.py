"""Does the person on duty find every line of the log in the document?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.logs import PERSONAL
from worker.store.alerts import Alarm

ROOT = Path(__file__).parents[1]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
DOCUMENT = (ROOT / "docs" / "operations.md").read_text("utf-8")
LINES = DOCUMENT.partition("\n## The log\n")[2].partition("\n## ")[0]
ALARMS = DOCUMENT.partition("\n## Alarms\n")[2].partition("\n### ")[0]


def spoken(node: ast.Call) -> ast.expr | None:
    """The name of the line that this call says; None where it says none."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name("log"), attr=level), args=[event, *_]):
            return event if level in LEVELS else None
        case ast.Call(func=ast.Name("say"), args=[_, ast.Name("log"), event]):
            return event
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="book"), attr="say"), args=[_, event]
        ):
            return event
        case _:
            return None


def said() -> Iterator[tuple[str, str]]:
    """Each line's name, and the file that says it."""
    for path in sorted((ROOT / "worker").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            event = spoken(node) if isinstance(node, ast.Call) else None
            if isinstance(event, ast.Constant):
                yield str(event.value), path.name
            elif event is not None:
                yield ast.unparse(event), path.name


def fields() -> Iterator[tuple[str, str]]:
    """What stands in our lines besides their names, and the file that says it."""
    for path in sorted((ROOT / "worker").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and spoken(node) is not None:
                yield from ((one.arg, path.name) for one in node.keywords if one.arg)


SAID = sorted(set(said()))
DYNAMIC = {("one.kind.value", "listen.py"), ("event", "book.py")}
"""An alarm's own name, and what the clerk gave to the book."""


@pytest.mark.parametrize("name", sorted({name for name, _ in set(SAID) - DYNAMIC}))
def test_a_line_that_is_said_stands_in_the_document(name: str) -> None:
    assert f"`{name}`" in LINES


def test_no_line_says_what_is_taken_out_of_every_line() -> None:
    assert {"trigger", "message_id"} <= {name for name, _ in fields()}
    assert [one for one in sorted(set(fields())) if one[0] in PERSONAL] == []


def test_the_document_names_no_line_that_nobody_says() -> None:
    names = {name for name, _ in SAID}
    written = {
        name
        for row in LINES.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }

    assert written - names == {"silence", "runaway"}


def test_what_is_told_by_an_alarm_s_name_is_one() -> None:
    assert {"silence", "runaway"} <= {one.value for one in Alarm}
    assert set(SAID) >= DYNAMIC


def test_every_alarm_stands_in_its_table() -> None:
    assert [one.value for one in Alarm if f"`{one.value}`" not in DOCUMENT] == []
    assert ALARMS
