"""Which file of a configuration says what, and which is read by nobody?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from triggers.mistakes import Mistake, meant
from triggers.nodes import Node, Scalar
from triggers.reading.fields import Notes
from triggers.yamls import documents

POLICY = "config/outreach.yaml"
CUSTOMER = "config/customer.yaml"
EVENTS = "config/events/"
TRIGGERS = "config/triggers/"
TEMPLATES = "templates/"
PLACES = (POLICY, CUSTOMER, "config/events/<type>.yaml", "config/triggers/<name>.yaml")
ENDING = ".yaml"


@dataclass(slots=True)
class Layout:
    """The files' nodes; an event type's is under the name that its file has."""

    policy: Node | None = None
    customer: Node | None = None
    events: dict[str, Node] = field(default_factory=dict)
    triggers: list[Node] = field(default_factory=list)
    templates: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """Event types of which there is a file, but one that could not be read."""
    whole: bool = True
    """Whether everything there is was read, so that what seems unused is so."""


def lay_out(files: Mapping[str, str], notes: Notes) -> Layout:
    layout = Layout()
    for name in sorted(files):
        _place(name, files[name], layout, notes)
    if POLICY not in files:
        notes.mistakes.append(Mistake(POLICY, 1, 1, "this file is missing"))
    return layout


def _place(name: str, text: str, layout: Layout, notes: Notes) -> None:
    if name.startswith(TEMPLATES):
        layout.templates[name] = text
    elif name == POLICY:
        layout.policy = _only(name, text, notes)
    elif name == CUSTOMER:
        layout.customer = _only(name, text, notes)
    elif event := _stem(name, EVENTS):
        node = _only(name, text, notes)
        layout.unread |= {event}
        layout.events |= {event: node} if node is not None else {}
    elif _stem(name, TRIGGERS):
        nodes, mistakes = documents(name, text)
        notes.mistakes += mistakes
        layout.whole &= not mistakes
        layout.triggers += [node for node in nodes if not _nothing(node)]
    elif hint := _unread(name):
        notes.mistakes.append(Mistake(name, 1, 1, f"nobody reads this file{hint}"))


def _stem(name: str, folder: str) -> str:
    """The file's name without its folder and ending, empty for files that are not of that kind."""
    stem = name.removeprefix(folder).removesuffix(ENDING)
    alike = name.startswith(folder) and name.endswith(ENDING) and "/" not in stem
    return stem if alike else ""


def _unread(name: str) -> str:
    """What was probably meant; nothing for files that are not meant to be ours."""
    folder, _, last = name.rpartition("/")
    if not last.endswith((ENDING, ".yml", ".json")):
        return ""
    if folder == "config":
        return meant(name, (POLICY, CUSTOMER)) or f"; there are {', '.join(PLACES)}"
    if f"{folder}/".startswith((EVENTS, TRIGGERS)):
        kind = EVENTS if name.startswith(EVENTS) else TRIGGERS
        return meant(name, (f"{kind}{last.rpartition('.')[0]}{ENDING}",))
    # other tools may keep folders of their own beside ours
    return meant(f"{folder.split('/')[1]}/", ("events/", "triggers/"))


def _only(name: str, text: str, notes: Notes) -> Node | None:
    """The one document of a file that holds only one."""
    nodes, mistakes = documents(name, text)
    notes.mistakes += mistakes
    if not nodes and not mistakes:
        notes.mistakes.append(Mistake(name, 1, 1, "the file is empty"))
    for extra in nodes[1:]:
        notes.wrong(extra, "only files of triggers hold several documents (---)")
    return nodes[0] if nodes else None


def _nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None
