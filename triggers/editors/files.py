"""Which JSON Schema belongs to which of a configuration's files?"""

from __future__ import annotations

from collections.abc import Mapping

from triggers.editors.forms import Schema
from triggers.editors.policy import policy_schema
from triggers.editors.schemas import customer_schema, event_schema
from triggers.editors.triggers import trigger_schema
from triggers.editors.vocabulary import vocabulary
from triggers.reading.layout import CUSTOMER, EVENTS, POLICY, TRIGGERS

PLACES = {
    "trigger.schema.json": f"{TRIGGERS}*.yaml",
    "outreach.schema.json": POLICY,
    "event.schema.json": f"{EVENTS}*.yaml",
    "customer.schema.json": CUSTOMER,
}
"""The schema's own file name -> which files it is for."""


def schemas(files: Mapping[str, str]) -> Mapping[str, Schema]:
    """By the schema's file name; the names in them are those of this configuration."""
    made = (trigger_schema(vocabulary(files)), policy_schema(), event_schema(), customer_schema())
    return dict(zip(PLACES, made, strict=True))
