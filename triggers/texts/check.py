"""What is wrong with the texts of a configuration, all at once, with file, line and column?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from jinja2 import nodes

from triggers.definitions import Policy
from triggers.kinds import MOMENT, Kind
from triggers.mistakes import Mistake, Severity, meant
from triggers.shapes import PathUnknown, Scope
from triggers.texts.environment import HTML, TEXT
from triggers.texts.fitting import misfit, unfit_values
from triggers.texts.known import Known
from triggers.texts.languages import Reader, is_rtl
from triggers.texts.law import Finding, advertising, service, unanswerable
from triggers.texts.longest import longest
from triggers.texts.missing import Printed, all_given, may_be_missing
from triggers.texts.places import NEEDED, Misplaced, Part, TextPlace, text_place
from triggers.texts.values import LONGEST
from triggers.texts.variables import Variable, variables
from triggers.texts.whitelist import NotAllowed, Objection, parsed

MOST_SOURCE = 8 * 1024 * 1024
GLUED = re.compile(r"(\S)?\{\{\s*(links\.\w+)\s*\}\}(\S)?")
SINGLE = re.compile(
    r"(?<!\{)\{ *((?:brand|count|customer|event|links)\.[\w.]+)(?: *\|[^{}]*)? *\}(?!\})", re.ASCII
)
SHOWN = Kind.TEXT | Kind.NUMBER | MOMENT


@dataclass(frozen=True, slots=True)
class Uses:
    """By which triggers a message is sent: what they can give it, and in which categories.

    `given` are the paths that always have a value; None where nothing is known of that.
    """

    scopes: Sequence[Scope] = ()
    categories: Iterable[str] = ()
    given: AbstractSet[str] | None = None


def check_texts(
    files: Mapping[str, str],
    *,
    scope_of: Callable[[str], Sequence[Scope]],
    categories_of: Callable[[str], Iterable[str]],
    policy: Policy,
    given_of: Callable[[str], AbstractSet[str] | None] = lambda _: None,
) -> list[Mistake]:
    """`scope_of` and `categories_of` take a message's name and speak of each trigger sending it."""
    if sum(map(len, files.values())) > MOST_SOURCE:
        return [Mistake(min(files), 1, 1, f"all texts together exceed {MOST_SOURCE} characters")]
    places: list[TextPlace] = []
    mistakes: list[Mistake] = []
    for file in sorted(files):
        try:
            places.append(_place(file, policy))
        except Misplaced as wrong:
            mistakes.append(Mistake(file, 1, 1, f"{wrong}{meant(wrong.word, wrong.known)}"))
    mistakes += _incomplete(places)
    for place in places:
        message = place.message
        uses = Uses(scope_of(message), categories_of(message), given_of(message))
        source = files[place.file]
        mistakes += [
            _at(place.file, source, found) for found in _findings(place, source, uses, policy)
        ]
    return sorted(mistakes)


def _place(file: str, policy: Policy) -> TextPlace:
    place = text_place(file)
    if place.language not in policy.languages:
        wrong = f"{place.language!r} is not one of the policy's languages"
        raise Misplaced(wrong, place.language, policy.languages)
    return place


def _incomplete(places: list[TextPlace]) -> Iterator[Mistake]:
    """An e-mail needs its subject and its plain text in every language that it is written in."""
    found: dict[tuple[str, str, str], list[TextPlace]] = defaultdict(list)
    for place in places:
        found[place.message, place.channel, place.language].append(place)
    for (_, channel, language), there in found.items():
        for part in NEEDED[channel]:
            if part not in {place.part for place in there}:
                missing = f"{channel}.{language}.{part.value}"
                yield Mistake(there[0].file, 1, 1, f"{missing} is missing beside it")


