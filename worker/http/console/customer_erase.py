"""What becomes of a customer when an admin has him forgotten? Shown first; done when he is sure."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response

from worker.http.console.customer_story import HOME
from worker.http.console.pages import go, page
from worker.http.console.visits import Posted, Visiting, field
from worker.steps.erase import Erasure, NobodyKnown, contact_of
from worker.steps.insisting import HeldByOthers
from worker.store.erasure import Whose
from worker.wiring import RECEIPT_READERS

PATIENT_LOOKS = 25
router = APIRouter()


@router.post(f"{HOME}/erase")
def erase(visit: Visiting, form: Posted) -> Response:
    """Forget contact, payloads and texts, everywhere; what waits is called off."""
    customer = field(form, "id", most=500)
    erasure = Erasure(
        visit.engine,
        Whose(customer, tuple(RECEIPT_READERS)),
        visit.by,
        looks=PATIENT_LOOKS,
        hasher=visit.house.parts.hasher,
        contact=contact_of(visit.rules),
    )
    try:
        if field(form, "sure") == "1":
            erasure.run()
            return go(visit, HOME, id=customer)
        rows = sorted(erasure.preview().items())
    except NobodyKnown:
        return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="nobody")
    except HeldByOthers:
        return page(visit, "wrong", status=HTTPStatus.SERVICE_UNAVAILABLE, why="held")
    return page(visit, "customer_erase", customer=customer, rows=rows)
