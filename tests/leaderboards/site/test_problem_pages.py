from pathlib import Path

from leaderboards.site.names import slug
from tests.browser import Browser


def test_a_problem_shows_what_every_model_answered(browser: Browser, site: Path):
    browser.open(site / "problems" / "humaneval" / f"{slug('HumanEval/0')}.html")
    assert len(browser.texts(".answers tbody tr")) == 4
    browser.wait("document.querySelectorAll('.strip .v').length === 34")
    browser.click(".strip .v")
    browser.wait("document.querySelector('#viewer .pane')")
    assert "has_close_elements" in browser.texts("#viewer pre")[0]
    assert browser.complaints() == []


def test_a_problem_shows_prompt_reference_and_tests(browser: Browser, site: Path):
    browser.open(site / "problems" / "humaneval" / f"{slug('HumanEval/3')}.html")
    browser.wait("document.querySelectorAll('#description pre').length === 3")
    prompt, reference, tests = browser.run("[...document.querySelectorAll('#description pre')].map(e => e.textContent)")
    assert "below_zero" in prompt
    assert "return False" in reference
    assert "check" in tests
    assert "models solve it" in browser.run("document.querySelector('main').textContent")
    assert browser.complaints() == []


def test_problems_are_listed_from_hard_to_easy(browser: Browser, site: Path):
    browser.open(site / "problems" / "humaneval" / "index.html", "sort=rate&order=asc")
    rates = [float(text.split()[0]) for text in browser.texts("#problems td:nth-child(2)")]
    assert rates == sorted(rates)
    assert len(rates) == 40
    browser.run("document.getElementById('mark').value = 'hard'")
    browser.run("document.getElementById('mark').dispatchEvent(new Event('change'))")
    assert all(float(text.split()[0]) == 0 for text in browser.texts("#problems td:nth-child(2)"))
    assert "mark=hard" in browser.run("location.hash")
    assert browser.complaints() == []
