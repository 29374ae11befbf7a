"""In which arm does a customer stand: held out or not, inside the ramp or not?"""

from __future__ import annotations

import hashlib


def share(*of: str) -> float:
    """A stable number in [0, 1); an arm is drawn of salt, "ramp" or "holdout", trigger, person."""
    # the purpose is in it: by one draw a ramp of 10 % would let in just those who are held out
    text = "\x1f".join(of)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
