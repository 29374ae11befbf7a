"""For how long is what to be kept, by the policy?"""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from triggers.keeping import Retention
from triggers.reading.fields import Form, form
from triggers.reading.quantities import span

RETENTION_KEYS = tuple(field.name for field in fields(Retention))


def read_retention(policy: Form, lateness: timedelta) -> Retention:
    node = policy.get("retention")
    opened = form(node, policy.notes, known=RETENTION_KEYS) if node else None
    if opened is None:
        return Retention()
    found = Retention(**{key: opened.maybe(key, span) for key in RETENTION_KEYS})
    if found.events is not None and found.events < lateness:
        told = "is shorter than lateness: what is still taken in would be decided on without it"
        opened.notes.wrong(opened.key("events"), told)
    return found
