"""What is the least the job can cost? A loop: stream, rules, COPY, five hundred a transaction.

`python -m bench.yardsticks.raw`: no delivery guarantee beyond its commit, no customers, no
conditions, no history: the limit, not a design.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import redis

from bench.yardsticks.rules import RULES, TYPES, text_of

STREAM, GROUP, BATCH = "raw:events", "raw", 500
BY_KIND = {(f"account.changed.{rule % TYPES}", f"kind {rule}"): rule for rule in range(RULES)}
COPY = "COPY outbox (event_id, rule, customer_id, text) FROM STDIN"


def main() -> None:
    source = redis.Redis.from_url(os.environ["RAW_STREAM_URL"], protocol=2)
    name = uuid4().hex
    with suppress(redis.ResponseError):
        # the other process may have made it
        source.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    with psycopg.connect(os.environ["RAW_DATABASE_URL"]) as connection:
        print("ready", flush=True)
        while True:
            found = read(source, name)
            for _, entries in found:
                take(connection, [one for _, one in entries])
                source.xack(STREAM, GROUP, *(number for number, _ in entries))


def read(source: redis.Redis, name: str) -> Any:
    try:
        return source.xreadgroup(GROUP, name, {STREAM: ">"}, count=BATCH, block=1000)
    except redis.ResponseError:
        # the key gave way to what was staged under another name, while we waited for it
        return []


def take(connection: psycopg.Connection[Any], entries: list[dict[bytes, bytes]]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for entry in entries:
            event = orjson.loads(entry[b"event"])
            data = event["data"]
            rule = BY_KIND.get((event["type"], data["kind"]))
            if rule is not None:
                copy.write_row((event["id"], rule, event["subject"], text_of(rule, data)))
    connection.commit()


if __name__ == "__main__":
    main()
