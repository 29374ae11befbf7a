"""How do CI systems read which examples hold? As JUnit's XML, one test case an example."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, ElementTree, SubElement

from triggers.examples import Played
from worker.told import Told

UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold in any form."""


class NotWritten(Told):
    """The report's file cannot be written."""


class Case(NamedTuple):
    played: Played
    seconds: float


def write_junit(file: Path, cases: Sequence[Case], text: Callable[[Played], str]) -> None:
    failed = sum(not one.played.holds for one in cases)
    counts = {"tests": str(len(cases)), "failures": str(failed), "errors": "0", "skipped": "0"}
    total = {"time": _seconds(sum(one.seconds for one in cases))}
    root = Element("testsuites", {"name": "outreach", **counts, **total})
    suite = SubElement(root, "testsuite", {"name": "outreach test", **counts, **total})
    for one in cases:
        _add(suite, one, text)
    try:
        ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise NotWritten(f"{file}: {error.strerror}") from None


def _add(suite: Element, case: Case, text: Callable[[Played], str]) -> None:
    played = case.played
    place = {"file": played.place.file, "line": str(played.place.line)}
    names = {"classname": played.trigger, "name": played.example, **place}
    told = {name: _clean(value) for name, value in names.items()}
    element = SubElement(suite, "testcase", {**told, "time": _seconds(case.seconds)})
    if not played.holds:
        message = "; ".join(words for one in played.differences for words in one.words)
        failure = SubElement(element, "failure", {"message": _clean(message), "type": "example"})
        failure.text = _clean(text(played))


def _clean(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)


def _seconds(seconds: float) -> str:
    return f"{seconds:.6f}"
