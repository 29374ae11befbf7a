"""Which names does a configuration give, though something else in it is wrong?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triggers.catalog import CUSTOMER_UPDATED, OWN_TYPES
from triggers.nodes import plain
from triggers.reading.fields import Notes
from triggers.reading.layout import lay_out
from triggers.reading.policy import LANGUAGE
from triggers.reading.world import Names, Texts


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Each sorted; None where that part of the files cannot be read: then any name will do."""

    events: tuple[str, ...]
    messages: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    segments: tuple[str, ...] | None = None
    queues: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None


def vocabulary(files: Mapping[str, str]) -> Vocabulary:
    """Read leniently: files named `config/…` and `templates/…`, whatever is wrong with them."""
    layout = lay_out(files, Notes())
    names = Names.of(layout.policy)
    policy = plain(layout.policy) if layout.policy is not None else None
    return Vocabulary(
        events=tuple(sorted({*layout.events, *layout.unread, *OWN_TYPES, CUSTOMER_UPDATED})),
        messages=tuple(sorted(Texts.of(layout.templates).by_message)) or None,
        categories=_sorted(names.categories),
        segments=_sorted(names.segments),
        queues=_sorted(names.queues),
        languages=_languages(policy.get("languages") if isinstance(policy, dict) else None),
    )


def _sorted(names: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(names))


def _languages(written: object) -> tuple[str, ...] | None:
    codes = written if isinstance(written, list) else []
    return tuple(one for one in codes if isinstance(one, str) and LANGUAGE.fullmatch(one)) or None
