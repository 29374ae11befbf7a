"""Where may a message's links lead, and what of the event or customer may stand in them?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from triggers.mistakes import quoted
from triggers.nodes import Node, Scalar
from triggers.reading.fields import Notes, named, text
from triggers.texts.links import PLACEHOLDER

_PATH = re.compile(r"(event\.data|customer)(\.[A-Za-z_][A-Za-z0-9_]*)+")
_SCHEMES = ("https", "http")

CheckPath = Callable[[str], str | None]
"""What is wrong with a path such as `customer.id`, or None."""


def read_links(node: Node | None, notes: Notes, check_path: CheckPath) -> Mapping[str, str]:
    if node is None:
        return {}
    links = {}
    for name, entry in named(node, notes, "links"):
        url = read_url(entry.value, notes, check_path)
        if url is not None:
            links[name] = url
    return links


def read_url(node: Node, notes: Notes, check_path: CheckPath | None = None) -> str | None:
    """An http(s) address; placeholders such as {customer.id} only after its host, so that no
    data can lead a customer to another one."""
    url = text(node, notes)
    if url is None or not isinstance(node, Scalar):
        return None
    problem = _host_problem(url)
    if problem:
        notes.wrong(node, problem)
        return None
    for placeholder in PLACEHOLDER.finditer(url):
        wrong = _path_problem(placeholder[1], check_path)
        if wrong:
            notes.inside(node, placeholder.start(), wrong)
            return None
    return url


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
    rest = PLACEHOLDER.sub("", url)
    return f"{quoted(url)}: a brace is left open" if "{" in rest or "}" in rest else None


def _path_problem(path: str, check_path: CheckPath | None) -> str | None:
    if check_path is None:
        return "nothing can be filled in here"
    if not _PATH.fullmatch(path):
        return (
            f"{{{quoted(path)[1:-1]}}}: write a path such as {{event.data.id}} or {{customer.id}}"
        )
    return check_path(path)
