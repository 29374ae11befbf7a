"""What does the page On duty say?"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "duty.title": ("On duty", "תורנות"),
}
