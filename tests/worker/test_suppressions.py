"""Does every word of refusing and agreeing count once, and is each that changed something kept?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.small_world import NOON, rows
from worker.steps.announcing import hearing_of
from worker.steps.marks import Mark, remember
from worker.store.addresses import Address
from worker.store.engine import in_transaction
from worker.store.standing import read_suppressions
from worker.store.suppressions import OptIn, OptOut, lift, suppress
from worker.store.tables import refusals

ADDRESS = Address("0123456789abcdef" * 2, "email")
LATER = NOON + timedelta(seconds=1)


def refuse(engine: Engine, *categories: str) -> None:
    told = [OptOut(ADDRESS, "page", NOON, one, proof={"by": "test"}) for one in categories]
    in_transaction(engine, lambda c: suppress(c, told))


def agree(engine: Engine, category: str, at: object = LATER) -> None:
    told = [OptIn(ADDRESS, "page", at, category, "Yes, write to me")]  # type: ignore[arg-type]
    in_transaction(engine, lambda c: lift(c, told))


def refused(engine: Engine) -> set[str]:
    return in_transaction(engine, lambda c: read_suppressions(c, [ADDRESS])).get(ADDRESS, set())


def log(engine: Engine) -> list[tuple[str, str]]:
    return [(one.said, one.category) for one in rows(engine, refusals, "seq")]


def test_a_refusal_said_again_is_one_word(engine: Engine) -> None:
    refuse(engine, "marketing", "marketing")
    refuse(engine, "marketing")

    assert refused(engine) == {"marketing"}
    assert log(engine) == [("refused", "marketing")]
    assert rows(engine, refusals, "seq")[0].proof == {"by": "test"}


def test_agreeing_later_lifts_that_refusal_alone_and_keeps_what_was_said(engine: Engine) -> None:
    refuse(engine, "marketing", "*")

    agree(engine, "marketing")
    agree(engine, "marketing")

    assert refused(engine) == {"*"}
    assert log(engine)[2:] == [("agreed", "marketing")]
    assert rows(engine, refusals, "seq")[-1].wording == "Yes, write to me"


@pytest.mark.parametrize("at", [NOON, NOON - timedelta(days=1)])
def test_agreeing_before_or_in_the_same_moment_lifts_nothing(engine: Engine, at: object) -> None:
    refuse(engine, "marketing")

    agree(engine, "marketing", at)

    assert refused(engine) == {"marketing"}
    assert log(engine) == [("refused", "marketing")]


def test_refusing_after_agreeing_counts_again(engine: Engine) -> None:
    refuse(engine, "marketing")
    agree(engine, "marketing")

    refuse(engine, "marketing")

    assert refused(engine) == {"marketing"}
    assert [said for said, _ in log(engine)] == ["refused", "agreed", "refused"]


@pytest.mark.parametrize("codes", [("complaint", "unsubscribe"), ("unsubscribe", "complaint")])
def test_of_two_words_told_at_once_the_weightier_stands(
    engine: Engine, codes: tuple[str, str]
) -> None:
    marks = [Mark(ADDRESS, code, bad=False, opted_out=True) for code in codes]
    in_transaction(engine, lambda c: remember(c, marks, hearing_of(None), now=NOON))

    agree(engine, "*")

    assert refused(engine) == {"*"}
    assert [one.source for one in rows(engine, refusals)] == ["provider complaint"]
