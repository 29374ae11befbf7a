"""What is there to say of one occurrence, or of one silence, and in which words?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triggers.case import Case
from triggers.conditions import Env
from triggers.events import Event
from triggers.explaining.asked import asked
from triggers.explaining.known import Dossier, Occurred
from triggers.explaining.silence import Kept, OfKey
from triggers.explaining.told import SILENT, Asked, Cause, Point, Silence
from triggers.explaining.tongue import Phrase, Tongue
from triggers.facts import Ended, Occurrence
from triggers.profiles import customer_env
from triggers.standing import Standing
from triggers.timelines.tracks import Key
from triggers.verdicts import Reason

_BY_THE_GATES = {"messaged", "handed_over", "skipped", "held_out", "shadowed"}
_ASKS_NOTHING = {Reason.EXPIRED, Reason.MODE_OFF}


def cause_of(event: Event) -> Cause:
    return Cause(event.source, event.id, event.type, event.time, event.received)


def silent(dossier: Dossier, tongue: Tongue, key: str | None, kept: Kept) -> Point:
    """Why this event started nothing."""
    rules, event = dossier.rules, kept.event
    conditions: tuple[Asked, ...] = ()
    because = ""
    if kept.env is not None and rules.trigger.when is not None:
        place = rules.files.when(rules.trigger, "when")
        conditions = (asked("when", rules.trigger.when, kept.env, place),)
        because = tongue.because(conditions[0])
    setting = rules.files.of(rules.trigger, kept.why, kept.detail, "")
    sentence = tongue.say(
        kept.why,
        about=tongue.about(key),
        event=event.type,
        time=event.time,
        because=because,
        detail=kept.detail,
        born=dossier.born or event.received,
        reached=f"{kept.count.reached:g}" if kept.count else "",
        reach=f"{kept.count.reach:g}" if kept.count else "",
    )
    return Point(
        sentence=tongue.with_setting(sentence, setting),
        outcome=SILENT,
        why=kept.why,
        detail=kept.detail,
        key=key,
        at=event.received,
        bundle=rules.bundle,
        conditions=conditions,
        setting=setting,
        causes=(cause_of(event),),
        count=kept.count,
    )


def nothing_came(dossier: Dossier, tongue: Tongue) -> Point:
    """Or nothing that is known any more."""
    trigger = dossier.rules.trigger
    for start in dossier.starts:
        return silent(dossier, tongue, None, Kept(Silence.FORGOTTEN, start.event))
    why = Silence.NO_EVENT if dossier.erased is None else Silence.ERASED
    setting = dossier.rules.files.of(trigger, Silence.NO_EVENT, "", "")
    time = dossier.erased or dossier.now
    sentence = tongue.say(why, event=trigger.on, time=time)
    return Point(
        sentence=tongue.with_setting(sentence, setting),
        outcome=SILENT,
        why=why,
        bundle=dossier.rules.bundle,
        setting=setting,
    )


@dataclass(frozen=True, slots=True)
class Account:
    """One occurrence, with what its timeline said when it was decided last."""

    dossier: Dossier
    case: Occurred
    tongue: Tongue
    occurrence: Occurrence | None
    ended: Ended | None

    @classmethod
    def of(cls, dossier: Dossier, case: Occurred, tongue: Tongue) -> Account:
        of = dossier.keys.get(case.key)
        if of is None:
            return cls(dossier, case, tongue, None, None)
        then = OfKey(
            trigger=case.rules.trigger,
            key=of.key,
            zone=of.zone,
            facts=[one for one in of.facts if one.received <= case.at],
            spent=of.spent,
            born=of.born,
        )
        found = then.before(case.epoch)
        ended = found.ended.get(case.epoch)
        waiting = found.pending.get(case.epoch)
        return cls(dossier, case, tongue, waiting or (ended.occurrence if ended else None), ended)

    def point(self) -> Point:
        case, conditions = self.case, tuple(self._conditions())
        setting = case.rules.files.of(case.rules.trigger, self._why(), case.detail, case.channel)
        return Point(
            sentence=self.tongue.with_setting(self._sentence(conditions), setting),
            outcome=case.state,
            why=case.reason,
            detail=case.detail,
            key=case.key or None,
            epoch=case.epoch,
            at=case.at,
            next=case.due,
            bundle=case.rules.bundle,
            conditions=conditions,
            setting=setting,
            causes=tuple(self._causes()),
            decisions=case.decisions,
            message=case.message,
            person=case.person,
        )

    def _why(self) -> str | None:
        """A message's own trouble is no word of the trigger's."""
        return None if self.case.message is not None else self.case.reason

    def _causes(self) -> Iterator[Cause]:
        """The events it was decided on; those that are gone by their names only."""
        known = [self.ended.by] if self.ended else []
        if self.occurrence is not None:
            known += [self.occurrence.start, self.occurrence.event]
        told = {(one.source, one.id): cause_of(one) for one in known}
        for decision in self.case.decisions:
            for cause in decision.causes:
                told.setdefault((cause.source, cause.id), cause)
        yield from told.values()

    def _conditions(self) -> Iterator[Asked]:
        case, trigger = self.case, self.case.rules.trigger
        place = case.rules.files.when
        if self.ended is not None and case.state == "called_off":
            # what ended it is asked only where it is a start that no longer qualifies
            by = self.ended.by
            if trigger.when is not None and by.type == trigger.on:
                env = Key(trigger, case.key, self.tongue.zone).env(by)
                yield asked("when", trigger.when, env, place(trigger, "when"))
            return
        if self.occurrence is None or case.reason in _ASKS_NOTHING:
            return
        env = self._env(self.occurrence)
        if trigger.when is not None:
            yield asked("when", trigger.when, env, place(trigger, "when"))
        if case.state in _BY_THE_GATES:
            yield from self._routes(env)
            yield from self._segments()

    def _env(self, occurrence: Occurrence) -> Env:
        """What is only waited for has not asked of the customer yet; the gates knew it all."""
        case = self.case
        trigger, key = case.rules.trigger, case.key
        if case.state not in _BY_THE_GATES:
            return Key(trigger, key, self.tongue.zone).env(occurrence.event, occurrence.counted)
        return Case(
            trigger=trigger,
            occurrence=occurrence,
            customer=self.dossier.customer_at(case.at),
            standing=Standing(),
            policy=case.rules.policy,
            where=self.dossier.where,
            now=case.at,
            key=key,
        ).env

    def _routes(self, env: Env) -> Iterator[Asked]:
        """As far as they were asked: the first that fits is taken."""
        trigger = self.case.rules.trigger
        for number, route in enumerate(trigger.send):
            if route.when is None:
                return
            place = self.case.rules.files.when(trigger, "send", number, "when")
            told = asked(f"send {number + 1} when", route.when, env, place)
            yield told
            if told.answer == "yes":
                return

    def _segments(self) -> Iterator[Asked]:
        """What the segments that its conditions name say of the customer."""
        trigger, policy = self.case.rules.trigger, self.case.rules.policy
        read = {name for one in (trigger.when, *(r.when for r in trigger.send)) if one
                for name in one.segments}  # fmt: skip
        env = Env(
            customer=customer_env(self.dossier.customer_at(self.case.at)),
            now=self.case.at,
            zone=self.tongue.zone,
        )
        for name in sorted(read & policy.segments.keys()):
            place = self.case.rules.files.segment(name)
            yield asked(f"segment.{name}", policy.segments[name], env, place)

    def _sentence(self, conditions: tuple[Asked, ...]) -> Phrase:
        case, tongue = self.case, self.tongue
        common = {"about": tongue.about(case.key), "at": case.at}
        match case.state:
            case "pending":
                return self._waits(conditions)
            case "messaged":
                return self._wrote(common)
            case "handed_over":
                return self._called(common)
            case "called_off" if self.ended is not None and case.reason == Reason.CALLED_OFF:
                by = self.ended.by
                return tongue.say("called_off_by", **common, event=by.type, time=by.time)
            case _:
                return tongue.say(case.state, **common, reason=self._reason(conditions))

    def _waits(self, conditions: tuple[Asked, ...]) -> Phrase:
        case, tongue = self.case, self.tongue
        due = case.due or case.at
        said = {"about": tongue.about(case.key), "due": due}
        if case.reason is not None:
            return tongue.say("put_off", **said, reason=self._reason(conditions))
        if due < self.dossier.now:
            return tongue.say("pending_due", **said)
        open_ = dict.fromkeys(path for one in conditions for path in one.open)
        if open_:
            return tongue.say("pending_open", **said, open=", ".join(open_))
        return tongue.say("pending", **said)

    def _reason(self, conditions: tuple[Asked, ...]) -> Phrase:
        case, tongue = self.case, self.tongue
        refused = [one for one in conditions if one.answer in {"no", "unknown"}]
        whens = [one for one in refused if one.word == "when"]
        routes = [one for one in refused if one.word.startswith("send")]
        if case.reason == Reason.WHEN_FALSE and whens:
            return tongue.say("because_when", because=tongue.because(whens[0], conditions))
        if case.reason == Reason.NO_ROUTE and routes:
            because = tongue.joined(tongue.because(one, conditions) for one in routes)
            return tongue.say("because_routes", because=because)
        if case.reason == Reason.EXPIRED and self.occurrence is not None:
            return tongue.say("because_expired", expires=self.occurrence.expires)
        return tongue.reason(case.reason, detail=case.detail)

    def _wrote(self, common: dict[str, object]) -> Phrase:
        message, tongue = self.case.message, self.tongue
        if message is None:
            return tongue.say("messaged_forgotten", **common)
        if message.state == "parked":
            return tongue.say("parked", **common, why=message.why or "")
        by = {**common, "channel": message.channel}
        if message.state is None:
            return tongue.say("messaged_since", **by)
        state = tongue.message(message.state, message.why)
        return tongue.say("messaged", **by, state=state)

    def _called(self, common: dict[str, object]) -> Phrase:
        person, tongue = self.case.person, self.tongue
        if person is None:
            return tongue.say("handed_over_forgotten", **common)
        by = person.taken_by or tongue.nobody
        state = tongue.call(person.state, by=by, due=person.due)
        return tongue.say("handed_over", **common, queue=person.queue, state=state)
