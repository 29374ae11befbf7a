"""What does a word pause: everything, a channel, a category or a trigger?"""

from __future__ import annotations

from collections.abc import Collection

from triggers.configuration import Configuration
from triggers.definitions import CHANNELS, MessageRoute, Trigger
from triggers.mistakes import listed, meant, quoted
from triggers.standing import EVERYTHING

ALL = "all"


class NoScope(ValueError):
    """A word that names nothing that can be paused, or more than one such thing."""


def scopes_of(configuration: Configuration) -> frozenset[str]:
    """Everything that can be paused under it, spelled as gates read it."""
    return frozenset(
        {
            EVERYTHING,
            *(f"channel:{one}" for one in CHANNELS),
            *(f"category:{one}" for one in configuration.policy.categories),
            *(f"trigger:{one}" for one in configuration.triggers),
        }
    )


def read_scope(word: str, known: Collection[str]) -> str:
    """`all`, a name that only one of the known scopes has, or a scope as gates spell it."""
    if word in known:
        return word
    found = sorted(one for one in known if name_of(one) == word)
    if len(found) > 1:
        raise NoScope(f"{quoted(word)} is more than one thing: write {listed(map(shown, found))}")
    if not found:
        words = {*map(name_of, known), *known} - {EVERYTHING}
        hint = meant(word, sorted(words)) or f": write {listed(sorted(set(map(name_of, known))))}"
        raise NoScope(f"there is nothing called {quoted(word)}{hint}")
    return found[0]


def name_of(scope: str) -> str:
    return ALL if scope == EVERYTHING else scope.partition(":")[2]


def shown(scope: str) -> str:
    """As people read and write it, without doubt."""
    return ALL if scope == EVERYTHING else scope


def touching(trigger: Trigger) -> frozenset[str]:
    """The scopes whose pause holds what this trigger would send, or a part of it."""
    routes = (one for one in trigger.send if isinstance(one, MessageRoute))
    channels = {f"channel:{channel}" for one in routes for channel in one.by}
    own = {f"trigger:{trigger.name}", f"category:{trigger.limits.category}"}
    return frozenset({EVERYTHING, *own, *channels})


def may_hold(scope: str, trigger: Trigger | None) -> bool:
    """Of a trigger that is gone only the pause of everything holds what still waits."""
    return scope == EVERYTHING if trigger is None else scope in touching(trigger)
