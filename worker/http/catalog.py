"""Which events may be published here?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from triggers.catalog import CUSTOMER_UPDATED, is_ours
from worker.http.access import CUSTOMERS_WRITE, Caller
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
                "data": one.data.raw,
                "examples": list(one.examples),
                "publish": _may_publish(caller, name),
            }
            for name, one in known
        ],
    }


def _may_publish(caller: Caller, name: str) -> bool:
    """Whether a door would take such an event from this caller, at least from one source."""
    if is_ours(name) or not caller.publishes:
        return False
    return name != CUSTOMER_UPDATED or caller.may(CUSTOMERS_WRITE)
