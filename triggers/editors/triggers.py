"""What may stand in a document of config/triggers/?"""

from __future__ import annotations

from triggers.customers import OWN_FIELDS
from triggers.definitions import CHANNELS
from triggers.editors.forms import (
    DRAFT,
    Schema,
    condition,
    duration,
    items,
    mapping,
    moment,
    named,
    one_of,
    path,
    rate,
    share,
    text,
    told,
    wait,
)
from triggers.editors.vocabulary import Vocabulary
from triggers.reading import counting, examples, exits, limits, routes, triggers


def trigger_schema(words: Vocabulary) -> Schema:
    event = one_of(words.events)
    form = mapping(
        triggers.KEYS,
        triggers.REQUIRED,
        trigger=_name("Its name: a-z, 0-9 and _."),
        about=text("What it is for, for people."),
        on=told(event, "The event that may start it."),
        key=path("One occurrence for each value; without it, the customer is the key."),
        when=condition("Asked of each start, and once more before sending."),
        count=_count(event),
        wait=wait("From the start event's time, or from a date in it."),
        unless=_unless(event),
        again=one_of(triggers.AGAIN, "What a repeated start does."),
        send=told(items(_route(words)), "The first route whose 'when' holds."),
        limits=_limits(words),
        examples=told(items(_example(words, event)), "Stories that `outreach test` plays."),
    )
    return {"$schema": DRAFT, "title": "A trigger", **form}


def _name(about: str) -> Schema:
    names = named({})["propertyNames"]
    return told({"type": "string", **names}, about)


def _count(event: Schema) -> Schema:
    form = mapping(
        counting.KEYS,
        counting.REQUIRED,
        reach=told({"type": "number", "exclusiveMinimum": 0}, "So many, or with 'sum' so much."),
        since=told(event, "Counted anew after this event."),
        within=duration("Counted within a window that slides."),
        distinct=path("Each value is counted once."),
        sum=path("The numbers there are added up."),
    )
    ways: Schema = {"oneOf": [{"required": ["since"]}, {"required": ["within"]}]}
    whole = {"if": {"not": {"required": ["sum"]}}, "then": _reach_whole()}
    return told({**form, **ways, **whole}, "Start once it has happened often enough.")


def _reach_whole() -> Schema:
    return {"properties": {"reach": {"type": "integer"}}}


def _unless(event: Schema) -> Schema:
    form = mapping(
        exits.KEYS,
        exits.REQUIRED,
        event=event,
        key=path("Where this event carries the trigger's key."),
        when=condition("Only such ones of it."),
    )
    way = {"anyOf": [event, form]}
    return told({"anyOf": [event, form, items(way)]}, "What calls off what is waiting.")


def _route(words: Vocabulary) -> Schema:
    by = told(items({"enum": list(CHANNELS)}, unique=True), "The first that can reach him.")
    message = one_of(words.messages, "A folder of templates/.")
    described = {
        "when": condition("Only where this holds."),
        "message": message,
        "survey": message,
        "by": by,
        "agent": one_of(words.queues, "The queue of people who call."),
        "due": duration("Within which they call."),
    }
    kinds = [
        mapping(known, routes.required(kind), **{name: described[name] for name in known})
        for kind, known in routes.KINDS.items()
    ]
    return {"oneOf": kinds}


def _limits(words: Vocabulary) -> Schema:
    form = mapping(
        limits.KEYS,
        limits.REQUIRED,
        category=one_of(
            words.categories, "Quiet hours, consent and caps are those of its category."
        ),
        expires=duration("Of no use any more after its moment; 1d where nothing is said."),
        cooldown=duration("Not again to the same customer within."),
        holdout=share("Written to nobody of this share, to measure by."),
        priority=one_of(limits.PRIORITIES, "Who goes first where not all can."),
        pace=rate("No more than this."),
        mode=one_of(limits.MODES, "'shadow' decides all and sends nothing."),
        ramp=share("For a stable share of customers first."),
    )
    return told(form, "How much is too much.")


def _example(words: Vocabulary, event: Schema) -> Schema:
    return mapping(
        examples.KEYS,
        examples.REQUIRED,
        name=text("What it shows."),
        about=text(),
        customer={"type": "object", "required": ["id"], "properties": dict(OWN_FIELDS)},
        events=items(_told_event(event)),
        expect=told({"type": "array", "items": _expected(words)}, "Empty: nothing is to happen."),
    )


def _told_event(event: Schema) -> Schema:
    return mapping(
        examples.EVENT_KEYS,
        examples.EVENT_REQUIRED,
        at=moment("When it happened."),
        received=moment("When we heard of it, where that was later."),
        type=event,
        data={"type": "object"},
        id={},
        source={},
        subject={},
    )


def _expected(words: Vocabulary) -> Schema:
    letter = mapping(examples.LETTER_KEYS, to=text("The address."), contains=text("Part of it."))
    form = mapping(
        (*examples.MOMENTS, *examples.KINDS),
        **{word: moment("The moment, or its bound.") for word in examples.MOMENTS},
        **dict.fromkeys(examples.LETTERS, letter),
        agent=one_of(words.queues),
    )
    return {**form, "oneOf": [{"required": [kind]} for kind in examples.KINDS]}
