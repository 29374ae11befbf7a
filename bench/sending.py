"""How many messages a second leave a sender when they are due, and what does a second one add?

All of them are due before the first sender starts; the clock runs from the first call that reaches
the provider to the last. CPU is counted from that first call on, until the last answer is recorded:
a sender's start (its imports, its first claim) costs the same however many messages follow.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.account_files import ACCOUNT_FILES, profile
from bench.doors import refuse_others
from bench.house import House, house, publishing
from bench.load import publisher
from bench.measuring import Sample, Watch, figures, middle_cpu, most_memory
from bench.provider import Provider, provider
from bench.results import Ratio, Result, Scale, at_least
from bench.yardsticks.rules import told

PEOPLE = 1_000
WAIT, MANY = 0.05, 64
LONG_WAIT, FEW = 0.2, 16
RECORDED = "SELECT count(*) FROM messages WHERE state = 'accepted'"
PENDING = "SELECT count(*) FROM occurrences WHERE state = 'pending'"


@dataclass
class Due:
    """An installation in which ever more messages are due, and no sender runs but ours."""

    made: House
    provider: Provider
    done: int = 0

    def once(self, messages: int, *, senders: int, letters: int) -> Sample:
        """Messages a second; CPU of the senders, the database and Redis."""
        self._prepare(messages)
        self.provider.reset()
        with ExitStack() as stack:
            started = [stack.enter_context(self._sender(letters)) for _ in range(senders)]
            kinds = {**self.made.trees(provider=self.provider.pid), "sender": started}
            self.made.until(self.provider.count, "the first message")
            counted = self.provider.count()
            with Watch(kinds) as watch:
                self.made.until(lambda: self._recorded(messages), "the last message")
        arrivals = sorted(at for _, at in self.provider.arrivals())
        return watch.sample(_rate(arrivals), per=messages - counted)

    def _recorded(self, messages: int) -> bool:
        """The database is not asked while it is at work: counting would be part of its cost."""
        return self.provider.count() >= messages and self.made.ask(RECORDED) >= self.done

    def _prepare(self, messages: int) -> None:
        numbers = range(self.done, self.done + messages)
        self.done += messages
        for start in range(numbers.start, numbers.stop, PEOPLE):
            people = range(start, min(start + PEOPLE, numbers.stop))
            self.made.post("/v1/customers:batch", [profile(one) for one in people])
        events = [told(number) for number in numbers]
        for one in events:
            # of now: what happened long ago would be late
            del one["time"]
        requests = publishing(list(events), batch=100)
        with publisher(self.made.port, requests, connections=2) as load:
            load.begin()
            refuse_others(load.end())
        self.made.until(lambda: self.made.ask(PENDING) >= messages, "the last decision")
        self.made.settle()

    @contextmanager
    def _sender(self, letters: int) -> Iterator[int]:
        command = [sys.executable, "-m", "bench.sender", str(letters)]
        with (self.made.folder / "sender.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=self.made.folder, env=self.made.environment, stdout=log, stderr=log
            )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def _rate(arrivals: Sequence[float]) -> float:
    """Without the first and the last twentieth: a sender starts, and ends with a few."""
    edge = len(arrivals) // 20
    steady = arrivals[edge : len(arrivals) - edge]
    return (len(steady) - 1) / (steady[-1] - steady[0])


def measure(
    messages: int, *, wait: float, letters: int, senders: Sequence[int], rounds: int
) -> dict[int, list[Sample]]:
    """By number of senders, interleaved."""
    with ExitStack() as stack:
        stand_in = stack.enter_context(provider(seconds=wait))
        made = stack.enter_context(house(files=ACCOUNT_FILES, environment=stand_in.environment))
        made.start("api", "events", "beat")
        due = Due(made, stand_in)
        found: dict[int, list[Sample]] = {number: [] for number in senders}
        for _ in range(rounds):
            for number in senders:
                found[number].append(due.once(messages, senders=number, letters=letters))
        return found


def workload(scale: Scale) -> Iterator[Result]:
    alone = measure(
        scale.of(8_000, 1_500), wait=WAIT, letters=MANY, senders=[1], rounds=scale.rounds
    )[1]
    yield Result(
        "sending", "due → provider of 50 ms, 64 in flight, one sender", "messages/s",
        figures(alone), at_least(1_000), cpu=middle_cpu(alone), memory=most_memory(alone),
    )  # fmt: skip
    number = scale.of(1_600, 400)
    pair = measure(number, wait=LONG_WAIT, letters=FEW, senders=[1, 2], rounds=scale.rounds)
    added = [two.figure / one.figure - 1 for one, two in zip(pair[1], pair[2], strict=True)]
    yield Result(
        "sending", "the same at 200 ms and 16 in flight, two senders", "messages/s",
        figures(pair[2]), cpu=middle_cpu(pair[2]),
        ratios=[Ratio("one sender, added by the second", added, at_least(0.8))],
    )  # fmt: skip


def main() -> None:
    for one in workload(Scale(quick="--quick" in sys.argv, rounds=1)):
        beside = "".join(f"; {each.to}: {each.median:.2f}" for each in one.ratios)
        cpu = {kind: round(spent, 3) for kind, spent in one.cpu.items()}
        print(f"{one.figure}: {one.median:.0f} {one.unit}{beside}; CPU s/1,000 {cpu}", flush=True)


if __name__ == "__main__":
    main()
