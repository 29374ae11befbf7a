"""How does a command that makes many small things spend little time on looking for circles?"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (20_000, 20, 20)
"""Python's own 700 new things is reached by every second claim of a few letters."""


def collect_seldom() -> None:
    """For as long as this process lives. What an event or a letter needs holds no circles either:
    looking for them took a twelfth of a sender's time."""
    gc.set_threshold(*SELDOM)


@contextmanager
def few_collections() -> Iterator[None]:
    """What a forecast or a configuration keeps holds no circles: looking for them again and again
    takes up to a third of its time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
