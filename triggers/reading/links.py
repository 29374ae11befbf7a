"""Where may a message's links lead, and what of the event or customer may stand in them?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from triggers.mistakes import quoted
from triggers.nodes import Node, Scalar
from triggers.reading.fields import Notes, named, text

_HOLE = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"(event\.data|customer)(\.[A-Za-z_][A-Za-z0-9_]*)+")
_SCHEMES = ("https", "http")

CheckHole = Callable[[str], str | None]
"""What is wrong with a path such as `customer.id`, or None."""


def read_links(node: Node | None, notes: Notes, check_hole: CheckHole) -> Mapping[str, str]:
    if node is None:
        return {}
    links = {}
    for name, entry in named(node, notes, "links"):
        url = read_url(entry.value, notes, check_hole)
        if url is not None:
            links[name] = url
    return links


def read_url(node: Node, notes: Notes, check_hole: CheckHole | None = None) -> str | None:
    """An http(s) address; holes such as {customer.id} only after its host, so that no data
    can lead a customer to another one."""
    url = text(node, notes)
    if url is None or not isinstance(node, Scalar):
        return None
    problem = _host_problem(url)
    if problem:
        notes.wrong(node, problem)
        return None
    for hole in _HOLE.finditer(url):
        wrong = _hole_problem(hole[1], check_hole)
        if wrong:
            notes.inside(node, hole.start(), wrong)
            return None
    return url


def holes(url: str) -> list[str]:
    """The paths that are filled into a link."""
    return _HOLE.findall(url)


def _host_problem(url: str) -> str | None:
    if any(c.isspace() or not c.isprintable() for c in url):
        return f"{quoted(url)} has a blank in it"
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{quoted(url)} is no address"
    if parts.scheme not in _SCHEMES or not parts.hostname:
        return f"{quoted(url)} is no address: write https://…"
    if "{" in parts.netloc or "@" in parts.netloc:
        return f"{quoted(url)}: the host must be written out"
    rest = _HOLE.sub("", url)
    return f"{quoted(url)}: a brace is left open" if "{" in rest or "}" in rest else None


def _hole_problem(path: str, check_hole: CheckHole | None) -> str | None:
    if check_hole is None:
        return "nothing can be filled in here"
    if not _PATH.fullmatch(path):
        return (
            f"{{{quoted(path)[1:-1]}}}: write a path such as {{event.data.id}} or {{customer.id}}"
        )
    return check_hole(path)