def _findings(place: TextPlace, source: str, uses: Uses, policy: Policy) -> Iterator[Finding]:
    objections: Sequence[Objection] = ()
    try:
        tree = parsed(source, HTML if place.part is Part.HTML else TEXT)
    except NotAllowed as refusal:
        objections = refusal.objections
        yield from (Finding(o.line, o.word, o.reason) for o in objections)
        if refusal.tree is None:
            return
        tree = refusal.tree
    known = Known.of(tree, uses.scopes, policy)
    refused = {(o.line, o.word) for o in objections}
    found = dict.fromkeys(variables(tree))
    for variable in found:
        root = variable.path.partition(".")[0]
        if refused.isdisjoint({(variable.line, root), (variable.line, variable.path)}):
            yield from _variable(variable, known)
    paths = {variable.path for variable in found}
    if uses.given is not None and not all_given(paths, uses.given, policy.links):
        for one in may_be_missing(tree, uses.given, policy.links):
            yield from _missing(one, known, place.channel)
    if not objections:
        yield from (Finding(*one) for one in unfit_values(tree))
    yield from _unfilled(source)
    if not source.strip():
        yield Finding(1, "", "the text is empty: nothing could be sent")
    if place.part is not Part.HTML:
        yield from _glued(source)
    if place.part is Part.SUBJECT and "\n" in source.strip():
        yield Finding(1, "", "a subject is one line")
    # what is refused cannot be filled in, and so has no length
    if place.channel == "sms" and not objections:
        yield from _too_long(place, tree, known)
    if place.channel != "agent":
        yield from _lawful(place, tree, uses.categories, policy)


def _variable(variable: Variable, known: Known) -> Iterator[Finding]:
    try:
        shapes = known.shapes(variable.path)
    except PathUnknown as unknown:
        yield Finding(variable.line, variable.path, str(unknown))
        return
    wrong = misfit(variable, shapes)
    if wrong is not None:
        yield Finding(variable.line, variable.path, wrong)
    if not variable.printed or variable.filters:
        return
    kinds = [shape.kinds for shape in shapes]
    if any(not kind & SHOWN for kind in kinds):
        reason = f"{variable.path} is {kinds[0]} and has no wording"
        yield Finding(variable.line, variable.path, reason)
    elif any(not kind & ~(MOMENT | Kind.NULL) for kind in kinds):
        reason = f"{variable.path} is {kinds[0]}: write {{{{ {variable.path} | date }}}}"
        yield Finding(variable.line, variable.path, reason, Severity.WARNING)


def _missing(one: Printed, known: Known, channel: str) -> Iterator[Finding]:
    try:
        known.shapes(one.path)
    except PathUnknown:
        return
    # A call goes out all the same: a person can do without the words, a customer cannot.
    then = "who calls then has no text" if channel == "agent" else "its message is then parked"
    how = f"{then}; write | default('…') or ask 'is defined'"
    yield Finding(one.line, one.word, f"{one.path} may be missing: {how}", Severity.WARNING)


def _glued(source: str) -> Iterator[Finding]:
    """Phones make a link of what stands between spaces."""
    for number, line in enumerate(source.splitlines(), 1):
        for found in GLUED.finditer(line):
            if found[1] or found[3]:
                reason = f"{found[2]} has a space on both sides, or it may not be clickable"
                yield Finding(number, found[2], reason, Severity.WARNING)


def _unfilled(source: str) -> Iterator[Finding]:
    """A customer would read the braces."""
    for number, line in enumerate(source.splitlines(), 1):
        for found in SINGLE.finditer(line):
            reason = f"{found[0]} is printed as it stands: write {{{{ {found[1]} }}}}"
            yield Finding(number, found[0], reason)


def _too_long(place: TextPlace, tree: nodes.Template, known: Known) -> Iterator[Finding]:
    policy = known.policy
    zone = ZoneInfo("UTC")
    reader = Reader(place.language, zone, policy.country, False, is_rtl(place.language))
    # what is long enough is a mistake; what a schema merely allows is only told
    ways = [(known, Severity.ERROR), (replace(known, longest=LONGEST), Severity.WARNING)]
    for values, severity in ways:
        worst = longest(tree, values, reader)
        if worst.segments > policy.sms.max_segments:
            how = f"takes {worst.segments} segments with long values ({len(worst.text)} characters)"
            reason = f"{how}, policy allows {policy.sms.max_segments}"
            yield Finding(1, "", reason, severity)
            return


def _lawful(
    place: TextPlace, tree: nodes.Template, categories: Iterable[str], policy: Policy
) -> Iterator[Finding]:
    known = [policy.categories[name] for name in categories if name in policy.categories]
    advertises = any(category.consent_required for category in known)
    if advertises:
        yield from advertising(place, tree, two_way=policy.sms.two_way)
    elif known:
        yield from service(tree)
    if place.channel == "sms" and not policy.sms.two_way:
        yield from unanswerable(tree, Severity.ERROR if advertises else Severity.WARNING)


def _at(file: str, source: str, finding: Finding) -> Mistake:
    lines = source.splitlines()
    line = lines[finding.line - 1] if 0 < finding.line <= len(lines) else ""
    column = line.find(finding.column_of) + 1 if finding.column_of else 1
    return Mistake(file, finding.line, max(column, 1), finding.message, finding.severity)
