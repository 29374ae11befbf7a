"""What happens when somebody stops a trigger, lets it go on, or asks what it would do?"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from threading import Lock

from fastapi import APIRouter
from fastapi.responses import Response

from triggers.configuration import ConfigurationRefused
from triggers.costs import cost_of
from triggers.mistakes import Mistake
from triggers.sentences import sentence
from worker.bells import Bell
from worker.folder import read_folders
from worker.http.console.pages import go, page
from worker.http.console.triggers import HOME, no_trigger
from worker.http.console.visits import Form, Posted, Visit, Visiting, field
from worker.steps import pausing
from worker.steps.planning import Plan
from worker.steps.trying import MOST_EVENTS, MOST_WAITING, Lately, TooMuch, plan_now, try_lately

LENGTHS = (1, 7, 30)
MOST_MISTAKES = 50
router = APIRouter()
_trying = Lock()
"""One at a time in a process: the doors for events share it."""


@router.post(f"{HOME}/pause")
def pause(visit: Visiting, form: Posted) -> Response:
    name = _named(visit, form)
    if name is None:
        return no_trigger(visit)
    why = field(form, "why", most=200) or None
    pausing.pause(visit.engine, [f"trigger:{name}"], by=visit.by, why=why)
    return go(visit, f"{HOME}/{name}", done="paused")


@router.post(f"{HOME}/resume")
def resume(visit: Visiting, form: Posted) -> Response:
    name = _named(visit, form)
    if name is None:
        return no_trigger(visit)
    found = pausing.resume(visit.engine, [f"trigger:{name}"], by=visit.by)
    visit.house.parts.ring(Bell.CLAIM)
    return go(visit, f"{HOME}/{name}", done="resumed", n=str(found.woken))


@router.post(f"{HOME}/backtest")
def backtest(visit: Visiting, form: Posted) -> Response:
    """As if it had been live for everybody for so many days."""
    rules, name = visit.rules, _named(visit, form)
    if rules is None or name is None:
        return no_trigger(visit)
    days = next((one for one in LENGTHS if str(one) == field(form, "days")), LENGTHS[0])
    if not _trying.acquire(blocking=False):
        return _busy(visit)
    try:
        hasher = visit.house.parts.hasher
        tried = try_lately(visit.engine, hasher, rules, Lately(name, timedelta(days=days)))
    finally:
        _trying.release()
    cost = cost_of(tried.account.volume, rules.policy)
    return page(
        visit, "backtest", name=name, tried=tried, now=tried.until, days=days, most=MOST_EVENTS,
        cost=cost.told()[0] if cost else None, currency=rules.policy.currency,
        home=f"{HOME}/{name}",
        said=sentence(rules.triggers[name], visit.words.language),
    )  # fmt: skip


@router.post(f"{HOME}/plan")
def plan(visit: Visiting, form: Posted) -> Response:
    """What applying the folder of this process would change among what waits; nothing is written.

    `trigger`: from whose page it was asked for.
    """
    name = _named(visit, form)
    settings = visit.house.parts.settings
    files, mistakes = read_folders(settings.config_dir, settings.templates_dir)
    if mistakes:
        return _planned(visit, name, mistakes=mistakes)
    if not _trying.acquire(blocking=False):
        return _busy(visit)
    try:
        found = plan_now(visit.engine, visit.house.parts.hasher, visit.rules, files)
    except ConfigurationRefused as refused:
        return _planned(visit, name, mistakes=list(refused.errors))
    except TooMuch as much:
        return _planned(visit, name, much=much.number)
    finally:
        _trying.release()
    return _planned(visit, name, plan=found)


def _planned(
    visit: Visit,
    name: str | None,
    *,
    plan: Plan | None = None,
    mistakes: list[Mistake] | None = None,
    much: int = 0,
) -> Response:
    return page(
        visit, "plan", plan=plan, mistakes=list(mistakes or ())[:MOST_MISTAKES],
        much=much, most=MOST_WAITING, name=name, home=f"{HOME}/{name}" if name else HOME,
    )  # fmt: skip


def _busy(visit: Visit) -> Response:
    return page(visit, "wrong", status=HTTPStatus.TOO_MANY_REQUESTS, why="busy")


def _named(visit: Visit, form: Form) -> str | None:
    """The trigger that is meant, if it is in force."""
    name, rules = field(form, "trigger"), visit.rules
    return name if rules is not None and name in rules.triggers else None
