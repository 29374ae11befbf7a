"""Where may a message's links lead, and what of the event or customer may stand in them?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from triggers.mistakes import quoted
from triggers.nodes import Fields, Node, Scalar
from triggers.reading.fields import Notes, form, named, text, truth
from triggers.reading.quantities import span
from triggers.texts.known import GIVEN_LINKS
from triggers.texts.links import PLACEHOLDER

_PATH = re.compile(r"(event\.data|customer)(\.[A-Za-z_][A-Za-z0-9_]*)+")
_SCHEMES = ("https", "http")

CheckPath = Callable[[str], str | None]
"""What is wrong with a path such as `customer.id`, or None."""


KEYS = ("url", "track", "expires")
LIFE = timedelta(days=90)
"""So long a tracked link leads on where the policy does not say."""


@dataclass(frozen=True, slots=True)
class ReadLink:
    """`life` None: it leaves as it is written, and nobody sees whether it is clicked."""

    url: str
    life: timedelta | None = LIFE


def read_links(node: Node | None, notes: Notes, check_path: CheckPath) -> Mapping[str, ReadLink]:
    return {} if node is None else dict(_links(node, notes, check_path))


def _links(node: Node, notes: Notes, check_path: CheckPath) -> Iterator[tuple[str, ReadLink]]:
    for name, entry in named(node, notes, "links"):
        if name in GIVEN_LINKS:
            notes.wrong(entry.key, f"{quoted(name)} is a link that we make ourselves")
        elif (link := _link(entry.value, notes, check_path)) is not None:
            yield name, link


def _link(node: Node, notes: Notes, check_path: CheckPath) -> ReadLink | None:
    if not isinstance(node, Fields):
        url = read_url(node, notes, check_path)
        return None if url is None else ReadLink(url)
    opened = form(node, notes, known=KEYS, required=("url",))
    if opened is None:
        return None
    url = opened.maybe("url", lambda n, t: read_url(n, t, check_path))
    life = opened.read("expires", span, LIFE)
    tracked = opened.read("track", truth, default=True)
    if not tracked and opened.has("expires"):
        notes.wrong(opened.key("expires"), "what is not tracked is not ours to end")
    return None if url is None else ReadLink(url, life if tracked else None)


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
