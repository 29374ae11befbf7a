"""Do bells carry nothing, and does somebody listen to every one of them?"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections import Counter
from time import monotonic

import pytest
from kombu.asynchronous import Hub
from pydantic import SecretStr

from worker.app import QUEUES, Outreach, Ticker, make_app
from worker.bells import Bell
from worker.settings import Settings


@pytest.fixture
def app() -> Outreach:
    url = "redis://localhost:6379/0"
    secrets = (SecretStr("crm=whsec_invented"),)
    made = make_app(Settings(broker_url=url, stream_url=SecretStr(url), webhook_secrets=secrets))
    importlib.import_module("worker.tasks")
    made.finalize()
    return made


def test_beat_rings_every_bell_each_a_task_that_is_there_in_the_queue_it_belongs_to(
    app: Outreach,
) -> None:
    entries = app.conf.beat_schedule.values()
    rung = {(entry["task"], entry["options"]["queue"]) for entry in entries}

    assert set(Bell) <= set(app.tasks)
    assert {bell for bell, _ in rung} == set(Bell)
    assert {queue for bell, queue in rung if bell == Bell.HEARTBEAT} == set(QUEUES)
    for bell, queue in rung:
        if bell != Bell.HEARTBEAT:
            assert app.amqp.router.route({}, bell)["queue"].name == queue


def test_a_bell_without_a_queue_named_goes_where_its_task_belongs(app: Outreach) -> None:
    found = {
        name: app.amqp.router.route({}, name)["queue"].name
        for name in app.tasks
        if name.startswith("outreach.") and name != "outreach.heartbeat"
    }
    assert found == {
        "outreach.evaluate": "outreach.events",
        "outreach.recompute": "outreach.events",
        "outreach.claim": "outreach.send",
        "outreach.stream": "outreach.inbox",
        "outreach.receive": "outreach.inbox",
        "outreach.answer": "outreach.inbox",
        "outreach.sweep": "outreach.inbox",
        "outreach.reconcile": "outreach.inbox",
        "outreach.ledger": "outreach.inbox",
        "outreach.forget": "outreach.inbox",
        "outreach.tell": "outreach.inbox",
        "outreach.listen": "outreach.inbox",
        "outreach.publish": "outreach.inbox",
        "outreach.refuse": "outreach.inbox",
    }
    assert set(found.values()) == set(QUEUES)


def test_nothing_is_promised_to_the_broker(app: Outreach) -> None:
    assert app.conf.result_backend is None
    assert app.conf.task_ignore_result
    assert app.conf.task_publish_retry is False
    assert app.conf.broker_transport_options["socket_timeout"] <= 5
    assert "global_keyprefix" not in app.conf.broker_transport_options
    assert app.conf.accept_content == ["json"]


def test_no_stream_is_looked_at_and_nobody_told_where_there_is_none() -> None:
    conf = make_app(Settings(broker_url="redis://localhost:6379/0")).conf

    rung = {entry["task"] for entry in conf.beat_schedule.values()}
    assert set(Bell) - rung == {Bell.STREAM, Bell.TELL}


def test_rabbitmq_has_quorum_queues_and_confirms_what_it_took() -> None:
    conf = make_app(Settings(broker_url="amqp://localhost//")).conf

    kinds = {one.name: one.queue_arguments for one in conf.task_queues}
    assert kinds == {name: {"x-queue-type": "quorum"} for name in QUEUES}
    assert conf.broker_transport_options["confirm_publish"]


def test_beat_rings_each_at_its_own_pace_and_makes_up_for_none_that_it_missed() -> None:
    seconds = [0.0]
    made = make_app(Settings())
    ticker = Ticker(made, clock=lambda: seconds[0])

    def rung() -> Counter[str]:
        ticker.tick()
        return Counter(drained(made))

    drained(made)
    assert rung() == {Bell.HEARTBEAT: 3}
    assert ticker.tick() == 5.0
    for now in range(1, 16):
        seconds[0] = float(now)
        once = rung()
        assert (Bell.SWEEP in once, Bell.CLAIM in once) == (now % 5 == 0, now % 15 == 0)
    seconds[0] = 1000.5
    late = rung()
    assert set(late) == set(Bell) - {Bell.STREAM, Bell.TELL}
    assert late == {bell: 3 if bell == Bell.HEARTBEAT else 1 for bell in late}
    assert ticker.tick() == 4.5
    ticker.close()


def test_who_waits_at_redis_is_not_woken_each_second(broker_url: str) -> None:
    with make_app(Settings(broker_url=broker_url)).connection_for_read() as connection:
        hub = Hub()
        connection.connect()
        connection.register_with_event_loop(hub)
        times = [eta for eta, _, entry in hub.timer.queue if not entry.canceled]

    assert min(times) - monotonic() > 5


def drained(app: Outreach) -> list[str]:
    """The bells that lie in the queues, taken out."""
    found = []
    with app.connection_for_read() as connection:
        channel = connection.channel()
        for queue in QUEUES:
            while (message := channel.basic_get(queue, no_ack=True)) is not None:
                found.append(message.headers["task"])
    return found


def test_importing_reads_no_environment_and_asking_for_the_app_does() -> None:
    code = (
        "import os, json; os.environ['OUTREACH_BROKER_URL'] = 'nonsense://'\n"
        "import worker.app\n"
        "try:\n worker.app.app\nexcept Exception as error:\n print(json.dumps(str(error)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout).startswith("OUTREACH_BROKER_URL: ")
