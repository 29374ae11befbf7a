"""What does docker-compose.yml say, once its anchors and variables are put in?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})")
OURS = ("migrate", "api", "worker-events", "worker-send", "worker-inbox", "beat")
THEIRS = ("postgres", "redis", "mail", "prometheus", "grafana")


def services(values: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Each service as compose would start it with these variables set."""
    whole = yaml.safe_load(_filled(FILE.read_text(), values or {}))
    found: dict[str, dict[str, Any]] = whole["services"]
    return found


def variables() -> set[str]:
    """Every variable the file asks for."""
    return {found[1] for found in VARIABLE.finditer(FILE.read_text()) if found[1]}


def _filled(text: str, values: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name, how, default = found.groups()
        if name is None:
            return "$"
        return values.get(name) or (default if how == "-" else "")

    return VARIABLE.sub(value, text)


def seconds(length: str) -> float:
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", length)
    assert found is not None, length
    return int(found[1] or 0) * 60 + int(found[2] or 0)
