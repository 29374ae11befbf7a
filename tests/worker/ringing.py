"""A process whose tasks are called by hand, and which notes the bells that it rings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from sqlalchemy import Table, func, select

from worker.app import make_app
from worker.settings import Settings
from worker.steps.accepting import accept_or_refuse
from worker.store.engine import reading
from worker.wiring import Parts, make_parts


@dataclass
class Bells:
    """In place of the ringer: what was rung, in order, and what is to be rung in how long."""

    rung: list[str] = field(default_factory=list)
    later: dict[str, float] = field(default_factory=dict)

    def ring(self, name: str) -> None:
        self.rung.append(name)

    def ring_in(self, name: str, seconds: float) -> None:
        self.later[name] = min(seconds, self.later.get(name, seconds))

    def close(self) -> None: ...


@dataclass
class House:
    parts: Parts
    bells: Bells

    def hear(self, bell: str, *arguments: Any) -> list[str]:
        """Do what the bell asks for; the bells it rang."""
        assert self.do(bell, *arguments) is None
        return self.bells.rung

    def do(self, bell: str, *arguments: Any) -> Any:
        self.bells.rung.clear()
        self.bells.later.clear()
        task = self.parts.app.tasks[f"outreach.{bell}"]
        return task.apply(args=arguments, throw=True, routing_key="outreach.inbox").result

    def meet(self, number: int) -> None:
        """A customer, by a door that may write one."""
        configuration = self.parts.configuration()
        assert configuration is not None
        told = [customer(number)]
        accept_or_refuse(
            self.parts.engine, configuration, told, door="file", may_write_customers=True
        )

    def count(self, table: Table) -> int:
        query = select(func.count()).select_from(table)
        return int(reading(self.parts.engine, lambda c: c.execute(query).scalar_one()))


def order(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"o{number}",
        "source": "shop",
        "type": "order.late",
        "subject": f"c{number}",
        "time": datetime.now(UTC).isoformat(),
        "data": {"order": f"o{number}"},
        **changed,
    }


def customer(number: int) -> dict[str, Any]:
    profile = {"id": f"c{number}", "phone": f"+97250{number:07}", "language": "en"}
    return order(number, id=f"c{number}", type="customer.updated", data=profile)


@contextmanager
def ringing(database_url: str) -> Iterator[House]:
    """Nothing is in force yet."""
    app = make_app(Settings.model_validate({"database_url": database_url, "secret_key": "tests"}))
    import_module("worker.tasks")
    bells = Bells()
    made = make_parts(app.settings, app=app)
    parts: Parts = replace(made, ringer=bells)  # type: ignore[arg-type]
    app.parts = parts
    with app.connection_for_write():
        app.set_current()
        yield House(parts, bells)
    made.close()
