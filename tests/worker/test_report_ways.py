"""Which links lead to a person after all, and about what?"""

from __future__ import annotations

from sqlalchemy import Engine

from tests.worker.drawing import DAY, WEEK, clicked, contacted, keep, of_hi
from tests.worker.sending import HOUR, MINUTE
from tests.worker.small_world import NOON
from triggers.report import Way
from worker.store.tables import clicks


def test_the_way_from_a_link_to_a_person_is_told_with_its_topics(engine: Engine) -> None:
    for number in range(5):
        clicked(engine, number)
    contacted(engine, "c0", 2 * HOUR, topic="fees")
    contacted(engine, "c0", 3 * HOUR, topic="card")
    contacted(engine, "c1", HOUR + WEEK, topic="fees")
    contacted(engine, "c2", 2 * HOUR)
    contacted(engine, "c3", HOUR, topic="before he had read it")
    contacted(engine, "c4", HOUR + WEEK + MINUTE, topic="much later")

    assert of_hi(engine).ways == (Way("cart", 5, 3, (("fees", 2), ("", 1)), 0),)


def test_the_link_that_serves_worst_comes_first(engine: Engine) -> None:
    for number, name in enumerate(("a", "b", "b", "c")):
        clicked(engine, number, name=name)
    for number in (1, 2, 3):
        contacted(engine, f"c{number}", 2 * HOUR)

    assert [one.link for one in of_hi(engine).ways] == ["b", "c", "a"]


def test_of_a_customer_s_clicks_the_first_counts_unless_a_machine_made_it(engine: Engine) -> None:
    clicked(engine, 0, by="scanner")
    clicked(engine, 0, HOUR, name="plan", again=True)
    keep(engine, clicks, {"token": "0 plan", "message_id": "m0", "at": NOON + DAY, "by": "person"})
    contacted(engine, "c0", 2 * HOUR)

    assert of_hi(engine).ways == (Way("plan", 1, 1, (("", 1),), 0),)


def test_who_has_clicked_of_late_is_not_counted_yet(engine: Engine) -> None:
    clicked(engine, 0, 30 * DAY - HOUR)

    assert of_hi(engine).ways == (Way("cart", 0, 0, (), 1),)
