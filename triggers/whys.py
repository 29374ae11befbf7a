"""Why did a trigger say something else than was expected, or nothing at all?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from triggers.case import Case
from triggers.clerk import PLACEHOLDERS
from triggers.composing import compose
from triggers.conditions import Answer, Condition, Env
from triggers.conditions.explaining import Explanation
from triggers.definitions import Count, Trigger
from triggers.events import Event
from triggers.explaining.asked import is_path
from triggers.explaining.silence import not_qualified
from triggers.matching import Matcher
from triggers.texts.failures import TextFailed
from triggers.texts.texts import Texts
from triggers.timeline import timeline
from triggers.verdicts import Later, Never, Reason, Send, Verdict

MOST_REACH = 1_000
"""How far a count is asked whether it came."""


@dataclass(frozen=True, slots=True)
class Story:
    """What was told to one trigger: the events in the order received, and the customer's clock."""

    trigger: Trigger
    events: Sequence[Event]
    zone: ZoneInfo


def why_nothing_started(story: Story) -> Iterator[str]:
    """Of each event that might have started it, what kept it from that."""
    starts = [one for one in story.events if one.type == story.trigger.on]
    if not starts:
        yield f"no {story.trigger.on} came, so nothing could start"
    for event in starts:
        head = f"{event.type} of {_shown(event.time, story.zone)}: "
        for line in _kept_from(story, event):
            yield line if line.startswith(" ") else head + line
    if story.trigger.count is not None:
        yield from _counted(story, story.trigger.count)


def _kept_from(story: Story, event: Event) -> Iterator[str]:
    trigger = story.trigger
    value = trigger.key.key(event) if trigger.key else event.customer
    if trigger.key and value is None:
        yield f"no value at {trigger.key.text}, the key"
    if value is None:
        return
    kept = not_qualified(trigger, value, story.zone, event)
    if kept is not None and kept.env is not None and trigger.when is not None:
        yield from explained("when", trigger.when, kept.env)
        return
    found = timeline(trigger, _facts(story, value), (), story.zone, key=value)
    notes = [one for one in found.notes if one.event.order == event.order]
    yield from (f"{one.reason.value} {one.detail}".rstrip() for one in notes)


def _facts(story: Story, value: str) -> list[Event]:
    matcher = Matcher([story.trigger])
    return [
        event
        for event in story.events
        if any(key is not None and key.key == value for _, key in matcher.touched(event))
    ]


def _counted(story: Story, count: Count) -> Iterator[str]:
    """How far the count of each key came: the highest number that it would have reached."""
    keys = {
        key.key for one in story.events for _, key in Matcher([story.trigger]).touched(one) if key
    }
    for value in sorted(keys):
        reached = _reached(story, count, value)
        if reached < count.reach:
            yield f"{value}: counted {reached} of {count.reach:g}"


def _reached(story: Story, count: Count, value: str) -> int:
    facts = _facts(story, value)
    for reach in range(min(int(count.reach), MOST_REACH), 0, -1):
        lower = replace(story.trigger, count=replace(count, reach=reach))
        if timeline(lower, facts, (), story.zone, key=value).pending:
            return reach
    return 0


def explained(word: str, condition: Condition, env: Env) -> Iterator[str]:
    """A condition that does not hold, each part with its value."""
    explanation = condition.explain(env)
    answer = explanation.answer or Answer.UNKNOWN
    missing = f", unknown: {', '.join(explanation.unknown)}" if explanation.unknown else ""
    yield f"{word} is {answer.value}{missing}"
    for part in explanation.parts or (explanation,):
        yield from _values(part, "  ")


def _values(part: Explanation, indent: str) -> Iterator[str]:
    """Each part on its line, but literals: they are what they say."""
    if part.answer is None and not part.parts and not is_path(part.text):
        return
    shown = part.answer.value if part.answer else repr(part.value)
    yield f"{indent}{part.text}: {shown}"
    for inner in part.parts:
        yield from _values(inner, f"{indent}  ")


def why_verdict(case: Case, verdict: Verdict, texts: Texts) -> Iterator[str]:
    """What a gate had to say, and by which word of the trigger or the policy."""
    head = f"asked at {_shown(case.now, case.where.zones[0])}"
    match verdict:
        case Later(moment, reason, detail):
            until = _shown(moment, case.where.zones[0])
            yield f"{head}: put off until {until}: {reason.value} {detail}".rstrip()
        case Never(reason, detail):
            words = (reason.value, detail, _word(case, reason))
            yield f"{head}: never: {' '.join(filter(None, words))}"
            yield from _conditions(case, reason)
        case Send(route, channels):
            try:
                compose(case, texts, route.message, channels[0], PLACEHOLDERS)
            except TextFailed as failed:
                yield f"{head}: {Reason.TEXT_FAILED.value}: {failed}"
        case _:
            return


def _conditions(case: Case, reason: Reason) -> Iterator[str]:
    if reason is Reason.WHEN_FALSE and case.trigger.when is not None:
        yield from explained("when", case.trigger.when, case.env)
    if reason is Reason.NO_ROUTE:
        for number, route in enumerate(case.trigger.send, start=1):
            if route.when is not None:
                yield from explained(f"route {number}'s when", route.when, case.env)


def _word(case: Case, reason: Reason) -> str:
    """The setting behind a reason, as far as the reason does not name it."""
    limits = case.trigger.limits
    settings: dict[Reason, object] = {
        Reason.EXPIRED: f"at {_shown(case.waiting.expires, case.where.zones[0])}",
        Reason.COOLDOWN: f"of {limits.cooldown}",
        Reason.CAP: f"of {' and '.join(map(str, case.category.caps))}",
        Reason.MODE_OFF: f"mode: {limits.mode.value}",
        Reason.SHADOW: f"mode: {limits.mode.value}",
    }
    return str(settings.get(reason, ""))


def told_once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="minutes")
