"""Does everything run, and what can whoever is on duty do about what does not?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from worker.http.console.pages import page
from worker.http.console.visits import Visiting
from worker.store.clock import read_now

router = APIRouter()


@router.get("/console/duty")
def duty(visit: Visiting) -> Response:
    return page(visit, "duty", now=visit.read(read_now))
