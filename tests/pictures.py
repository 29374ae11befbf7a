"""What do the console's pages look like? `make pictures` takes docs/pictures anew, of demo data."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.servers import free_port

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 400, "height": 860}
PAGES = {
    "sign-in": "/console/sign-in",
    "today": "/console",
    "triggers": "/console/triggers",
    "trigger": "/console/triggers/abandoned_checkout",
    "customer": "/console/customers?id={customer}",
    "message": "/console/messages?message=abandoned_checkout",
    "queue": "/console/queue",
    "duty": "/console/duty",
    "report": "/console/report",
    "record": "/console/record",
    "users": "/console/users",
}
HEBREW = ("today", "customer", "queue")
ON_A_PHONE = ("today", "customer", "queue")
DARK = ("duty",)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "worker.cli.main", *words]


@contextmanager
def demo(folder: Path, password: str) -> Iterator[str]:
    """The address of a house with an invented month in it."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "OUTREACH_DATABASE_URL": f"sqlite:///{folder / 'month.db'}",
        "OUTREACH_CONSOLE_PASSWORD": password,
    }
    subprocess.run(command("demo"), cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    port = free_port()
    with (folder / "run.log").open("w") as log:
        process = subprocess.Popen(
            command("run", "--port", str(port)), cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} was not ready in {seconds:g} s")


def take(page: Page, url: str, password: str) -> None:
    """Every page once in English, some in Hebrew, on a phone and in the dark."""
    shot(page, "sign-in", url, {})
    page.fill("[name=name]", "admin")
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.goto(f"{url}/console/queue?language=en")
    told = page.locator("main a[href*='/console/queue/']").first.get_attribute("href")
    page.goto(f"{url}{told}")
    story = page.locator("main a[href*='/console/customers?id=']").first.get_attribute("href") or ""
    facts = {"customer": story.partition("id=")[2].partition("&")[0]}
    for name in PAGES:
        if name != "sign-in":
            shot(page, name, url, facts)
    for name in HEBREW:
        shot(page, name, url, facts, language="he")
    for name in DARK:
        shot(page, name, url, facts, look="dark")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    for name in ON_A_PHONE:
        shot(page, name, url, facts, kind="-phone")


def shot(
    page: Page,
    name: str,
    url: str,
    facts: Mapping[str, str],
    *,
    language: str = "en",
    look: str = "light",
    kind: str = "",
) -> None:
    where = PAGES[name].format(**facts)
    join = "&" if "?" in where else "?"
    page.goto(f"{url}{where}{join}language={language}&look={look}")
    which = ("-he" if language == "he" else "") + ("-dark" if look == "dark" else "")
    page.screenshot(path=FOLDER / f"{name}{which}{kind}.png")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    password = secrets.token_urlsafe(12)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo(Path(folder), password) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": DESK["width"], "height": DESK["height"]})
        take(page, url, password)
        browser.close()


if __name__ == "__main__":
    main()
