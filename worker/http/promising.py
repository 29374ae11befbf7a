"""What may each operation answer when it says no, and who may ask? For the OpenAPI document."""

from __future__ import annotations

from typing import Any

from worker.http.problems import MEDIA_TYPE

PROBLEM = {
    "title": "Problem",
    "description": "RFC 9457; `errors` say where in what was sent, by JSON pointers.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
NO = {
    "description": "No, and why: 400, 413, 415 and 422 to mend what was sent, 401 and 403 to mend"
    " the key, 404, 409, and 408, 429 and 503 to send the same again after `Retry-After`.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
KEY = {"type": "http", "scheme": "bearer", "description": "What `outreach keys add` printed."}


def promised(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what doors really answer, in place of what their framework would."""
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = NO
            if path.startswith("/v1/"):
                operation["security"] = [{"key": []}]
    known = document.setdefault("components", {})
    schemas = known.setdefault("schemas", {})
    for one in ("HTTPValidationError", "ValidationError"):
        schemas.pop(one, None)
    schemas["Problem"] = PROBLEM
    known["securitySchemes"] = {"key": KEY}
    return document
