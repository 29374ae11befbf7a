"""How is a month made for tests, and what is in it?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, Row, Table, select

from worker.month.fill import Wish, fill
from worker.settings import Settings
from worker.store.engine import make_engine, reading

ROOT = Path(__file__).parents[2]


def settings(url: str, **more: Any) -> Settings:
    given = {
        "database_url": url,
        "config_dir": ROOT / "config",
        "templates_dir": ROOT / "templates",
        "secret_key": (SecretStr("a signing key of the tests"),),
    }
    return Settings.model_validate(given | more)


def filled(url: str, wish: Wish) -> Engine:
    shown: list[float] = []
    fill(settings(url), wish, shown.append)
    assert shown == sorted(shown)
    return make_engine(url)


def rows(engine: Engine, table: Table) -> list[Row[Any]]:
    return list(reading(engine, lambda c: c.execute(select(table)).all()))


def told(engine: Engine, table: Table) -> list[tuple[str, ...]]:
    """Every row as text but for its number."""
    names = [column.name for column in table.columns if column.name != "seq"]
    return sorted(tuple(_text(getattr(row, name)) for name in names) for row in rows(engine, table))


def _text(value: Any) -> str:
    """A database may keep the names of a JSON object in an order of its own."""
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return repr(value)


def values(engine: Engine, table: Table, *names: str) -> set[tuple[Any, ...]]:
    return {tuple(getattr(row, name) for name in names) for row in rows(engine, table)}


class Kinds(dict[str, int]):
    """So many of each page's kind have been seen; ids and numbers make no other kind."""

    FEW = 3

    @property
    def plain(self) -> set[str]:
        return {kind.partition("?")[0] for kind in self}

    def wants(self, path: str) -> bool:
        if "/static/" in path or "look=" in path or "language=" in path:
            return False
        kind = re.sub(r"=[^&]*", "=", re.sub(r"[0-9a-f]{32}", "*", path))
        if path in self or self.get(kind, 0) >= self.FEW:
            return False
        self[kind] = self.get(kind, 0) + 1
        self[path] = self.FEW
        return True
