"""How do events usually come in over HTTP? A task for each, published before the answer.

`uvicorn bench.yardsticks.usual_door:app`.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from bench.yardsticks.usual import decide

app = FastAPI()


@app.post("/v1/events", status_code=202)
async def publish(request: Request) -> dict[str, Any]:
    told = await request.json()
    events = told if isinstance(told, list) else [told]
    await run_in_threadpool(_publish, events)
    return {"accepted": len(events)}


def _publish(events: list[dict[str, Any]]) -> None:
    for event in events:
        decide.delay(event)
