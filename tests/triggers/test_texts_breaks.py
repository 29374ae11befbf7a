"""Do lines stay apart where their author wrote them apart?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.test_texts import html, sms
from triggers.texts.breaks import with_breaks
from triggers.texts.whitelist import NotAllowed, parsed

NAME = "{% if customer.nickname is defined %} {{ customer.nickname }}{% endif %}"
OPEN = "{% if event.data.open %}"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        # a tag that ends a line of words
        (f"Hello{NAME}\nGoodbye", "Hello\nGoodbye"),
        (f"Hello{OPEN} you{{% endif %}}\nGoodbye", "Hello you\nGoodbye"),
        (f"Hello{OPEN} you{{% endif %}}\r\nGoodbye", "Hello you\nGoodbye"),
        (f"{{{{ brand.phone }}}}{OPEN}{{% endif %}}\nGoodbye", "*5550\nGoodbye"),
        (f"{OPEN}Hello{{% endif %}}\nGoodbye", "Hello\nGoodbye"),
        ("Hello {# of dana #}\nGoodbye", "Hello \nGoodbye"),
        (f"Hello{OPEN}\nyou{{% endif %}}", "Hello\nyou"),
        ("{% for l in event.data.lines %}{{ l.name }};{% endfor %}\nGoodbye", "one;two;\nGoodbye"),
        # a tag alone on its line is layout
        (f"Hello\n{OPEN}\nyou\n{{% endif %}}\nGoodbye", "Hello\nyou\nGoodbye"),
        (f"Hello\n  {OPEN}{OPEN}\nyou\n  {{% endif %}}{{% endif %}}\nBye", "Hello\nyou\nBye"),
        ("{% for l in event.data.lines %}\n{{ l.name }}\n{% endfor %}\nBye", "one\ntwo\nBye"),
        ("{# to whom it may concern #}\nHello", "Hello"),
        ("Hello\n{% if event.data.open\n and true %}\nyou\n{% endif %}", "Hello\nyou"),
        # whoever decides for himself is left alone
        (f"Hello{OPEN} you{{% endif -%}}\n\n Goodbye", "Hello youGoodbye"),
        (f"Hello\n{OPEN}\nyou\n{{% endif +%}}\nGoodbye", "Hello\nyou\n\nGoodbye"),
        ("{{ '{% x %}' }}\nHello", "{% x %}\nHello"),
    ],
)
def test_a_line_of_words_keeps_its_end_and_a_line_of_tags_is_none(source: str, text: str) -> None:
    assert sms(source).strip("\n") == text


def test_letters_keep_their_lines_too() -> None:
    assert html(f"<pre>Hello{OPEN} you{{% endif %}}\nGoodbye</pre>", "en") == (
        "<pre>Hello you\nGoodbye</pre>"
    )


def test_a_mistake_after_it_is_still_told_on_its_own_line() -> None:
    with pytest.raises(NotAllowed) as refused:
        parsed(f"Hello{NAME}\n\n{{{{ costumer.id }}}}")

    assert [one.line for one in refused.value.objections] == [3]


PIECES = [
    "{%",
    "%}",
    "{{",
    "}}",
    "{#",
    "#}",
    "\n",
    "\r\n",
    " ",
    "a",
    "if a",
    "endif",
    "-",
    "+",
    "'",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_nothing_but_plus_signs_is_ever_added(source: str) -> None:
    kept = iter(with_breaks(source))

    assert all(any(one == other for other in kept) for one in source)
    assert len(with_breaks(source)) - len(source) == with_breaks(source).count("+") - source.count(
        "+"
    )
