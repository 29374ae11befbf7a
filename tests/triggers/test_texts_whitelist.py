"""Is a hostile or careless template refused before it is compiled?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triggers.texts.environment import HTML, TEXT
from triggers.texts.whitelist import LONGEST_SOURCE, NotAllowed, parsed

ATTACKS = [
    "{{ 'a' * 200000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 1.5٣ }}",
    "{{ '%999999999d' % 1 }}",
    "{{ 7 // 2 }}{{ 7 / 2 }}",
    "{{ 'a' ~ 'b' }}",
    "a\x00b",
    "{{ '\\x00' }}",
    "{{ '{:999999999}'.format(1) }}",
    "{{ 'a' | format }}",
    "{{ 'a' | replace('', 'aaaa') }}",
    "{{ 'a' | center(999999999) }}",
    "{{ 'a' | indent(999999999) }}",
    "{{ customer | attr('__class__') }}",
    "{{ event.data | tojson }}{{ event.data | map('upper') }}",
    "{{ event.data.html | safe }}",
    "{{ range(999999999) }}",
    "{{ lipsum() }}{{ cycler }}{{ namespace() }}{{ dict() }}",
    "{{ customer.first_name.upper() }}",
    "{{ ''.__class__.__mro__() }}",
    "{{ event['data'] }}{{ event.data[0:9] }}",
    "{{ self }}{{ caller }}{{ varargs }}",
    "{{ _reader }}{{ _policy }}",
    "{{ ｅvent.data.x }}",
    "{% set x = 1 %}",
    "{% set x %}a{% endset %}",
    "{% include 'x' %}",
    "{% import 'x' as x %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% macro x() %}{% endmacro %}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with x = 1 %}{% endwith %}",
    "{% autoescape false %}x{% endautoescape %}",
    "{% for a in event.data.x %}{% for b in event.data.x %}x{% endfor %}{% endfor %}",
    "{% for a in event.data.x %}{% for b in a.y %}x{% endfor %}{% endfor %}",
    "{% for a in event.data.x recursive %}x{% endfor %}",
    "{% for a, b in event.data.x %}x{% endfor %}",
    "{% for a in 'abc' %}x{% endfor %}",
    "{% for a in [1, 2] %}x{% endfor %}",
    "{% for a in links %}x{% endfor %}",
    "{% for event in event.data.x %}x{% endfor %}",
    "{% for loop in event.data.x %}x{% endfor %}",
    "{% for a in event.data.x %}{{ loop.cycle }}{{ loop.changed }}{% endfor %}",
    "{% for a in event.data.x %}{% endfor %}{{ a }}",
    "{{ event.data.x | default(**customer) }}",
    "{{ event.data.x | default(default_value='x') }}",
    "{{ event.data.x | default('a' | upper) }}",
    "{{ customer is mapping }}{{ event.data.x is divisibleby 0 }}",
    "{{ {'a': 1} }}",
    "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "{{ " + "not " * 5_000 + "1 }}",
    "{{ 1" + " + 1" * 5_000 + " }}",
    "{{ event" + ".a" * 5_000 + " }}",
    "{% if 1 %}" * 200 + "{% endif %}" * 200,
    "{{ " + "9" * 10_000 + " }}",
    "x" * (LONGEST_SOURCE + 1),
    "{{ unclosed",
    "{% if event.data.x %}",
    "{% unknown %}",
    "{{ }}",
]


@pytest.mark.parametrize("source", ATTACKS, ids=range(len(ATTACKS)))
def test_what_is_not_on_the_list_never_compiles(source: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        parsed(source)

    assert all(objection.line >= 1 for objection in caught.value.objections)


EACH_ALONE = [
    ("{{ 'a' * 2 }}", "* is not allowed in a text"),
    ("{{ x.y }}", "there is no 'x' in a text"),
    ("{{ event.data.x | safe }}", "there is no filter 'safe'"),
    ("{{ customer is mapping }}", "'is mapping' is not allowed in a text"),
    ("{{ event.data.f() }}", "calling something is not allowed in a text"),
    ("{% set x = 1 %}", "set is not allowed in a text"),
    ("{{ event.data[0] }}", "[...] is not allowed in a text"),
    ("{% for a in links %}x{% endfor %}", "a loop goes over a list of the event or the customer"),
]


@pytest.mark.parametrize(("source", "reason"), EACH_ALONE)
def test_the_objection_says_what_is_not_allowed_and_where(source: str, reason: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        parsed(f"first line\n{source}")

    [objection] = caught.value.objections
    assert (objection.line, objection.reason) == (2, reason)


def test_every_objection_is_told_at_once() -> None:
    with pytest.raises(NotAllowed) as caught:
        parsed("{{ a }}\n{{ 1 * 2 }}\n{{ event.data.x | safe }}")

    assert sorted(objection.line for objection in caught.value.objections) == [1, 2, 3]


WELCOME = [
    "plain {# a note #} {% raw %}{{ kept }}{% endraw %}",
    "{% if event.data.a == 1 and not customer.b or count.value > 3 %}x{% elif now %}y{% endif %}",
    "{% for a in customer.lines %}{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{{ event.data.x | default(customer.name) | upper }}",
    "{{ 'a' if event.data.x is defined else -1 + 2 - 3 }}",
]


@pytest.mark.parametrize("source", WELCOME)
def test_what_texts_need_is_welcome(source: str) -> None:
    assert parsed(source).body


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "event", ".data", "|", "money", "(", ")", "for", "in", "if", "endif",
     "endfor", "a", "*", "'", "\n", " ", "1", "[", "]", "not", "is", "defined", "else", "-", "~"]
)  # fmt: skip


# a busy machine needs longer for one now and then: what it says does not depend on it
@settings(deadline=None)
@given(st.lists(PIECES).map(" ".join) | st.text())
def test_any_text_at_all_is_allowed_or_refused_and_if_allowed_compiles(source: str) -> None:
    for environment in (TEXT, HTML):
        try:
            tree = parsed(source, environment)
        except NotAllowed:
            continue
        environment.from_string(tree)
