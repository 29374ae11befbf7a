"""What stands in a text where a link is, and is there room for it?"""

from __future__ import annotations

import pytest

from tests.triggers.configurations import bank
from triggers.configuration import ConfigurationRefused, read_configuration
from triggers.texts.links import Links

POLICY = """\
languages: [en, he]
categories: {service: {}, marketing: {}}
segments: {senior: customer.age >= 70}
agents: {retention: {}}
sms: {max_segments: 1}
links:
  plan: https://bank.example/plans
  go: {url: https://b.example, track: false}
"""


def segments(text: str) -> str:
    """What is said of the length of such an SMS."""
    files = {"config/outreach.yaml": POLICY, "templates/hello/sms.en.txt": text}
    try:
        read_configuration(bank(files))
    except ConfigurationRefused as refused:
        found = [one.message for one in refused.mistakes if "segments" in one.message]
        return found[0].partition(" with")[0] if found else ""
    return ""


@pytest.mark.parametrize(
    ("link", "longest"),
    [
        pytest.param("plan", 39, id="tracked: as a short link of ours, which is longer"),
        pytest.param("go", 17, id="not tracked: as it is written"),
    ],
)
def test_an_sms_is_measured_with_the_longer_of_a_link_and_what_leaves_for_it(
    link: str, longest: int
) -> None:
    fits = "a" * (160 - 1 - longest) + f" {{{{ links.{link} }}}}"

    assert segments(fits) == ""
    assert segments(f"a{fits}") == "takes 2 segments"


def test_only_what_a_text_reads_is_shortened_and_never_what_is_given() -> None:
    shortened: list[tuple[str, str]] = []

    def shorten(name: str, url: str) -> str:
        shortened.append((name, url))
        return f"short/{name}"

    written = {"plan": "https://bank.example/{customer.id}", "site": "https://bank.example"}
    links = Links(written, {"unsubscribe": "out"}, {"customer": {"id": "c 1"}}, shorten)

    assert (links["plan"], links["unsubscribe"]) == ("short/plan", "out")
    assert shortened == [("plan", "https://bank.example/c%201")]
