"""A sender that may have fewer letters on its way: `python -m bench.sender 16`, else as it is."""

from __future__ import annotations

import sys

from worker import wiring
from worker.cli.main import main

if __name__ == "__main__":
    wiring.LETTERS = wiring.AHEAD = int(sys.argv[1])
    sys.argv[1:] = ["worker", "--queues", "send"]
    main()
