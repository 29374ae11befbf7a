"""What did the caller send, if it is not too much and of a kind we read?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import Request

from triggers.envelope import JSON_TYPE
from triggers.strict_json import loads
from worker.http.bodies import MAX_BODY, Bodies, too_large
from worker.http.problems import Denied


async def read_body(request: Request) -> bytes:
    """The whole body; 413 as soon as it is known to be more than 1 MiB, chunked or not; 408."""
    announced = request.headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdigit():
        raise Denied(HTTPStatus.BAD_REQUEST, "Content-Length is no number.")
    if len(announced) > 9 or int(announced) > MAX_BODY:
        raise too_large()
    bodies: Bodies = request.app.state.doors.bodies
    return await bodies.read(request.stream())


async def read_json(request: Request) -> Any:
    """The value of a JSON body; 415 for another type, NotJson for no JSON."""
    if not JSON_TYPE.fullmatch(content_type(request)):
        raise wrong_type("Send application/json.")
    return loads(await read_body(request))


def body_of(kind: str) -> dict[str, Any]:
    """What the OpenAPI document says of a JSON body, which is read by us and not by FastAPI."""
    content = {"application/json": {"schema": {"type": kind}}}
    return {"requestBody": {"required": True, "content": content}}


def content_type(request: Request) -> str:
    return request.headers.get("content-type", "").strip()


def wrong_type(detail: str) -> Denied:
    return Denied(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
