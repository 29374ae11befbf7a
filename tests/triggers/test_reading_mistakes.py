"""Does every mistake of the gallery get its place, its words and its suggestion, and no other?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.triggers.configurations import bank
from triggers.configuration import ConfigurationRefused, read_configuration

GALLERY = Path(__file__).parent / "mistakes"
GONE = "(gone)\n"


def cases() -> Iterator[tuple[str, dict[str, str | None], str]]:
    for file in sorted(GALLERY.glob("*.txt")):
        for case in re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]:
            name, _, rest = case.partition("\n")
            parts = re.split(r"^--- (\S.*)\n", rest, flags=re.MULTILINE)
            files = dict(zip(parts[1::2], parts[2::2], strict=True))
            says = files.pop("says").strip()
            changes = {path: None if text == GONE else text for path, text in files.items()}
            yield f"{file.stem}: {name}", changes, says


def said(changes: dict[str, str | None]) -> str:
    try:
        configuration = read_configuration(bank(changes))
    except ConfigurationRefused as refused:
        return "\n".join(map(str, refused.mistakes))
    return "\n".join(["accepted", *map(str, configuration.warnings)])


@pytest.mark.parametrize(("changes", "says"), [pytest.param(c, s, id=n) for n, c, s in cases()])
def test_a_mistake_is_told_where_it_stands(changes: dict[str, str | None], says: str) -> None:
    assert said(changes) == says


def test_the_gallery_is_large() -> None:
    assert sum("accepted" not in says for _, _, says in cases()) >= 60
