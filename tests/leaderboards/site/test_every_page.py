import re
from pathlib import Path

import pytest

from leaderboards.site.names import slug
from tests.browser import Browser
from tests.leaderboards.site.made_site import model_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_puts_up_barriers(browser: Browser, site: Path, trained: Path, scheme: str):
    browser.prefer(scheme)
    opened = {
        trained / "index.html": "",
        trained / "plots.html": "",
        model_page(site, "hf:org/small-1.3b"): ".cell.zero",
        site / "problems" / "humaneval" / "index.html": "",
        site / "problems" / "humaneval" / f"{slug('HumanEval/3')}.html": "",
        site / "compare.html": ".cell.lost",
    }
    for page, click in opened.items():
        browser.open(page)
        if click:
            browser.wait(f"document.querySelector('{click}')")
            browser.click(click)
            browser.wait("document.querySelector('#viewer .pane')")
        assert browser.barriers() == [], page
    browser.prefer("")


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_the_screen(browser: Browser, site: Path, width: int):
    browser.resize(width, 900)
    for page in (
        site / "index.html",
        site / "compare.html",
        site / "plots.html",
        site / "problems" / "humaneval" / "index.html",
        model_page(site, "hf:org/large-33b"),
        next((site / "problems").rglob("*.html")),
    ):
        browser.open(page)
        assert browser.run("document.documentElement.scrollWidth") <= width, page
    browser.resize(1280, 900)


def test_dark_and_light_can_be_chosen(browser: Browser, site: Path):
    browser.open(site / "index.html")
    colours: dict[str, str] = {}
    for _ in range(3):
        browser.click("#theme")
        colours[browser.texts("#theme")[0]] = browser.run("getComputedStyle(document.body).backgroundColor")
    assert set(colours) == {"Theme: auto", "Theme: light", "Theme: dark"}
    assert colours["Theme: light"] != colours["Theme: dark"]


def test_no_page_asks_another_machine(browser: Browser, site: Path):
    browser.requests()
    for page in site.rglob("*.html"):
        if page.parent.name != "humaneval" or page.stem.startswith(slug("HumanEval/1")[:12]):
            browser.open(page)
    asked = {address for address in browser.requests() if not address.startswith(("file:", "data:", "about:"))}
    assert asked == set()
    for file in [*site.rglob("*.html"), *(site / "static").glob("*.css")]:
        text = file.read_text(encoding="utf-8")
        assert not re.findall(r"(?:src|href)=\"(?:https?:)?//|url\(\s*['\"]?https?:|@import", text), file
