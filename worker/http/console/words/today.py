"""What does the page Today say?"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "today.title": ("Today", "היום"),
}
