"""What does somebody read who has a customer's page before him?"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

from tests.worker.http.console.lives import DANA
from tests.worker.http.console.visiting import Visitor

HOME = "/console/customers"


def look(visitor: Visitor, id_: str = DANA, **asked: str) -> str:
    answer = visitor.get(f"{HOME}?{urlencode({'id': id_, **asked})}")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def told(page: str) -> list[str]:
    """What the story holds, the newest first, each as its words alone."""
    story = page.partition('<ol class="story">')[2].partition("</ol>")[0]
    parts = re.split(r'<li class="', story)[1:]
    return [" ".join(re.sub(r"<[^>]+>", " ", part.partition(">")[2]).split()) for part in parts]


def one(page: str, words: str) -> str:
    [found] = [each for each in told(page) if words in each]
    return found


def test_the_story_is_told_newest_first_each_with_both_clocks(viewer: Visitor) -> None:
    page = look(viewer)
    moments = re.findall(r'<div class="when"><time datetime="([^"]+)"', page)

    assert moments == sorted(moments, reverse=True)
    assert len(moments) == len(told(page)) > 15
    assert page.count("customer's: ") > len(moments)
    assert "America/New_York" in page
