"""Did a person follow this link, or a scanner, a preview, a prefetch?

Counting one click too few makes us write once more; one too many silences a message that was
wanted. So whoever names himself a program is believed; who hides behind a browser's name, and comes
late, is taken for a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PROGRAMS = re.compile(
    # "cubot" is a maker of phones
    r"(?<!cu)bot\b|crawl|spider|slurp|preview|prefetch|scan|fetch|monitor|validator"
    # what chat programs and social networks show under a link
    r"|facebookexternalhit|facebot|meta-external|whatsapp/|telegram|slack-?img|discord|viber/"
    r"|skypeuri|pinterest/|vkshare|embedly|flipboardproxy|google-pagerenderer"
    # mail gateways, and mail programs that look ahead
    r"|barracuda|mimecast|proofpoint|fireeye|trendmicro|symantec|forcepoint|ironport|sophos"
    r"|safelinks|microsoft office|ms-office|bingpreview|googleimageproxy|yahoomailproxy"
    r"|google-safety|urlscan|virustotal|netcraft|phishtank|checkmarknetwork"
    # libraries
    r"|\bcurl/|\bwget/|python-|aiohttp|httpx/|go-http-client|okhttp/|java/|libwww|apache-http"
    r"|node-fetch|axios/|undici|guzzle|ruby|perl|headlesschrome|phantomjs|electron/|postman",
    re.IGNORECASE,
)
AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")
FETCHED_FOR = frozenset({"document", "iframe", ""})
"""What a browser says it loads when somebody has followed a link; never an image or a script."""


def is_program(method: str, headers: Mapping[str, str]) -> bool:
    """`headers` answers whatever the case of a name is."""
    agent = headers.get("user-agent", "").strip()
    return (
        method != "GET"
        or not agent
        or PROGRAMS.search(agent) is not None
        or any(word in headers.get(name, "").lower() for name in AHEAD for word in _EARLY)
        or headers.get("sec-fetch-dest", "").lower() not in FETCHED_FOR
    )


_EARLY = ("prefetch", "preview", "prerender")
