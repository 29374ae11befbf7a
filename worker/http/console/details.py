"""How are the words of an alarm, a pause or a refusal of ours told in the reader's language?

They are stored as they were raised, in English, with moments in UTC. Forms that we know are told
anew; what else stands there, such as a provider's own code, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from markupsafe import Markup

from triggers.clock import instant
from worker.http.console.words import Words

Moment = Callable[[datetime], Markup | str]
_AT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::[\d.]+)?Z"
_FORMS = {
    name: re.compile(form)
    for name, form in {
        "silence": rf"nothing since (?P<at>{_AT});"
        r" at these hours of other weeks (?P<n>\d+) or more",
        "runaway": r"(?P<n>\d+) in an hour; the most in five weeks was (?P<most>\d+)",
        "repeats": r"(?P<n>\d+%) went to somebody who had one that day;"
        r" the most was (?P<most>\d+%)",
        "none_wait": r"none wait",
        "lapse": rf"(?P<n>\d+) wait; the first lapses at (?P<at>{_AT}),"
        rf" the last at (?P<last>{_AT})",
        "spent": r"(?P<n>[\d.]+) of (?P<most>[\d.]+ per \w+)",
        "tried_again": rf"(?P<code>.*); tried again at (?P<at>{_AT})",
        "differ": r"(?P<n>\d+) differ",
        "unread": r"more than (?P<n>\d+) events are unread",
        "disk": r"the disk of the database is nearly full",
        "fuse": r"more than (?P<most>\d+ per \w+)",
        "no_phone": r"not a phone number(?:, or its country is not known)?",
        "bad_length": r"too short or too long for a phone number",
        "no_country": r"a number of no country",
        "dear": r"a number at whose holder's rate others pay",
        "country": r"numbers of (?P<code>\w+) are not among the countries we write to",
        "no_email": r"not an email address",
        "bad_local": r"the part before @ is not one we can write to",
        "bad_domain": r"the part after @ is not a domain",
        "no_sender": r"no sender is set up for (?P<code>\w+)",
        "no_text": r"(?P<code>\w+) has no text for \w+",
        "refused": r"this address has refused to be written to",
    }.items()
}
_MOMENTS = frozenset({"at", "last"})


def detail_told(words: Words, text: str, moment: Moment) -> Markup:
    """`moment`: how one is shown; ours is escaped, and so is what somebody else wrote."""
    for name, form in _FORMS.items():
        found = form.fullmatch(text)
        if found is not None:
            given = {key: _given(key, value, moment) for key, value in found.groupdict().items()}
            return Markup(words(f"detail.{name}")).format(**given)  # noqa: S704 - our own words
    return Markup('<bdi lang="en">{}</bdi>').format(text)


def _given(key: str, value: str, moment: Moment) -> Markup | str:
    if key in _MOMENTS:
        return moment(_instant(value))
    return Markup("<bdi>{}</bdi>").format(value)


def _instant(text: str) -> datetime:
    try:
        return instant(text)
    except ValueError:
        # to the minute only
        return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
