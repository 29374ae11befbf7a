"""Does a test stand behind everything that docs/compliance.md says is done?"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "compliance.md").read_text("utf-8")
DUTIES = ("Israel", "United States", "European Union")


def test_every_claim_names_tests_that_there_are() -> None:
    """In its last section: a claim, and what fails when it is no longer true."""
    rows = re.findall(r"^\| (.+?) \| (`test_.+`) \|$", PAGE, re.MULTILINE)
    known = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }

    named = {name for _, tests in rows for name in re.findall(r"`(test_\w+)`", tests)}

    assert len(rows) >= 15
    assert named - known == set()


def test_each_law_says_what_stays_the_operators_duty() -> None:
    for law in DUTIES:
        [section] = re.findall(rf"^## {law}.*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
        assert re.search(r"^- Done: ", section, re.MULTILINE), law
        assert re.search(r"^- Yours: ", section, re.MULTILINE), law
