"""What does a message in our queues ask for, whoever wrote it? Its task and arguments; no more.

What asks for nothing of ours becomes a call of outreach.refuse, which keeps its text. Ids, limits,
callbacks and stamps are a stranger's: none of them is read.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from kombu.utils.json import dumps

PUBLISH = "outreach.publish"
REFUSE = "outreach.refuse"
OURS = "outreach."
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BELL = re.compile(r"outreach\.[a-z_]{1,40}")
ENCODINGS = (None, "", "utf-8", "base64")
HEADERS = ("task", "id", "expires")
NOTHING = b"[[], {}, "
DEEPEST = 100
"""Far below where decoders and encoders end, each at another depth; an event may be 32 deep."""


class Strange(Exception):
    """A message is not what it should be; the text says why and repeats nothing of it."""


class Unheard(Strange):
    """A bell of another version: in our form, with nothing in it, and of no task of ours."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of a task of ours."""

    task: str
    args: list[Any]
    kwargs: dict[str, Any]
    plain: bool = False
    """Whether the message already says this and nothing else."""


def asked(headers: Any, payload: Any, known: Container[str]) -> Asked:
    """The call; Strange. Protocol 2 names its task in the headers, protocol 1 in the body."""
    match payload:
        case [list() as args, dict() as kwargs, embed]:
            task, plain = _mapping(headers).get("task"), not embed or _empty(embed)
        case {"task": task}:
            args, kwargs, plain = payload.get("args", []), payload.get("kwargs", {}), False
        case _:
            raise Strange("is not a Celery message: its body is no call of a task")
    if deep(payload):
        raise Strange(f"is nested more than {DEEPEST} deep")
    if not (isinstance(args, list) and isinstance(kwargs, dict)):
        raise Strange("is not a Celery message: its arguments are no list and no mapping")
    if (
        isinstance(task, str)
        and BELL.fullmatch(task)
        and task not in known
        and not (args or kwargs)
    ):
        raise Unheard("is a bell of another version")
    if not (isinstance(task, str) and task.startswith(OURS) and task in known):
        raise Strange("asks for a task that is not ours")
    if task not in (PUBLISH, REFUSE) and (args or kwargs):
        raise Strange("is a bell and carries something; events go to outreach.publish")
    return Asked(task, args, kwargs, plain)


def is_bell(headers: Any) -> bool:
    """Whether it is called like one."""
    task = _mapping(headers).get("task")
    return isinstance(task, str) and task.startswith(OURS) and task not in (PUBLISH, REFUSE)


def carries_nothing(body: Any) -> bool:
    """Whether a body, as a well-behaved client writes it, is a call without arguments."""
    return isinstance(body, bytes) and body.startswith(NOTHING)


def refusal(text: str, why: str) -> Asked:
    return Asked(REFUSE, [text, why], {})


def headers_of(call: Asked, given: Any) -> dict[str, Any]:
    """What Celery reads beside the body. Only the id of a well-behaved client is kept."""
    given = _mapping(given)
    named = given.get("id")
    known = isinstance(named, str) and ID.fullmatch(named)
    expires = None if call.task == REFUSE else _moment(given.get("expires"))
    return {"task": call.task, "id": named if known else str(uuid4()), "expires": expires}


def body_of(call: Asked) -> str:
    text: str = dumps([call.args, call.kwargs, {}])
    return text


def envelope(entry: Any, queue: str) -> dict[str, Any]:
    """What kombu's virtual transports deliver, with nothing in it that they stumble over."""
    try:
        found = _mapping(entry, "its entry is no object")
        properties = _mapping(found.get("properties"), "it has no properties")
        headers = _mapping(found.get("headers") or {}, "its headers are no object")
        headers = {name: value for name, value in headers.items() if isinstance(value, str)}
        body = _body(found.get("body"), properties.get("body_encoding"))
        if headers.get("compression"):
            raise Strange("is compressed, which this door does not take")
    except Strange as wrong:
        return sealed(refusal(dumps(entry), str(wrong)), queue)
    kinds = {name: found.get(name) for name in ("content-type", "content-encoding")}
    return {
        "body": body,
        "headers": {name: headers[name] for name in HEADERS if name in headers},
        "properties": _properties(queue, properties.get("body_encoding")),
        **{name: kind for name, kind in kinds.items() if isinstance(kind, str)},
    }


def sealed(call: Asked, queue: str) -> dict[str, Any]:
    """An entry of our own, in the place of one that cannot be delivered."""
    return {
        "body": base64.b64encode(body_of(call).encode()).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": headers_of(call, {}),
        "properties": _properties(queue, "base64"),
    }


def deep(value: Any) -> bool:
    """Whether it is nested deeper than anything that was meant."""
    level = [one for one in [value] if isinstance(one, list | dict)]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    found = value.values() if isinstance(value, dict) else value
    return [one for one in found if isinstance(one, list | dict)]


def _properties(queue: str, encoding: str | None) -> dict[str, Any]:
    # By the anonymous exchange, so that what is given back comes to the queue it was in.
    return {
        "body_encoding": encoding or None,
        "delivery_tag": str(uuid4()),
        "delivery_info": {"exchange": "", "routing_key": queue},
    }


def _mapping(value: Any, wrong: str = "") -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if wrong:
        raise Strange(f"is not a Celery message: {wrong}")
    return {}


def _body(body: Any, encoding: Any) -> str:
    if not isinstance(body, str) or encoding not in ENCODINGS:
        raise Strange("is not a Celery message: its body is no text")
    if encoding == "base64":
        try:
            base64.b64decode(body)
        except ValueError:
            raise Strange("is not a Celery message: its body is not base64") from None
    return body


def _empty(embed: Any) -> bool:
    names = {"callbacks", "errbacks", "chain", "chord"}
    return isinstance(embed, dict) and embed.keys() <= names and not any(embed.values())


def _moment(value: Any) -> str | None:
    """When it is worth nothing any more; what is no time is no limit."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (TypeError, ValueError, OverflowError):
        return None


def text_of(body: Any) -> str:
    if isinstance(body, bytes | memoryview):
        return bytes(body).decode("utf-8", "backslashreplace")
    return body if isinstance(body, str) else ""
