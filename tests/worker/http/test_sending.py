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


def test_who_has_no_key_hears_where_it_is_named() -> None:
    refused = (401, {"json": {"detail": "Send a key."}})
    with pytest.raises(
        DoorClosed, match=r"Send a key\. Name yours with --key, or in OUTREACH_KEY\."
    ):
        sender([refused], [], []).send([(1, b"{}")])


def test_what_does_not_pass_is_given_up() -> None:
    waits: list[float] = []

    with pytest.raises(DoorClosed, match=r"gave up after 8 tries: status 503"):
        sender([(503, {})] * TRIES, waits, []).send([(1, b"{}")])

    assert len(waits) == TRIES - 1


def test_who_is_asked_to_come_more_slowly_does_and_never_gives_up() -> None:
    waits: list[float] = []
    slower = (429, {"headers": {"Retry-After": "5"}})

    summary = sender([slower] * 3 * TRIES + [TAKEN], waits, []).send([(1, b"{}")])

    assert summary == Summary(1, 0, 0)
    assert len(waits) == 3 * TRIES
    assert all(5.0 <= one <= 60.0 for one in waits)


def test_a_door_that_takes_less_at_once_gets_less_and_only_what_is_too_large_is_refused() -> None:
    said: list[str] = []
    too_much = (413, {"text": "<html>"})
    # all four; the first two; the last two, then each of them
    answers = [too_much, TAKEN, too_much, too_much, TAKEN]

    summary = sender(answers, [], said).send([(n, b"{}") for n in range(1, 5)])

    assert summary == Summary(2, 0, 1)
    assert said == ["line 3: is larger than the door takes"]
