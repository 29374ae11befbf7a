"""How is something done for customers whom others hold just now?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event as Flag

from worker.told import Told

LOOK_AGAIN_SECONDS = 0.2
LOOKS = 150
"""So often they are asked for, before somebody is told."""


class HeldByOthers(Told):
    """Somebody works on these customers all the time: say it again. What was done stays done."""


def insist(
    work: Callable[[Sequence[str]], Sequence[str]], ids: Sequence[str], *, looks: int = LOOKS
) -> Sequence[str]:
    """`work` says for which of them it could do nothing now; those that were left to the end."""
    for _ in range(looks):
        ids = work(ids)
        if not ids:
            break
        Flag().wait(LOOK_AGAIN_SECONDS)
    return ids
