"""How does one run go: start, publish, hurt, start once more, come to rest, and be judged?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from tests.faults import weather
from tests.faults.evidence import LEFT, SOON, Evidence, Run
from tests.faults.gremlin import Gremlin, Servers
from tests.faults.laws import EventKey
from tests.faults.nursery import Nursery
from tests.faults.opting_out import OptingOut
from tests.faults.points import FOLDER
from tests.faults.publishers import Publisher, Publishing, StreamPublisher
from tests.faults.servers import CannotMount, Postgres, Valkey, small_disk
from tests.faults.troop import FAKETIME, Member, Troop
from tests.faults.without import WITHOUT
from tests.faults.world import Happenings, Night, configure, customers, night_from
from tests.journeys.stage import KEY, Stage, bare_stage
from worker.store.engine import make_engine, reading

NOTHING: Mapping[EventKey, float] = MappingProxyType({})


@dataclass(frozen=True)
class Plan:
    """The size of a run. `without`: a protection taken out, by its name."""

    seed: int
    kills: int
    events: int
    stream_events: int = 0
    people: int = 150
    publishers: int = 2
    per_batch: int = 12
    quiet: float = 0.3
    """The share of events that start nothing."""
    seconds: float = 60
    drain_seconds: float = 60
    sqlite: bool = False
    disk: str = "400m"
    without: str = ""


@dataclass
class Outcome:
    plan: Plan
    broken: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    tail: str = ""

    def told(self) -> str:
        """For people: what was done, and each broken law with the logs' end."""
        lines = [f"{name}: {figure}" for name, figure in self.figures.items()]
        if self.broken:
            lines += [f"{len(self.broken)} violations", *self.broken[:60], self.tail]
        return "\n".join(lines)


@dataclass
class House:
    """Everything that runs."""

    stage: Stage
    troop: Troop
    servers: Servers
    engine: Engine
    night: Night

    def ready(self, people: int) -> None:
        self.stage.wait_ready()
        everybody = customers(people)
        for first in range(0, people, 500):
            answer = httpx.post(
                f"{self.stage.url}/v1/customers:batch",
                json=everybody[first : first + 500],
                headers={"authorization": f"Bearer {KEY}"},
                timeout=20,
            )
            assert answer.is_success, answer.text

    def rest(self, seconds: float) -> bool:
        """Whether nothing is left to do, twice in a row, before the time is over."""
        sql = text(LEFT.format(soon=SOON[self.engine.dialect.name]))
        end, calm = time.monotonic() + seconds, 0
        while calm < 2 and time.monotonic() < end:
            try:
                left = reading(self.engine, lambda c: c.scalar(sql))
            except SQLAlchemyError:
                left = None
            calm = calm + 1 if left == 0 else 0
            time.sleep(0.25)
        return calm == 2

    def tail(self) -> str:
        found = []
        for path in sorted(self.troop.folder.glob("*.log")):
            lines = [
                line
                for line in path.read_text(errors="replace").splitlines()
                if '"level":"info"' not in line
            ]
            found.append(f"--- {path.name}\n" + "\n".join(line[:600] for line in lines[-12:]))
        return "\n".join(found)


@contextmanager
def house(folder: Path, plan: Plan) -> Iterator[House]:
    """Servers, stand-ins and a troop that has not begun yet."""
    night = night_from(datetime.now(UTC))
    for name in ("armed", "fired"):
        (folder / name).mkdir()
    with ExitStack() as stack:
        servers = Servers(disk=_disk(stack, plan))
        database, more = _bases(stack, folder, plan, servers)
        made = stack.enter_context(
            bare_stage(
                folder, database, more.pop("OUTREACH_BROKER_URL"),
                configure=partial(configure, night=night), hands=4,
            )
        )  # fmt: skip
        faults = {FOLDER: str(folder), WITHOUT: plan.without}
        environment = {**made.environment, **more, **faults}
        nursery = Nursery(environment)
        stack.callback(nursery.close)
        members = _members(made.url.rpartition(":")[2], plan)
        troop = Troop(nursery, folder, environment, members)
        stack.callback(troop.end)
        if not plan.sqlite:
            for command in (["db", "upgrade"], ["apply"]):
                _to_its_end(nursery, command, folder, environment)
        engine = make_engine(database)
        stack.callback(engine.dispose)
        yield House(made, troop, servers, engine, night)


def _disk(stack: ExitStack, plan: Plan) -> Path | None:
    """A laptop's user may not mount; CI's must."""
    if not plan.disk:
        return None
    try:
        return stack.enter_context(small_disk(plan.disk))
    except CannotMount:
        if os.environ.get("CI"):
            raise
        return None


