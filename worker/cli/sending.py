"""How do events reach the HTTP door of another machine, whatever happens on the way?"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from threading import Event

import httpx

from triggers.strict_json import NotJson, loads
from worker.cli.lines import Line
from worker.steps.accepting import Summary
from worker.told import Told

BATCHED = "application/cloudevents-batch+json"
TRIES = 8
LONGEST_PAUSE = 60.0
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
SLOWER = 429
NO_KEY = 401
TOO_LARGE = 413
REFUSED = frozenset({400, 403, 409, 422})

Say = Callable[[str], object]


class DoorClosed(Told):
    """The HTTP door does not take what we send, and trying again will not help."""


def pause(seconds: float) -> None:
    Event().wait(seconds)


class Sender:
    """Sends portions of lines as batches; ids are the events' own, so sending again is harmless."""

    def __init__(
        self, client: httpx.Client, *, say: Say, wait: Callable[[float], object] = pause
    ) -> None:
        self._client = client
        self._say = say
        self._wait = wait

    def send(self, portion: Sequence[Line]) -> Summary:
        """What became of the lines; each refused one is told with its reasons."""
        readable = [line for line in portion if self._reads(line)]
        refused = len(portion) - len(readable)
        while readable:
            answer = self._post(readable)
            if answer.is_success:
                found = answer.json()
                return Summary(found["accepted"], found["duplicates"], refused)
            if answer.status_code == TOO_LARGE:
                accepted, duplicates, more = self._in_halves(readable)
                return Summary(accepted, duplicates, refused + more)
            left = self._without_refused(readable, answer)
            refused += len(readable) - len(left)
            readable = left
        return Summary(0, 0, refused)

    def _in_halves(self, lines: Sequence[Line]) -> tuple[int, int, int]:
        """A door may take less at once than ours; one line that is too much is refused."""
        if len(lines) == 1:
            self._say(f"line {lines[0][0]}: is larger than the door takes")
            return 0, 0, 1
        middle = len(lines) // 2
        first, second = self.send(lines[:middle]), self.send(lines[middle:])
        return (
            first.accepted + second.accepted,
            first.duplicates + second.duplicates,
            first.refused + second.refused,
        )

    def _reads(self, line: Line) -> bool:
        """One line that is no JSON would make none of its whole batch."""
        number, text = line
        try:
            loads(text)
        except NotJson as error:
            self._say(f"line {number}: {error}")
            return False
        return True

    def _post(self, lines: Sequence[Line]) -> httpx.Response:
        body = b"[" + b",".join(text for _, text in lines) + b"]"
        said, tried = "no answer", 0
        while tried < TRIES:
            rest = min(LONGEST_PAUSE, 0.5 * 2**tried) * random.uniform(0.5, 1)  # noqa: S311
            try:
                answer = self._client.post(
                    "/v1/events", content=body, headers={"content-type": BATCHED}
                )
            except httpx.TransportError as error:
                said = type(error).__name__
            else:
                if answer.status_code not in AGAIN:
                    return answer
                said = f"status {answer.status_code}"
                rest = max(rest, _retry_after(answer))
                # Who is asked to come more slowly has not failed, however often.
                tried -= answer.status_code == SLOWER
            tried += 1
            if tried < TRIES:
                place = str(self._client.base_url).rstrip("/")
                self._say(f"waiting for {place}: {said}; again in {rest:.0f} s")
                self._wait(rest)
        raise DoorClosed(f"gave up after {TRIES} tries: {said}; send the file again later")

    def _without_refused(self, lines: list[Line], answer: httpx.Response) -> list[Line]:
        """The lines that the answer says nothing against."""
        reasons = _reasons(answer) if answer.status_code in REFUSED else {}
        if not reasons:
            which = (
                " Name yours with --key, or in OUTREACH_KEY."
                if answer.status_code == NO_KEY
                else ""
            )
            raise DoorClosed(f"the door answers {answer.status_code}: {_detail(answer)}{which}")
        for index, told in sorted(reasons.items()):
            self._say(f"line {lines[index][0]}: {'; '.join(told)}")
        return [line for index, line in enumerate(lines) if index not in reasons]


def _reasons(answer: httpx.Response) -> dict[int, list[str]]:
    """What is wrong with which event of the batch, by its pointers."""
    found: dict[int, list[str]] = {}
    for error in answer.json().get("errors", ()):
        _, _, rest = error["pointer"].partition("/")
        index, _, inside = rest.partition("/")
        if index.isdecimal():
            found.setdefault(int(index), []).append(f"/{inside} {error['detail']}")
    return found


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("detail", ""))
    except ValueError:
        return answer.reason_phrase


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return min(LONGEST_PAUSE, float(text)) if text.isdecimal() else 0.0
