"""What do all the files of a configuration say together, or what is wrong with them?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from types import MappingProxyType
from typing import Any

from triggers.catalog import Catalog, built_in_types
from triggers.definitions import Policy, Trigger
from triggers.matching import Matcher
from triggers.mistakes import Mistake, Severity, quoted
from triggers.nodes import Node, at, plain
from triggers.profiles import profile_schema
from triggers.reading.customer import NO_ATTRIBUTES, read_attributes
from triggers.reading.event_types import read_event_type
from triggers.reading.expressions import condition, customer_scope
from triggers.reading.fields import Notes
from triggers.reading.layout import CUSTOMER, Layout, lay_out
from triggers.reading.policy import read_policy
from triggers.reading.together import (
    check_chains,
    check_cycles,
    check_grace,
    check_muted,
    check_names,
    check_nights,
    check_sabbath,
    check_surveys,
    check_templates,
    unused,
)
from triggers.reading.triggers import read_trigger
from triggers.reading.world import Names, World
from triggers.reading.world import Texts as WrittenTexts
from triggers.schemas import DataSchema, SchemaRefused
from triggers.scopes import customer_shape
from triggers.shapes import ANY, PathUnknown, Scope, Shape
from triggers.texts.texts import Texts


class ConfigurationRefused(ValueError):
    """The configuration has mistakes; `mistakes` holds every one, warnings too, sorted."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))

    @property
    def errors(self) -> tuple[Mistake, ...]:
        """Without the warnings: for what it was refused."""
        return tuple(one for one in self.mistakes if one.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A bundle that has been read. `attributes` is the schema of config/customer.yaml,
    `profile` that of a whole update: our own fields too."""

    hash: str
    policy: Policy
    catalog: Catalog
    attributes: DataSchema
    profile: DataSchema
    customer_shape: Shape
    triggers: Mapping[str, Trigger]
    templates: Mapping[str, str]
    texts: Texts
    matcher: Matcher
    warnings: tuple[Mistake, ...] = ()


def bundle_hash(files: Mapping[str, str]) -> str:
    """32 hex digits of the names and contents; surrogates do not make it fail."""
    whole = hashlib.sha256()
    for name in sorted(files):
        for part in (name, files[name]):
            content = part.encode("utf-8", "surrogatepass")
            whole.update(len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()[:32]


def read_configuration(files: Mapping[str, str]) -> Configuration:
    """Read files named `config/…` and `templates/…`; ConfigurationRefused with every mistake."""
    notes = Notes()
    layout = lay_out(files, notes)
    attributes, profile = _customer(layout, notes)
    customer = customer_shape(Shape.from_schema(attributes.raw)) if attributes else ANY
    catalog = _catalog(layout, notes, profile)
    world = World(
        catalog=catalog,
        names=Names.of(layout.policy),
        texts=WrittenTexts.of(layout.templates),
        customer=customer,
        unread=frozenset(layout.unread - catalog.types.keys()),
    )
    policy = _policy(layout, notes, world)
    if policy is not None:
        world = replace(world, languages=policy.languages)
    triggers = _triggers(layout, notes, world)
    if policy is not None:
        check_grace(triggers, policy, notes)
        check_sabbath(triggers, policy, notes)
        check_nights(triggers, policy, notes)
        if layout.whole and layout.policy is not None:
            check_surveys(triggers, policy, layout.policy, notes)
            check_muted(triggers, policy, layout.policy, notes)
            check_chains(triggers, notes)
        notes.mistakes += check_templates(layout.templates, triggers, policy, world)
    if layout.whole:
        notes.mistakes += unused(layout.templates, triggers)
    if policy is None or attributes is None or profile is None or _errors(notes):
        raise ConfigurationRefused(notes.mistakes)
    return Configuration(
        hash=bundle_hash(files),
        policy=policy,
        catalog=catalog,
        attributes=attributes,
        profile=profile,
        customer_shape=customer,
        triggers=MappingProxyType({trigger.name: trigger for trigger, _ in triggers}),
        templates=MappingProxyType(layout.templates),
        texts=Texts.from_files(layout.templates, policy.languages),
        matcher=Matcher(trigger for trigger, _ in triggers),
        warnings=tuple(sorted(notes.mistakes)),
    )


def _errors(notes: Notes) -> bool:
    return any(one.severity is Severity.ERROR for one in notes.mistakes)


def _customer(layout: Layout, notes: Notes) -> tuple[DataSchema | None, DataSchema | None]:
    """The attributes' schema and the profile's; a missing file means no attributes."""
    node = layout.customer
    if node is None:
        broken = any(one.file == CUSTOMER for one in notes.mistakes)
        attributes = None if broken else DataSchema.compile(NO_ATTRIBUTES)
    else:
        attributes = read_attributes(node, notes)
    if attributes is None:
        return None, None
    try:
        return attributes, DataSchema.compile(profile_schema(attributes.raw))
    except SchemaRefused as refused:
        notes.mistakes.append(Mistake(CUSTOMER, 1, 1, str(refused)))
        return attributes, None


def _catalog(layout: Layout, notes: Notes, profile: DataSchema | None) -> Catalog:
    built_in = built_in_types(profile or DataSchema.compile(NO_ATTRIBUTES))
    types = dict(built_in)
    for expected, node in layout.events.items():
        read = read_event_type(node, notes, expected)
        if read is not None and read.name in built_in:
            notes.wrong(at(node, ["event"]), f"{quoted(read.name)} is built in already")
        elif read is not None:
            types[read.name] = read
    return Catalog(MappingProxyType(types))


def _policy(layout: Layout, notes: Notes, world: World) -> Policy | None:
    if layout.policy is None:
        return None
    segments = customer_scope(world.customer)
    return read_policy(
        layout.policy,
        notes,
        events=world.event_names,
        compile_segment=lambda node, into: condition(node, into, segments),
        check_path=lambda path: _unfillable(path, world),
    )


def _unfillable(path: str, world: World) -> str | None:
    """What is wrong with a path in a link: some event, or the customer, must have it."""
    events = [one.event for one in world.catalog.types.values()]
    scope = Scope({"customer": world.customer, "event": reduce(Shape.widened, events)})
    try:
        scope.shape_of(path)
    except PathUnknown as unknown:
        return str(unknown)
    return None


def _triggers(layout: Layout, notes: Notes, world: World) -> list[tuple[Trigger, Node]]:
    written = plain(layout.policy) if layout.policy is not None else None
    policy: dict[str, Any] = written if isinstance(written, dict) else {}
    found = []
    for node in layout.triggers:
        trigger = read_trigger(node, notes, world, policy)
        layout.whole &= trigger is not None
        if trigger is not None:
            found.append((trigger, node))
    check_names(found, notes)
    check_cycles(found, notes)
    return found
