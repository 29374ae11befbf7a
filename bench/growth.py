"""Does a claim cost more among a million that wait, and an event more among millions that came?

In this process, on two PostgreSQLs with a little and with a lot in them: what is told is CPU of
ours and of the server's, by turns. Rows are made by the database itself; what it does about them
afterwards (vacuum, checkpoint) is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import text

from bench.house import House, house
from bench.measuring import Sample, cpu_seconds, interleaved
from bench.results import Result, Scale, at_most
from triggers.configuration import Configuration, read_configuration
from worker.hashing import Hasher
from worker.steps.accepting import accept_or_refuse
from worker.steps.claim import ClaimParts, claim
from worker.steps.evaluate import evaluate
from worker.steps.linking import Shortener

ORDER = "data: {type: object, required: [order], properties: {order: {type: string}}}"
FILES = {
    "config/outreach.yaml": "{languages: [en], categories: {service: {quiet: none}},"
    " fuse: {customer: 1000 per 1h,"
    " trigger: 10000000 per 1h}}",
    "config/customer.yaml": "type: object\nproperties: {}\n",
    "config/events/order.late.yaml": f"{{event: order.late, about: It is late., {ORDER}}}",
    "config/events/order.paid.yaml": f"{{event: order.paid, about: It is paid., {ORDER}}}",
    "config/triggers/late.yaml": "trigger: late\non: order.late\nkey: event.data.order\n"
    "send: [{message: late, by: [sms]}]\nlimits: {category: service}\n",
    "config/triggers/unpaid.yaml": "trigger: unpaid\non: order.late\nkey: event.data.order\n"
    "wait: 20d\nunless: order.paid\nsend: [{message: late, by: [sms]}]\n"
    "limits: {category: service}\n",
    "templates/late/sms.en.txt": "Your order is late.",
}
CONFIGURATION = read_configuration(FILES)
HASHER = Hasher("a key of the bench")
CUSTOMERS = 2_000
BATCH = 200
GROUP = 500
YEAR = "interval '360 days'"

# What stands between the braces is how many; the rows are of a year, the newest of now. They are
# told in the order of their indexes, one customer after another: as large, and written ten times as
# fast as rows that fall anywhere into them.
SERIES = "FROM generate_series(1, {n}) AS one(i)"
AT = f"now() - ({{n}} - i) * ({YEAR} / {{n}})"
PEOPLE = (
    "INSERT INTO customers (id, profile, field_orders, phone, updated_at) SELECT 'g' || i,"
    " jsonb_build_object('phone', '+97250' || lpad(i::text, 7, '0')), '{{}}',"
    " '+97250' || lpad(i::text, 7, '0'), now() " + SERIES
)
PENDING = (
    "INSERT INTO occurrences (id, trigger, customer_id, key, epoch, state, start_time,"
    " start_source, start_id, moment, due, expires, priority, category, bundle,"
    " created_at, updated_at) SELECT lpad(to_hex(i), 32, '0'), 'unpaid',"
    " 'p' || lpad((i / 10)::text, 9, '0'), 'k' || i,"
    " 'once', 'pending', now(), 'bench', 'e' || i, at, at, at + interval '1 day', 1, 'service',"
    " 'b', now(), now()"
    " FROM (SELECT i, now() + interval '1 day' + i * interval '1 second' AS at "
    + SERIES + ") AS made"
)  # fmt: skip
WHOSE = "'h' || lpad((i / 25)::text, 9, '0')"
NAME = "'e' || lpad(i::text, 12, '0')"
STORED = (
    "INSERT INTO events (source, id, type, subject, time, received_at, customer_id, data, hops,"
    f" history, writes_customer, door, state, tries, read_at) SELECT 'old', {NAME},"
    f" 'order.paid', 'g' || (i % 2000), at, at, {WHOSE}, jsonb_build_object('order',"
    " 'o' || i), 0, false, false, 'bench', 'read', 0, at FROM (SELECT i, " + AT + " AS at "
    + SERIES + ") AS made",
    f"INSERT INTO event_ids (source, id, hash, received_at) SELECT 'old', {NAME},"
    " md5(i::text), " + AT + " " + SERIES,
    "INSERT INTO facts (customer_id, path, key, type, time, source, id, received_at, data, hops,"
    f" history) SELECT {WHOSE}, 'event.data.order', 'o' || i, 'order.paid', at, 'old',"
    f" {NAME}, at, '{{{{}}}}', 0, false FROM (SELECT i, " + AT + " AS at " + SERIES + ") AS made",
)  # fmt: skip


@dataclass
class Grown:
    """A house with so much in it, and how much it has been told since."""

    made: House
    configuration: Configuration
    told: int = 0

    def fill(self, count: int, *statements: str) -> None:
        with self.made.engine.begin() as connection:
            for one in statements:
                connection.exec_driver_sql(one.format(n=count).replace("%", "%%"))

    def publish(self, count: int, *, late: int) -> None:
        """So many events, one in `late` of which says that something is."""
        events = [self._event(late) for _ in range(count)]
        for start in range(0, count, GROUP):
            accept_or_refuse(
                self.made.engine, self.configuration, events[start : start + GROUP],
                door="bench", may_write_customers=False,
            )  # fmt: skip

    def read(self) -> None:
        while evaluate(self.made.engine, self.configuration, HASHER).more:
            pass

    def claims(self, count: int) -> Sample:
        """Microseconds of CPU for each message claimed."""
        self.publish(count, late=1)
        self.read()
        parts = ClaimParts(
            self.configuration, HASHER, {"sms": ["outbox:sms"]}, "a" * 32,
            lambda _address: "https://bank.example/u", Shortener((), "https://bank.example"),
        )  # fmt: skip
        claimed = 0

        def work() -> None:
            nonlocal claimed
            while letters := claim(self.made.engine, parts, limit=BATCH).letters:
                claimed += len(letters)

        spent = self._spent(work)
        assert claimed == count, f"{claimed} of {count} were claimed"
        return Sample(1e6 * spent / count)

    def evaluates(self, count: int) -> Sample:
        """Microseconds of CPU for each event, from the door to what is decided."""

        def work() -> None:
            self.publish(count, late=20)
            self.read()

        return Sample(1e6 * self._spent(work) / count)

    def _spent(self, work: Callable[[], None]) -> float:
        server = self.made.servers["PostgreSQL"].pid
        # to look at the server's costs this process something, too
        servers, own = cpu_seconds(server), time.process_time()
        work()
        return time.process_time() - own + cpu_seconds(server) - servers

    def _event(self, late: int) -> dict[str, Any]:
        self.told += 1
        name = f"n{self.told}"
        return {
            "specversion": "1.0", "id": name, "source": "bench", "data": {"order": name},
            "type": "order.late" if self.told % late == 0 else "order.paid",
            "subject": f"g{self.told % CUSTOMERS + 1}",
        }  # fmt: skip


def rest(made: House) -> None:
    """As autovacuum would have left it, with nothing more to do."""
    engine = made.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


@contextmanager
def grown(count: int, *statements: str) -> Iterator[Grown]:
    with house(files=FILES) as made:
        found = Grown(made, CONFIGURATION)
        found.fill(CUSTOMERS, PEOPLE)
        found.fill(count, *statements)
        # what comes first is slower anywhere
        found.publish(GROUP, late=GROUP + 1)
        found.read()
        rest(made)
        yield found


def workload(scale: Scale) -> Iterator[Result]:
    few, many = scale.of(10_000, 1_000), scale.of(1_000_000, 50_000)
    with grown(few, PENDING) as little, grown(many, PENDING) as much:
        told = f"growth: CPU a claim, {few:,} → {many:,} waiting"
        count = scale.of(4_000, 400)
        yield _compared(told, scale, 1.2, _both(little, much, "claims", count))
    few, many = scale.of(1_000_000, 10_000), scale.of(5_000_000, 50_000)
    with grown(few, *STORED) as little, grown(many, *STORED) as much:
        told = f"growth: CPU an event, {few:,} → {many:,} stored"
        count = scale.of(10_000, 4_000)
        yield _compared(told, scale, 1.2, _both(little, much, "evaluates", count))


def _both(little: Grown, much: Grown, what: str, count: int) -> Mapping[str, Callable[[], Sample]]:
    return {
        "little": partial(getattr(little, what), count),
        "much": partial(getattr(much, what), count),
    }


def _compared(
    told: str, scale: Scale, most: float, runs: Mapping[str, Callable[[], Sample]]
) -> Result:
    found = interleaved(scale.of(5, 2), runs)
    pairs = list(zip(found["little"], found["much"], strict=True))
    least = [min(one.figure for one in found[name]) for name in ("little", "much")]
    note = f"{least[0]:,.0f} → {least[1]:,.0f} µs, the least of {len(pairs)}."
    ratios = [much.figure / little.figure for little, much in pairs]
    return Result("growth", told, "×", ratios, at_most(most), note=note)


def main() -> None:
    for one in workload(Scale()):
        print(f"{one.figure}: {one.median:.2f} ×; {one.note}", flush=True)


if __name__ == "__main__":
    main()
