"""What does Twilio say that somebody wrote to us?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from triggers.replies.meanings import Meaning
from worker.channels.inbound import Text

LONGEST_NAME = 64
PICTURE, MOST_MEDIA = "🖼", 10
"""Whoever sends a picture without a word is read by a person, who sees that it was one."""
_SID = re.compile(r"[A-Za-z0-9]{1,64}")

# Advanced Opt-Out tells which of its keywords it took the text for, in any language it was given.
_SAID = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}
# Without it Twilio answers these words in English alone; STOP and START we read ourselves.
_HELP = frozenset({"HELP", "INFO"})


def read_text(raw: Mapping[str, Any]) -> Text | None:
    """None where a field is missing by which it could be told from others."""
    ref = _field(raw, "MessageSid") or _field(raw, "SmsSid")
    sender = _field(raw, "From")
    if not (_SID.fullmatch(ref) and 0 < len(sender) <= LONGEST_NAME):
        return None
    words = str(raw.get("Body") or "") or PICTURE * _media(raw)
    to = {_field(raw, "To"), _field(raw, "MessagingServiceSid")} - {""}
    return Text(ref, sender, frozenset(f"twilio:{one}" for one in to), words, _keyword(raw, words))


def _keyword(raw: Mapping[str, Any], words: str) -> Meaning | None:
    said = _SAID.get(_field(raw, "OptOutType").upper())
    if said is None and words.strip().upper() in _HELP:
        return Meaning.HELP
    return said


def _media(raw: Mapping[str, Any]) -> int:
    number = _field(raw, "NumMedia")
    return min(int(number), MOST_MEDIA) if number.isascii() and number.isdecimal() else 0


def _field(raw: Mapping[str, Any], name: str) -> str:
    return str(raw.get(name) or "").strip()
