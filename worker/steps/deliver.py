"""How do claimed letters reach their providers, and how is each answer kept?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple

import structlog
from sqlalchemy import Engine

from worker.channels.base import Accepted, Channel, ChannelError, Misconfigured, Uncertain
from worker.channels.switchboard import Switchboard
from worker.channels.waiting import alone, shared_call
from worker.lifecycle import AttemptState, Overtaken
from worker.steps.announcing import Hearing
from worker.steps.answers import GivenBack
from worker.steps.keeping import Keeper, Share
from worker.steps.leases import ClaimedLetter
from worker.steps.outcomes import Answered, Written, settle_accepted, settle_answers
from worker.store.engine import in_transaction

log = structlog.get_logger(__name__)


def unheeded(_seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class DeliverParts:
    """`channels` by sender; `pool` has a thread for each letter that may be on its way at once.

    `board`: one thread for all calls of those channels whose calls may share it.

    `ended` is told of every call that is over, and how many seconds it took. `keeper`: the
    process's own, so that the answers of all its claims are written together.
    """

    channels: Mapping[str, Channel]
    pool: Executor
    hearing: Hearing
    monotonic: Callable[[], float] = time.monotonic
    ended: Callable[[float], None] = unheeded
    keeper: Keeper = field(default_factory=Keeper)
    board: Switchboard | None = None


class Delivered(NamedTuple):
    """So many attempts by what became of them; `heard`: our own triggers have something to read.

    `due`: something is to be claimed again at once.
    """

    attempts: Counter[AttemptState]
    heard: bool
    due: bool


def deliver(
    engine: Engine,
    letters: Sequence[ClaimedLetter],
    parts: DeliverParts,
    *,
    now: datetime | None = None,
) -> Delivered:
    """Hand every letter over, no transaction open meanwhile; write answers down as they come."""
    share = Share()
    try:
        for one in letters:
            _begin(one, parts, share)
            parts.keeper.expect(share)
    finally:
        parts.keeper.keep(share, partial(_write, engine, parts.hearing, now))
    return Delivered(share.attempts, share.heard, share.due)


def _begin(claimed: ClaimedLetter, parts: DeliverParts, share: Share) -> None:
    call = partial(_call, claimed, parts, share)
    if parts.board is not None and shared_call(parts.channels.get(claimed.sender)):
        parts.board.begin(call)
    else:
        parts.pool.submit(lambda: alone(call()))


async def _call(claimed: ClaimedLetter, parts: DeliverParts, share: Share) -> None:
    begun = time.monotonic()
    try:
        parts.keeper.tell(share, await _answer(claimed, parts))
    finally:
        parts.ended(time.monotonic() - begun)


async def _answer(claimed: ClaimedLetter, parts: DeliverParts) -> Answered:
    channel = parts.channels.get(claimed.sender)
    if channel is None:
        return Answered(claimed, Misconfigured("no_channel", "this worker has no such channel"))
    if parts.monotonic() > claimed.deadline:
        return Answered(claimed, GivenBack())
    try:
        call = shared_call(channel) if parts.board is not None else None
        accepted = await call(claimed.letter) if call else channel.send(claimed.letter)
        return Answered(claimed, accepted)
    except ChannelError as error:
        return Answered(claimed, error)
    except Exception as error:
        # Our own mistake, at a moment nobody knows: the provider may have it.
        log.exception("channel_failed", channel=channel.name, message_id=claimed.letter.message_id)
        return Answered(claimed, Uncertain("our_error", type(error).__name__))


def _write(
    engine: Engine, hearing: Hearing, now: datetime | None, answers: Sequence[Answered]
) -> Written:
    """What providers took goes the short way; where somebody has moved one, they are read first."""
    if all(isinstance(one.answer, Accepted) for one in answers):
        with suppress(Overtaken):
            return in_transaction(engine, lambda c: settle_accepted(c, answers, hearing, now))
    return in_transaction(engine, lambda c: settle_answers(c, answers, hearing, now))
