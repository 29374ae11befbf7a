"""Is what may pass waited for, and said, when events go to the door of another machine?"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from worker.cli.sending import TRIES, DoorClosed, Sender
from worker.steps.accepting import Summary


def sender(answers: list[Any], waits: list[float], said: list[str]) -> Sender:
    """A sender whose door gives these answers, one after the other."""
    remaining = iter(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        found = next(remaining)
        if isinstance(found, Exception):
            raise found
        status, more = found
        return httpx.Response(status, **more)

    transport = httpx.MockTransport(answer)
    client = httpx.Client(base_url="http://door.example", transport=transport)
    return Sender(client, say=said.append, wait=waits.append)


TAKEN = (202, {"json": {"accepted": 1, "duplicates": 0}})


@pytest.mark.parametrize(
    ("trouble", "least"),
    [
        ((503, {"headers": {"Retry-After": "7"}}), 7.0),
        ((429, {"headers": {"Retry-After": "9999"}}), 60.0),
        ((502, {"text": "<html>"}), 0.25),
        (httpx.ConnectError("refused"), 0.25),
        (httpx.ReadTimeout("slow"), 0.25),
    ],
)
def test_what_may_pass_is_waited_for(trouble: Any, least: float) -> None:
    waits: list[float] = []

    said: list[str] = []

    summary = sender([trouble, TAKEN], waits, said).send([(1, b"{}")])

    assert summary == Summary(1, 0, 0)
    [waited] = waits
    assert said == [line for line in said if line.startswith("waiting for http://door.example: ")]
    assert len(said) == 1
    assert least <= waited <= 60.0


def test_what_does_not_pass_is_given_up() -> None:
    waits: list[float] = []

    with pytest.raises(DoorClosed, match=r"gave up after 8 tries: status 503"):
        sender([(503, {})] * TRIES, waits, []).send([(1, b"{}")])

    assert len(waits) == TRIES - 1
