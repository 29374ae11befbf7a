"""Is a message told as it was, whatever was tried or decided of it later?"""

from __future__ import annotations

from sqlalchemy import Engine, insert

from tests.worker.asking_why import change, house, points
from tests.worker.sending import HOUR, dana, left, saying, trigger
from tests.worker.small_world import NOON
from worker.channels.base import Refused
from worker.store.tables import decisions


def test_what_was_tried_later_is_not_told(engine: Engine) -> None:
    post = house(engine, trigger())
    post.sms.answer = saying(Refused("21610"))
    post.told(dana(), left())
    post.send()
    post.send(NOON + HOUR)

    for at, tried in ((NOON + HOUR / 2, [1]), (NOON + HOUR, [1, 2])):
        [point] = points(post, "hi", at)
        assert point.message is not None
        assert [one.number for one in point.message.attempts] == tried


def test_a_message_whose_next_try_was_put_off_was_written_all_the_same(engine: Engine) -> None:
    post = house(engine, trigger())
    post.told(dana(), left())
    post.send()
    row = {"trigger": "hi", "customer_id": "c1", "key": "k", "epoch": post.occurrence.epoch,
           "at": NOON + HOUR, "verdict": "later", "reason": "quiet", "moment": NOON + 9 * HOUR,
           "facts": [], "message_id": post.message.id, "bundle": "b" * 32}  # fmt: skip
    change(engine, insert(decisions).values(row))

    [point] = points(post, "hi", NOON + 2 * HOUR)

    assert (point.outcome, point.why) == ("messaged", None)
