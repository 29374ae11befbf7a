"""Which word of which file decided, what does it say, and where does it stand?

Definitions keep no places but a trigger's own, for nobody asks for one until somebody asks why:
then the files of the version that decided are looked at once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from triggers.definitions import AgentRoute, Place, Trigger
from triggers.explaining.told import Setting, Silence
from triggers.nodes import Fields, Items, Node, plain
from triggers.objections import CALLS_WAIT
from triggers.reading.layout import POLICY
from triggers.verdicts import Reason
from triggers.yamls import documents

Words = tuple[str, ...]
LONGEST = 200

_OF_TRIGGER: Mapping[str, Words] = {
    Reason.CALLED_OFF: ("unless",),
    Reason.EXPIRED: ("limits", "expires"),
    Reason.MODE_OFF: ("limits", "mode"),
    Reason.SHADOW: ("limits", "mode"),
    Reason.NO_ROUTE: ("send",),
    Reason.NO_ADDRESS: ("send",),
    Reason.WHEN_FALSE: ("when",),
    Reason.DISARMED: ("when",),
    Reason.MOVED: ("wait",),
    Reason.COOLDOWN: ("limits", "cooldown"),
    Reason.RAMP: ("limits", "ramp"),
    Reason.HOLDOUT: ("limits", "holdout"),
    Reason.PACE: ("limits", "pace"),
    Silence.NO_EVENT: ("on",),
    Silence.WHEN_FALSE: ("when",),
    Silence.WHEN_UNKNOWN: ("when",),
    Silence.NO_KEY: ("key",),
    Silence.NO_DATE: ("wait",),
    Silence.NOT_COUNTED: ("count",),
    Silence.COUNTING: ("count",),
    Silence.SPENT: ("again",),
}
_DEFAULTS: Mapping[str, str] = {"limits.expires": "1d", "limits.mode": "live"}
_FUSES = {"customer": "customer", "trigger": "trigger"}


class Files:
    """The texts of one bundle, in which words are looked for."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def of(self, trigger: Trigger, why: str | None, detail: str, channel: str) -> Setting | None:
        """The word behind a reason or a silence; None where no file has one for it."""
        if why is None:
            return None
        if why == Reason.PACE and (full := _full_queue(trigger, detail)):
            return self._policy(full)
        words = _OF_TRIGGER.get(why)
        if words is not None:
            return self._trigger(trigger, words)
        asked = self._policy_words(trigger, why, detail, channel)
        return self._policy(asked) if asked else None

    def when(self, trigger: Trigger, *words: str | int) -> Place | None:
        """Where a condition stands: under `when`, or in the route of that number."""
        found = _found(self._document(trigger), words)
        return found[1] if found else None

    def segment(self, name: str) -> Place | None:
        found = _found(self._node(POLICY), ("segments", name))
        return found[1] if found else None

    def _policy_words(self, trigger: Trigger, why: str, detail: str, channel: str) -> Words | None:
        category = trigger.limits.category
        words: dict[str, Words] = {
            Reason.CAP: ("categories", category, "caps"),
            Reason.NO_CONSENT: ("categories", category, "consent"),
            Reason.QUIET: ("quiet", self._quiet_name(category)),
            Reason.RATE: (channel or "sms", "rate"),
            Reason.FUSE: ("fuse", _FUSES.get(detail, "customer")),
            Reason.SPEND: ("spend",),
        }
        return words.get(why)

    def _quiet_name(self, category: str) -> str:
        found = _found(self._node(POLICY), ("categories", category, "quiet"))
        return str(plain(found[0])) if found else "default"

    def _trigger(self, trigger: Trigger, words: Words) -> Setting:
        name = ".".join(words)
        found = _found(self._document(trigger), words)
        if found is not None:
            return Setting(name, _text(plain(found[0])), found[1])
        above = _found(self._document(trigger), words[:1])
        default = _DEFAULTS.get(name, trigger.again.value if name == "again" else "")
        return Setting(name, default, above[1] if above else trigger.place, written=False)

    def _policy(self, words: Words) -> Setting | None:
        found = _found(self._node(POLICY), words)
        if found is None:
            return None
        return Setting(".".join(words), _text(plain(found[0])), found[1])

    def _document(self, trigger: Trigger) -> Node | None:
        """The trigger's own document in its file: the one that begins where it does."""
        whole = _documents(trigger.place.file, self._files.get(trigger.place.file, ""))
        return next((one for one in whole if one.line == trigger.place.line), None)

    def _node(self, file: str) -> Node | None:
        return next(iter(_documents(file, self._files.get(file, ""))), None)


def _full_queue(trigger: Trigger, detail: str) -> Words | None:
    """The word of the people's queue that had no room; None where it was the trigger's pace."""
    if detail.startswith(CALLS_WAIT):
        return "agents", detail.removeprefix(CALLS_WAIT).strip(), "open"
    queues = [one.queue for one in trigger.send if isinstance(one, AgentRoute)]
    alone = trigger.limits.pace is None and queues
    return ("agents", queues[0], "capacity") if alone else None


@lru_cache(maxsize=64)
def _documents(file: str, text: str) -> tuple[Node, ...]:
    return tuple(documents(file, text)[0])


def _found(node: Node | None, words: Sequence[str | int]) -> tuple[Node, Place] | None:
    """What stands under these words, and where the last of them is written."""
    place: Place | None = None
    for word in words:
        match node:
            case Fields() if str(word) in node.entries:
                key, node = node.entries[str(word)]
                place = Place(key.source.file, key.line)
            case Items() if isinstance(word, int) and word < len(node.nodes):
                node = node.nodes[word]
                place = Place(node.source.file, node.line)
            case _:
                return None
    return (node, place) if node is not None and place is not None else None


def _text(value: Any) -> str:
    """As it would be written on one line."""
    match value:
        case dict():
            shown = "{" + ", ".join(f"{name}: {_text(one)}" for name, one in value.items()) + "}"
        case list():
            shown = "[" + ", ".join(map(_text, value)) + "]"
        case bool() | None:
            shown = {None: "null", True: "true", False: "false"}[value]
        case _:
            shown = " ".join(str(value).split())
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
