"""How is a report told: as one JSON object a trigger, or in sentences?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from triggers.clock import stamp
from triggers.counted import Objected
from triggers.durations import Duration
from triggers.effect import Arm, Effect, Finding, Span
from triggers.report import Balance, Report, TriggerReport, Way

MOST_TOPICS = 3
FINDINGS = {
    Finding.NO_CONTROL: "cannot know: nobody was held out so far: `holdout: 10%` in its limits.",
    Finding.NOT_YET: "not yet: nobody's time is over in one of the two groups.",
    Finding.TOO_SMALL: "cannot tell yet: too few customers.",
    Finding.CANNOT_TELL: "no difference seen, among as many customers as it takes to see one.",
    Finding.FEWER_CALLS: "fewer calls.",
    Finding.MORE_CALLS: "MORE calls: it makes customers call.",
}
_OBJECTED = {
    Objected.OPTED_OUT: "opted out",
    Objected.COMPLAINED: "complained",
    Objected.WRONG_NUMBER: "wrong number",
}


def as_mapping(report: Report, one: TriggerReport) -> dict[str, Any]:
    """What holds for all of them stands in each: a line is read by itself."""
    fields = asdict(one)
    fields["balance"]["net"] = asdict(one.balance.net) if one.balance.net else None
    for survey, told in zip(one.surveys, fields["surveys"], strict=True):
        told["mean"] = survey.mean
    for period in fields["periods"]:
        period["begins"] = period["begins"].isoformat()
    asked = report.asked
    return {
        "trigger": fields.pop("trigger"),
        "since": stamp(report.since),
        "until": stamp(asked.until),
        "shortened": report.shortened,
        "event": report.event,
        "within": int(report.within.total_seconds()),
        "currency": report.currency,
        "contact_cost": report.contact_cost,
        **fields,
    }


def lines_of(report: Report) -> Iterator[str]:
    within = Duration(0, report.within)
    days = report.within.days
    told = f"{days}d" if days and report.within.seconds == 0 else str(within)
    yield (
        f"Customers first drawn from {report.since:%Y-%m-%d %H:%M} to"
        f" {report.asked.until:%Y-%m-%d %H:%M} UTC; contacts: {report.event} within {told}"
    )
    if report.shortened:
        yield "Earlier than that, not everything is kept any more: see `retention` in the policy."
    for one in report.triggers:
        yield ""
        yield from _trigger(report, one)


def _trigger(report: Report, one: TriggerReport) -> Iterator[str]:
    effect = one.effect
    yield f"{one.trigger}: {FINDINGS[effect.finding]}"
    yield from map(_row, _counted(one))
    yield from map(_row, _known(effect))
    yield from map(_row, _money(one.balance, report.currency))
    yield from map(_row, _after(one))
    yield from map(_row, _over_time(one))


def _counted(one: TriggerReport) -> Iterator[tuple[str, str]]:
    yield "written to", _arm(one.effect.messaged)
    if one.drawn.held_out:
        yield "held out", _arm(one.effect.held_out)
    if one.drawn.open:
        yield "not yet counted", f"{one.drawn.open:,}: their time is not over"
    if one.uneven:
        yield (
            "WARNING",
            f"{one.drawn.held_out:,} held out are not the {one.holdout:.1%} of its limits: it was"
            " changed meanwhile, or something is missing. Ask for a time in which it was one.",
        )


def _known(effect: Effect) -> Iterator[tuple[str, str]]:
    if effect.difference is None or effect.prevented is None:
        return
    points = effect.difference.times(100)
    yield "fewer contacts", f"{points.estimate:+.2f} points ({_range(points, '+.2f')})"
    yield (
        "calls prevented",
        f"{effect.prevented.estimate:,.0f} ({_range(effect.prevented, ',.0f')})",
    )
    if not effect.enough:
        yield "WARNING", _too_small(effect)


def _too_small(effect: Effect) -> str:
    if effect.needed is None:
        return "too small a sample; nobody held out has contacted you, so none can say how small"
    needed = effect.needed
    return (
        "too small a sample, the range will still move: it takes"
        f" {needed.messaged:,} written to and {needed.held_out:,} held out"
    )


def _money(balance: Balance, currency: str) -> Iterator[tuple[str, str]]:
    if balance.worth is not None:
        yield "worth", f"{_amount(balance.worth)} {currency}".rstrip()
    if balance.cost or balance.worth is not None:
        yield "cost", f"{balance.cost:,.2f} {currency}".rstrip()
    if balance.net is not None:
        yield "worth less cost", f"{_amount(balance.net)} {currency}".rstrip()
    if balance.unpriced:
        yield "without a price", f"{balance.unpriced:,} messages or calls"


def _after(one: TriggerReport) -> Iterator[tuple[str, str]]:
    if one.messages:
        parts = (f"{number:,} {channel}" for channel, number in one.messages.items())
        yield "messages", ", ".join(parts)
    if one.handed_over:
        yield "handed to people", f"{one.handed_over:,}"
    if one.asked_for:
        yield "asked for a person", f"{one.asked_for:,}"
    objected = [(how, one.objected[how]) for how in Objected if one.objected.get(how)]
    if objected:
        yield "afterwards", ", ".join(f"{number:,} {_OBJECTED[how]}" for how, number in objected)
    for survey in one.surveys:
        mean = "" if survey.mean is None else f", {survey.mean:.1f} on average"
        yield f"survey {survey.name}", f"{survey.answered:,} of {survey.asked:,} answered{mean}"
    for way in one.ways:
        yield f"link {way.link}", _way(way)


def _way(way: Way) -> str:
    share = f" ({way.contacted / way.followed:.1%})" if way.followed else ""
    told = f"{way.followed:,} followed it, {way.contacted:,} contacted you after all{share}"
    topics = ", ".join(f"{topic or 'unnamed'} {n:,}" for topic, n in way.topics[:MOST_TOPICS])
    return f"{told}: {topics}" if topics else told


def _over_time(one: TriggerReport) -> Iterator[tuple[str, str]]:
    for period in one.periods if len(one.periods) > 1 else ():
        effect = period.effect
        told = f"{_short(effect.messaged)}, held out {_short(effect.held_out)}"
        if effect.difference is not None:
            points = effect.difference.times(100)
            told += f"; {points.estimate:+.2f} points ({_range(points, '+.2f')})"
        yield f"from {period.begins}", told


def _arm(arm: Arm) -> str:
    share = "" if arm.share is None else f" ({arm.share:.2%})"
    return f"{arm.contacted:,} of {arm.customers:,} contacted you{share}"


def _short(arm: Arm) -> str:
    return "nobody" if arm.share is None else f"{arm.share:.2%} of {arm.customers:,}"


def _amount(span: Span) -> str:
    return f"{span.estimate:,.2f} ({_range(span, ',.2f')})"


def _range(span: Span, form: str) -> str:
    return f"{span.low:{form}} to {span.high:{form}}"


def _row(row: tuple[str, str]) -> str:
    what, told = row
    return f"  {what:<18} {told}"
