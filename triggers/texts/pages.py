"""How does a piece of HTML become a whole page that reads in its own direction?"""

from __future__ import annotations

import re

from triggers.texts.languages import is_rtl

WHOLE = re.compile(r"<html[\s>]", re.IGNORECASE)

PAGE = (
    '<!DOCTYPE html>\n<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"></head>'
    '<body dir="{direction}"><table role="presentation" dir="{direction}" width="100%">'
    '<tr><td dir="{direction}" style="text-align:{side}">\n{body}\n</td></tr></table></body></html>'
)
"""Mail programs drop html and body: the direction is said again on the table and its cell."""


def page(body: str, language: str) -> str:
    """A body with an <html> of its own stays as it is."""
    if WHOLE.search(body):
        return body
    rtl = is_rtl(language)
    return PAGE.format(
        language=language,
        direction="rtl" if rtl else "ltr",
        side="right" if rtl else "left",
        body=body.strip(),
    )
