"""What is a row that the driver has read, for whoever knows SQLAlchemy's?"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any


@lru_cache(256)
def row_of(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    made: Any = namedtuple("made", tuple(names), rename=True)  # type: ignore[misc]

    class Answered(made):
        """A row of the driver's, with the names that SQLAlchemy's have."""

        __slots__ = ()

        @property
        def _mapping(self) -> Mapping[str, Any]:
            found: Mapping[str, Any] = self._asdict()
            return found

    # what namedtuple's own _make does besides took as long as the rest
    return partial(tuple.__new__, Answered)
