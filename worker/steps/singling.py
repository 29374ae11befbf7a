"""What becomes of a list in which one element breaks us? The others are taken, and it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Engine

from triggers.configuration import Configuration
from worker.steps.accepting import Door, refuse, take_in
from worker.store.engine import out_of_reach

log = structlog.get_logger(__name__)


def take_each(
    engine: Engine, configuration: Configuration, raw: Sequence[Any], door: Door
) -> list[int]:
    """Take in all, or halves, or one by one; the indexes of those that are ours, or kept refused.

    Raises where the database is out of reach: then nothing is known of those that were not
    committed, and all of them may come again.
    """
    if not raw:
        return []
    try:
        take_in(engine, configuration, raw, door)
    except Exception as error:
        # Whatever it is, one element must not keep the others from becoming ours.
        if out_of_reach(error):
            raise
        if len(raw) == 1:
            return [0] if _keep(engine, raw[0], error, door) else []
        middle = len(raw) // 2
        first = take_each(engine, configuration, raw[:middle], door)
        second = take_each(engine, configuration, raw[middle:], door)
        return [*first, *(middle + index for index in second)]
    return list(range(len(raw)))


def _keep(engine: Engine, one: Any, error: Exception, door: Door) -> bool:
    """What our own code or the database stumbles over, as it came; False: not even that."""
    log.error("event_failed", door=door.name, error=type(error).__name__)
    try:
        refuse(engine, one, f"could not be stored: {type(error).__name__}", door=door.name)
    except Exception as again:
        if out_of_reach(again):
            raise
        return False
    return True
