"""How is one of our commands started so that it can be hurt? `python -m tests.faults.launch api`

It is the command itself, with shorter constants, points where it may kill itself, and, where
FAULTS_WITHOUT names one, a protection taken out, to prove that the laws notice.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tests.faults.hurry import hurry, hurry_on
from tests.faults.points import watch_seams
from tests.faults.without import WITHOUT, take_out


def prepare() -> None:
    """Once a process, before anything of the product is loaded."""
    hurry()
    if os.environ.get(WITHOUT):
        take_out(os.environ[WITHOUT])
    hurry_on()
    watch_seams()
    _children_like_this()


def run(command: Sequence[str]) -> None:
    """The command, in this process, to its end."""
    from worker.cli import child, main  # noqa: PLC0415 - after the constants

    if command[0] == "child":
        child.main(command[1:])
        return
    sys.argv = ["outreach", *command]
    main.main()


def _children_like_this() -> None:
    """`outreach run` starts its child by name: let it be this one."""
    from worker import supervising  # noqa: PLC0415 - after the constants

    begin = supervising.Parent.__init__

    def init(self: supervising.Parent, command: Sequence[str], *, inherits: Sequence[int]) -> None:
        python, _, _, *rest = command
        begin(self, [python, "-m", "tests.faults.launch", "child", *rest], inherits=inherits)

    supervising.Parent.__init__ = init  # type: ignore[method-assign]


if __name__ == "__main__":
    prepare()
    run(sys.argv[1:])
