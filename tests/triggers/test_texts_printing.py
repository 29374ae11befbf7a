"""Is a printed path, parsed in one step, the very tree that Jinja's own parser makes of it?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from triggers.texts.environment import TEXT
from triggers.texts.printing import PATH

JINJA = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
PRINTED = [
    "{{ brand.name }}",
    "{{brand.phone|phone}}",
    "{{ \tevent.data.total  |  money|upper\t }}",
    "one\n{{ links.cart }}\n\ntwo {{ now }}\n",
    "{% if customer.vip %}\n{{ customer.name | trim }}\n{% endif %}{{ count }}",
    "{% for one in event.data.list %}{{ one.name }}, {{ loop.index }}{% endfor %}",
    "{{ a.not.true | none }}{{ nothing }}{{ _x1 }}",
]
LEFT_TO_JINJA = [
    "{{ not }}{{ a }}",
    "{{ not.a }}",
    "{{ true }}{{ None | upper }}{{ false.a }}",
    "{{- a.b -}} {{+ a }}",
    "{{ -a.b | upper }}",
    "{{ a.b | default('{{ c }}') }}",
    "{{ a\n.b }}{{ c }}",
    "{{ a.b\n}}{{\nc }}",
    "{{ a² }}",
    "{{ a.0 }}{{ a . b }}{{ a.b(1) }}{{ a | b.c }}{{ a, b }}{{ é }}",
    "{{ '{{ a }}' }}",
    "{# {{ a }} #}{% raw %}{{ a }}{% endraw %}",
    "{{ {{ a.b | upper }} }}",
    "{% if {{ a }} %}x{% endif %}",
    "{{ ({{ a }}) }}",
    "{% for {{ a }} in b %}x{% endfor %}",
    "{{ a }",
    "{{ a. }}{{ a | }}",
    "{{ }}{{",
    "{{ a b }}",
]
WORDS = st.sampled_from(
    ["{{", "}}", "{{-", "-}}", "{%", "%}", "{#", "#}", " ", "\t", "\n", "\r\n", "\xa0", "a", "_b1",
     "not", "true", "None", "if", "in", "is", ".", "|", "| f", ".a", "0", "(", ")", "{", "}", ",",
     "-", ":", "'x'", "é", "{% if a %}", "{% endif %}", "a.b | c", "{{ a }}"]
)  # fmt: skip


def tree(node: Any) -> Any:
    """All that a node holds, with its lines."""
    if isinstance(node, nodes.Node):
        held = [tree(getattr(node, name, None)) for name in node.fields]
        return type(node).__name__, node.lineno, held
    return [tree(one) for one in node] if isinstance(node, list | tuple) else node


def read(source: str) -> Any:
    return _told(lambda: TEXT.parse(source))


def read_by_jinja(source: str) -> Any:
    return _told(lambda: nodes.Template(Parser(JINJA, source).subparse(), lineno=1))


def _told(parse: Any) -> Any:
    try:
        return tree(parse())
    except TemplateSyntaxError as error:
        return error.message, error.lineno


@pytest.mark.parametrize("source", [*PRINTED, *LEFT_TO_JINJA])
def test_a_text_is_the_tree_or_the_error_that_jinja_makes_of_it(source: str) -> None:
    assert read(source) == read_by_jinja(source)


@given(st.lists(WORDS, max_size=9).map("".join), st.booleans())
def test_any_text_is_the_tree_or_the_error_that_jinja_makes_of_it(text: str, inside: bool) -> None:
    source = f"x\n{{{{{text}}}}}" if inside else text
    assert read(source) == read_by_jinja(source)


@pytest.mark.parametrize("source", PRINTED)
def test_a_printed_path_is_one_token(source: str) -> None:
    tokens = [kind for _, kind, _ in TEXT.lex(source)]
    assert tokens.count(PATH) == source.count("{{")


def test_other_environments_of_jinja_keep_their_own_lexer() -> None:
    assert TEXT.lexer is not JINJA.lexer
    assert PATH not in {kind for _, kind, _ in JINJA.lex("{{ brand.name }}")}
