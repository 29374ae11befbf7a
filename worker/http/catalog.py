"""Which events may be published here?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from worker.http.parts import Calling, House

router = APIRouter()


@router.get("/v1/catalog")
def read_catalog(house: House, caller: Calling) -> dict[str, Any]:
    """Every event type: its meaning, its JSON Schema, where its customer's id stands, examples."""
    configuration = house.active()
    known = sorted(configuration.catalog.types.items())
    return {
        "configuration": configuration.hash,
        "types": [
            {
                "type": name,
                "about": one.about,
                "customer": one.customer.text,
                "data": one.schema,
                "examples": list(one.examples),
                "publish": caller.publishes and not name.startswith("outreach."),
            }
            for name, one in known
        ],
    }
