"""Which triggers mean something else under another configuration?"""

from __future__ import annotations

from triggers.configuration import Configuration


def changed_triggers(old: Configuration | None, new: Configuration) -> frozenset[str]:
    """Names of those that are new, gone or other ones; all where it is not known what they were."""
    if old is None or _clocks(old) != _clocks(new):
        return frozenset([*new.triggers, *(old.triggers if old else ())])
    before = {name: one.digest for name, one in old.triggers.items()}
    after = {name: one.digest for name, one in new.triggers.items()}
    names = before.keys() | after.keys()
    return frozenset(name for name in names if before.get(name) != after.get(name))


def _clocks(configuration: Configuration) -> tuple[object, ...]:
    """What of the policy the moments of all triggers rest on."""
    policy = configuration.policy
    return policy.timezone, policy.country, policy.grace
