"""Do the laws notice? One protection taken out of the code that runs, by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.sql.selectable import TextualSelect

WITHOUT = "FAULTS_WITHOUT"


def take_out(name: str) -> None:
    """KeyError where nobody knows the protection."""
    _PROTECTIONS[name]()


def _locks() -> None:
    """Nobody holds a customer, an address or a throttle: two may claim the same row."""
    from worker.steps import standing, windows  # noqa: PLC0415 - after the constants
    from worker.store import customers  # noqa: PLC0415

    holding, lock = customers._holding, " FOR UPDATE OF customers SKIP LOCKED"
    assert lock in str(holding("postgresql", "true"))

    def unlocked(dialect: str, only: str) -> TextualSelect:
        held = holding(dialect, only)
        plain = text(str(held).replace(lock, ""))
        return plain.columns(*held.selected_columns)

    customers._holding = unlocked  # type: ignore[assignment]

    def hold_nobody(_connection: Any, hashes: Iterable[str]) -> Callable[[], frozenset[str]]:
        wanted = frozenset(hashes)
        return lambda: wanted

    standing.ask_to_hold = hold_nobody  # type: ignore[assignment,attr-defined]
    windows.lock_throttles = lambda *_: None  # type: ignore[attr-defined]


def _claim() -> None:
    """And nobody compares what he changed with what he wanted to change.

    Whoever wakes on a slow machine may call, too: that his five seconds are over is another law's.
    """
    _locks()
    from worker.steps import book, claim  # noqa: PLC0415

    claim.CALL_WITHIN = timedelta(minutes=1)  # type: ignore[attr-defined]

    change = book.change_occurrences  # type: ignore[attr-defined]

    def change_all(connection: Any, rows: list[dict[str, Any]]) -> set[str]:
        change(connection, rows)
        return {row["id"] for row in rows}

    book.change_occurrences = change_all  # type: ignore[assignment,attr-defined]


def _reconciling() -> None:
    """Whatever has no answer is simply sent again."""
    from worker.channels.base import TryLater, Uncertain  # noqa: PLC0415
    from worker.steps import answers  # noqa: PLC0415

    honest = answers.answered

    def hasty(tried: answers.Tried, answer: answers.Answer, now: datetime) -> answers.Move:
        if isinstance(answer, Uncertain | answers.Silent):
            return honest(tried, TryLater("hasty"), now)
        return honest(tried, answer, now)

    answers.answered = hasty


def _reading_first() -> None:
    """What is accepted and unread holds up no claim."""
    from worker.steps import turns  # noqa: PLC0415
    from worker.store import claims  # noqa: PLC0415

    turns.NOTHING_UNREAD = "true"  # type: ignore[attr-defined]
    claims._nothing_unread = lambda customer: "true"


_PROTECTIONS: Mapping[str, Callable[[], None]] = {
    "locks": _locks,
    "claim": _claim,
    "reconciling": _reconciling,
    "reading first": _reading_first,
}
