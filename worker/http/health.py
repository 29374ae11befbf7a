"""Is this process alive, can it do its work, and what has it counted?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from worker.http.access import METRICS, READ, at_this_machine
from worker.http.parts import Doors, House, caller_of
from worker.skew import MOST

log = structlog.get_logger(__name__)
router = APIRouter()


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "ok"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
def readyz(house: House) -> JSONResponse:
    """200 when this process can take events; else 503 and why. Shows no setting and no secret."""
    checks = {"database": _database(house)}
    if checks["database"] == "ok":
        checks["configuration"] = _configuration(house)
    ready = all(said == "ok" for said in checks.values())
    content: dict[str, Any] = {"ready": ready, "checks": checks}
    mistake = house.parts.configuration_mistake if ready else None
    if mistake:
        content["configuration_mistake"] = mistake
    return JSONResponse(content, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, house: House) -> Response:
    """What all processes have counted, and how everything stands, as Prometheus reads it."""
    if not at_this_machine(request):
        caller = caller_of(request)
        # whoever may read customers may read how many there are
        caller.needs(READ if caller.may(READ) else METRICS)
    return Response(house.measures.text(), media_type=CONTENT_TYPE_LATEST)


def _database(house: Doors) -> str:
    try:
        apart = house.parts.skew.compare()
    except SQLAlchemyError as error:
        log.warning("database_unreachable", error=type(error).__name__)
        return "cannot be reached"
    return "ok" if apart <= MOST else f"its clock and ours are {apart.total_seconds():.0f} s apart"


def _configuration(house: Doors) -> str:
    try:
        found = house.parts.configuration()
    except SQLAlchemyError:
        return "cannot be read"
    if house.parts.configuration_outdated:
        return "a later version's is in force"
    return "ok" if found else "none is active"
