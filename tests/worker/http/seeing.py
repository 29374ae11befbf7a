"""Does a page of ours fit a window, and can everybody read it? Asked in a real browser."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = {"phone": (360, 740), "desk": (1280, 900)}
AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # of rules that hold, a page's every element would be told one by one
    "resultTypes": ["violations"],
}

EDGES = """all => all.map(one => {
  const box = one.getBoundingClientRect();
  return [box.left, box.right];
})"""


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG A and AA: it needs a page in which scripts may run."""
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(viewport=page.viewport_size, bypass_csp=True) as context:
        scripted = context.new_page()
        scripted.set_content(page.content())
        found = Axe().run(scripted, options=AA).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def fits(page: Page) -> bool:
    """Nothing stands outside the window's width."""
    size = page.viewport_size
    assert size is not None
    edges = page.locator("body *:visible").evaluate_all(EDGES)
    return bool(edges) and all(left >= 0 and right <= size["width"] for left, right in edges)