def _bases(
    stack: ExitStack, folder: Path, plan: Plan, servers: Servers
) -> tuple[str, dict[str, str]]:
    """The database's URL, and what else stands in the environment."""
    if plan.sqlite:
        place = servers.disk or folder
        return f"sqlite:///{place / 'outreach.db'}", {"OUTREACH_BROKER_URL": "memory://"}
    servers.postgres = Postgres(servers.disk)
    stack.callback(servers.postgres.close)
    servers.valkey = Valkey(folder / "valkey")
    stack.callback(servers.valkey.close)
    url = servers.valkey.url
    return servers.postgres.url, {"OUTREACH_BROKER_URL": url, "OUTREACH_STREAM_URL": url}


def _members(port: str, plan: Plan) -> Mapping[str, Member]:
    """As docker-compose.yml has them; two senders, three beats, and one with a wrong clock."""
    if plan.sqlite:
        return {"run": Member(["run", "--port", port])}
    sends = ["worker", "--queues", "send"]
    members = {
        "api": Member(["api", "--port", port]),
        "worker-events": Member(["worker", "--queues", "events"]),
        "worker-send-1": Member(sends),
        "worker-send-2": Member(sends),
        "worker-inbox": Member(["worker", "--queues", "inbox"]),
        **{f"beat-{number}": Member(["beat"]) for number in (1, 2, 3)},
    }
    if FAKETIME:
        members["worker-send-ahead"] = Member(sends, shifted=True)
    elif os.environ.get("CI"):
        raise FileNotFoundError("libfaketime: install Debian's package faketime")
    return members


def _to_its_end(
    nursery: Nursery, command: list[str], folder: Path, environment: Mapping[str, str]
) -> None:
    log = folder / "first.log"
    process = nursery.start(command, folder=folder, log=log, environment=environment)
    end = time.monotonic() + 60
    while process not in nursery.ends and time.monotonic() < end:
        time.sleep(0.02)
    assert nursery.ends.pop(process, None) == 0, log.read_text()


def play(folder: Path, plan: Plan) -> Outcome:
    """One whole run."""
    began = time.monotonic()
    with house(folder, plan) as made:
        made.troop.begin()
        made.ready(plan.people)
        gremlin = Gremlin(made.troop, made.servers, plan.seed)
        publishing = _rage(made, gremlin, plan)
        rested = _once_more(made, plan)
        outcome = judged(made, publishing.promised(folder), plan, publishing.heard())
        if not rested:
            outcome.broken.insert(0, f"it did not come to rest in {plan.drain_seconds:g} s")
        outcome.figures |= {
            "seed": plan.seed,
            "events promised by the stream": len(publishing.acknowledged(folder)),
            "seconds": round(time.monotonic() - began),
            "kills": made.troop.kills.total(),
            "kills by place": dict(made.troop.kills.most_common()),
            "freezes": made.troop.stops.total(),
            "faults": dict(gremlin.done),
            "ends of their own": dict(made.troop.deaths),
        }
        if outcome.broken:
            outcome.tail = made.tail()
    return outcome


def _rage(made: House, gremlin: Gremlin, plan: Plan) -> Publishing:
    """Publish and hurt at once."""
    url, seed = made.stage.url, plan.seed

    def part() -> float:
        return made.troop.kills.total() / plan.kills if plan.kills else 1.0

    weather.storm(made.stage, seed)
    publishers = [
        Publisher(
            url, Happenings(seed, f"p{number}", people=plan.people, quiet=plan.quiet),
            seed=seed + number, enough=plan.events // plan.publishers, per_batch=plan.per_batch,
            part=part,
        )
        for number in range(plan.publishers)
    ]  # fmt: skip
    stopping = OptingOut(url, seed=seed, people=plan.people, pause=0.7)
    streams: list[StreamPublisher] = []
    if plan.stream_events and made.servers.valkey:
        happenings = Happenings(seed, "s", people=plan.people, quiet=plan.quiet)
        streams = [
            StreamPublisher(
                made.servers.valkey.url, happenings, enough=plan.stream_events, part=part
            )
        ]
    for thread in (*publishers, *streams, stopping):
        thread.start()
    publishing = Publishing(publishers, streams)
    gremlin.rage(
        kills=plan.kills,
        until=publishing.done,
        seconds=plan.seconds,
    )
    made.troop.thaw_all()
    weather.clear(made.stage)
    publishing.end()
    stopping.end()
    return publishing


def _once_more(made: House, plan: Plan) -> bool:
    """Everything is started once more, and nothing is done to it."""
    for path in (made.troop.folder / "armed").iterdir():
        path.unlink(missing_ok=True)
    made.troop.kill_all()
    made.stage.wait_ready()
    return made.rest(plan.drain_seconds)


def judged(
    made: House,
    promised: Mapping[EventKey, Mapping[str, Any]],
    plan: Plan,
    heard: Mapping[EventKey, float] = NOTHING,
) -> Outcome:
    """Every law, held on what the database and the stand-ins say now."""
    frozen = tuple(made.troop.frozen)
    run = Run(made.stage, made.troop.folder, promised, made.night, frozen, heard)
    evidence = Evidence(made.engine, run)
    return Outcome(plan, list(evidence.broken()), evidence.figures())
