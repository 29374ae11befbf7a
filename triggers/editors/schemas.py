"""What may stand in a file that is itself about a JSON Schema: an event type, the attributes?"""

from __future__ import annotations

from triggers.customers import OWN_FIELDS
from triggers.editors.forms import DRAFT, Schema, mapping, path, text, told
from triggers.reading import event_types
from triggers.reading.schemas import (
    FORMATS,
    NAMED_SCHEMAS,
    ONE_SCHEMA,
    SCHEMA_LISTS,
    TYPES,
    WORDS,
)

ANY = {"$ref": "#/$defs/schema"}


def event_schema() -> Schema:
    form = mapping(
        event_types.KEYS,
        event_types.REQUIRED,
        event=told(
            {"type": "string", "pattern": f"^(?:{event_types.NAME.pattern})$"},
            "Its name, which is the file's too.",
        ),
        about=text("What it means, and who publishes it when."),
        customer=path("Where the customer's id stands."),
        data=told(_object(), "The JSON Schema of its data."),
        examples={"type": "array", "minItems": 1},
    )
    return {"$schema": DRAFT, "title": "An event type", **form, "$defs": _defs()}


def customer_schema() -> Schema:
    ours = {"properties": {"propertyNames": {"not": {"enum": list(OWN_FIELDS)}}}}
    whole = {"allOf": [_object(), {"properties": ours}]}
    return {"$schema": DRAFT, "title": "What is known of a customer", **whole, "$defs": _defs()}


def _object() -> Schema:
    return {"allOf": [ANY, {"required": ["type"], "properties": {"type": {"const": "object"}}}]}


def _defs() -> Schema:
    inner = {"anyOf": [ANY, {"type": "boolean"}]}
    anything: Schema = {}
    several = {"type": "array", "minItems": 1, "items": inner}
    by_name = {"type": "object", "additionalProperties": inner}
    properties: Schema = dict.fromkeys(WORDS, anything)
    properties |= dict.fromkeys(ONE_SCHEMA, inner)
    properties |= dict.fromkeys(SCHEMA_LISTS, several)
    properties |= dict.fromkeys(NAMED_SCHEMAS, by_name)
    kind = {"enum": list(TYPES)}
    properties["type"] = {"anyOf": [kind, {"type": "array", "minItems": 1, "items": kind}]}
    properties["format"] = {"enum": list(FORMATS)}
    properties["$ref"] = {"type": "string", "pattern": "^#"}
    properties["$schema"] = {"const": DRAFT}
    schema = {
        "type": "object",
        "properties": properties,
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }
    return {"schema": schema}
