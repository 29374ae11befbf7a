"""Is what is known of two ids known of the one that is left, and no wish for rest lost?"""

from __future__ import annotations

from typing import Any

import pytest

from triggers.joining import join
from triggers.profiles import consents_of, is_refused

OLD, NEW = ["2026-01-01T00:00:00.000000Z", "crm", "1"], ["2026-02-01T00:00:00.000000Z", "crm", "2"]


def joined(into: dict[str, Any], old: dict[str, Any], *, into_is_newer: bool = False) -> Any:
    one, other = (NEW, OLD) if into_is_newer else (OLD, NEW)
    return join(into, dict.fromkeys(into, one), old, dict.fromkeys(old, other))


@pytest.mark.parametrize(("into_is_newer", "phone"), [(True, "+1"), (False, "+2")])
def test_the_newest_wins_field_by_field(into_is_newer: bool, phone: str) -> None:
    found = joined({"phone": "+1", "a": 1}, {"phone": "+2", "b": 2}, into_is_newer=into_is_newer)

    assert found.profile == {"phone": phone, "a": 1, "b": 2}


def test_what_was_deleted_later_is_gone() -> None:
    found = join({"a": 1}, {"a": OLD}, {}, {"a": NEW})

    assert (found.profile, found.changes) == ({}, {"a": {"from": 1, "to": None}})


@pytest.mark.parametrize("into_is_newer", [True, False])
@pytest.mark.parametrize(
    ("one", "other", "left"),
    [
        (True, False, True),
        (False, True, True),
        ("21:00 to 08:00", False, "21:00 to 08:00"),
        (False, "21:00 to 08:00", "21:00 to 08:00"),
        (False, False, False),
        (None, True, True),
    ],
)
def test_a_wish_for_rest_of_either_holds(
    one: Any, other: Any, left: Any, into_is_newer: bool
) -> None:
    mine = {"quiet": {"shabbat": one}, "agent_only": one is True}
    theirs = {"quiet": {"shabbat": other}, "agent_only": other is True}

    found = joined(mine, theirs, into_is_newer=into_is_newer)

    assert found.profile == {"quiet": {"shabbat": left}, "agent_only": left is True}


@pytest.mark.parametrize("into_is_newer", [True, False])
@pytest.mark.parametrize("refuser", ["into", "old"])
def test_a_refusal_of_either_holds(into_is_newer: bool, refuser: str) -> None:
    said = {"into": {"consent": {"ads": True}}, "old": {"consent": {"ads": True}}}
    said[refuser] = {"consent": {"ads": False}}

    found = joined(said["into"], said["old"], into_is_newer=into_is_newer)

    assert is_refused(consents_of(found.profile), "ads", "sms")
