"""The report in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser, open_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def test_problems_are_found_filtered_and_remembered_in_the_address(browser: Browser, undisturbed: Path):
    page = undisturbed / "report.html"
    browser.open(page)
    assert len(browser.texts(".problem")) == 4
    browser.run("document.getElementById('find').value = 'own/3'")
    browser.run("document.getElementById('find').dispatchEvent(new Event('input'))")
    assert len(browser.texts(".problem")) == 1
    browser.click(".problem:not([hidden]) summary")
    browser.wait("location.hash.includes('open=own%2F3')")
    browser.click(".filters input[value=passed]")
    address = browser.run("location.hash")
    assert "find=own%2F3" in address
    assert "hide=passed" in address
    browser.open(page, address[1:])
    assert not browser.run("document.querySelector('.filters input[value=passed]').checked")
    assert browser.run("document.getElementById('find').value") == "own/3"
    assert browser.complaints() == []


def test_verdicts_carry_letters_and_code_is_coloured_when_it_is_opened(browser: Browser, undisturbed: Path):
    browser.open(undisturbed / "report.html")
    letters = set(browser.run("[...document.querySelectorAll('.sample .v')].map(each => each.textContent)"))
    assert {"P", "W"} <= letters
    assert not browser.run("document.querySelector('.problem .hljs-keyword')")
    browser.click(".problem summary")
    browser.wait("document.querySelector('.problem .hljs-keyword')")
    text = "document.querySelector('.problem pre').textContent"
    assert browser.run(text).startswith("def ")
    assert browser.complaints() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_puts_up_no_barriers_and_fits_the_screen(browser: Browser, undisturbed: Path, scheme: str):
    browser.prefer(scheme)
    browser.resize(390, 900)
    browser.open(undisturbed / "report.html", "open=own%2F0")
    assert browser.run("document.documentElement.scrollWidth") <= 390
    assert browser.barriers() == []
    browser.resize(1280, 900)
    browser.prefer("")


def test_light_and_dark_can_be_chosen(browser: Browser, undisturbed: Path):
    browser.open(undisturbed / "report.html")
    colours: dict[str, str] = {}
    for _ in range(3):
        browser.click("#theme")
        colours[browser.texts("#theme")[0]] = browser.run("getComputedStyle(document.body).backgroundColor")
    assert colours["Theme: light"] != colours["Theme: dark"]
