"""Where does a short link of ours lead? To the page it stands for, or to a survey's question."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triggers.configuration import Configuration
from triggers.definitions import Policy
from triggers.surveys import SurveyPolicy, survey_named
from worker.bells import Bell
from worker.http.body import read_body
from worker.http.link_pages import (
    EXPIRED,
    HEADERS,
    LANGUAGES,
    UNKNOWN,
    question,
    thanks,
    told,
)
from worker.http.parts import House
from worker.http.visitors import is_program
from worker.steps.announcing import hearing_of
from worker.steps.clicks import Gone, Visit, follow
from worker.steps.surveys import PAGE, Said, answer_by_page, open_page
from worker.store.engine import reading
from worker.store.links import find_link

MOST_FIELDS = 10
router = APIRouter(default_response_class=HTMLResponse)
Token = Annotated[str, Path(max_length=64)]
Body = Annotated[bytes, Depends(read_body)]


def configuration_of(house: House) -> Configuration | None:
    return house.parts.configuration()


Active = Annotated[Configuration | None, Depends(configuration_of)]


@router.head("/l/{token}", include_in_schema=False)
@router.get("/l/{token}", status_code=HTTPStatus.FOUND)
def follow_link(request: Request, house: House, active: Active, token: Token) -> Response:
    """Go where the link leads; a survey's asks its question. Who only looks ahead counts not."""
    engine = house.parts.engine
    scanner = is_program(request.method, request.headers)
    visit = follow(engine, hearing_of(active), token, scanner=scanner)
    if isinstance(visit, Gone):
        return _gone(house, token, visit, active)
    if visit.heard:
        house.parts.ring(Bell.EVALUATE)
    if visit.asks:
        return _asked(house, visit, active)
    # 302 and no-store: the next click is to come here again
    return RedirectResponse(visit.link.url, HTTPStatus.FOUND, HEADERS)


@router.post("/l/{token}")
def answer(house: House, active: Active, token: Token, body: Body) -> Response:
    """Take the answer to a survey: `score`, a number of its scale, or `text`, or both."""
    engine = house.parts.engine
    page = reading(engine, lambda connection: open_page(connection, token))
    if page is None:
        return _gone(house, token, Gone.UNKNOWN, active)
    survey = _survey(page.survey, active)
    said = _said(body, survey)
    policy = _policy(active)
    if said is None:
        return question(survey, policy, page.language, amiss=True)
    taken = answer_by_page(engine, hearing_of(active), token, said)
    if isinstance(taken, Gone):
        return _gone(house, token, taken, active)
    if taken.heard:
        house.parts.ring(Bell.EVALUATE)
    return thanks(policy, page.language, written=taken.text is not None)


def _asked(house: House, visit: Visit, active: Configuration | None) -> Response:
    link, policy = visit.link, _policy(active)
    page = reading(house.parts.engine, lambda connection: open_page(connection, link.token))
    if page is not None and page.score is not None:
        return thanks(policy, link.language, written=page.text is not None)
    return question(_survey(link.message, active), policy, link.language)


def _said(body: bytes, survey: SurveyPolicy) -> Said | None:
    """None for what is neither a number of the scale nor words, or no form at all."""
    try:
        form = parse_qs(body.decode(), max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return None
    text = form.get("text", [""])[-1].replace("\x00", "").strip()
    score = form.get("score", [""])[-1]
    if not score:
        return Said(None, text, PAGE) if text else None
    good = score.isascii() and score.isdecimal() and len(score) < 4 and int(score) in survey.scale
    return Said(int(score), text, PAGE) if good else None


def _survey(name: str, active: Configuration | None) -> SurveyPolicy:
    return survey_named(name, active.policy.surveys if active else {})


def _policy(active: Configuration | None) -> Policy | None:
    return active.policy if active else None


def _gone(house: House, token: str, why: Gone, active: Configuration | None) -> Response:
    """In the language of the message it stood in, where that is known."""
    policy = _policy(active)
    link = reading(house.parts.engine, lambda connection: find_link(connection, token))
    first = policy.languages[0] if policy else LANGUAGES[0]
    language = str(link.language) if link is not None else first
    if why is Gone.EXPIRED:
        return told(EXPIRED, policy, language, HTTPStatus.GONE)
    return told(UNKNOWN, policy, language, HTTPStatus.NOT_FOUND)
