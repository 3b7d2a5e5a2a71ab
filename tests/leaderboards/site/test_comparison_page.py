import re
from pathlib import Path

import pytest

from leaderboards.compare.comparison import compare_runs
from leaderboards.runs.record import read_record
from leaderboards.site.names import slug
from tests.browser import Browser


def test_a_comparison_begins_with_two_models_of_one_task(browser: Browser, carded: Path):
    browser.open(carded / "compare.html")
    text = browser.wait("document.getElementById('conclusion')?.textContent")
    assert re.match(r"(The (first|second) is better by \d|No difference is shown: .\d)", text)
    browser.run("document.getElementById('b').value = 'alone'")
    browser.run("document.getElementById('b').dispatchEvent(new Event('change'))")
    browser.wait("document.querySelector('#result .remark')")
    assert all(browser.run("[...document.getElementById('task').options].map(each => each.disabled)"))


def test_two_models_compare_as_the_command_does(browser: Browser, site: Path, several_runs: Path):
    first, second = "hf:org/small-1.3b", "hf:org/large-33b"
    browser.open(site / "compare.html", f"a={slug(first)}&b={slug(second)}&task=humaneval")
    text = browser.wait("document.getElementById('conclusion')?.textContent")
    result = compare_runs(
        read_record(several_runs / "model-1" / "humaneval"), read_record(several_runs / "model-0" / "humaneval")
    )
    said = re.search(r"The second is better by ([\d.]+) points", text)
    assert said
    assert float(said[1]) == pytest.approx(100 * result.paired.difference.value, abs=0.051)
    assert len(browser.texts("#pairs .cell.won")) == len(result.won)
    assert len(browser.texts("#pairs .cell.lost")) == len(result.lost)
    detectable = f"a true one of {100 * result.paired.detectable:.1f} points"
    assert detectable in browser.run("document.getElementById('result').textContent")
    browser.click("#pairs .cell.won")
    browser.wait("document.querySelectorAll('#viewer .pane').length === 2")
    assert browser.texts("#viewer .pane > h3") == [first, second]
    assert "passed" in browser.texts("#viewer .verdict")[1]
    assert browser.complaints() == []


def test_a_comparison_tells_both_answers_apart_line_by_line(browser: Browser, site: Path):
    browser.open(site / "compare.html")
    lines = browser.run("samples.differences('a\\nb\\nc\\n', 'a\\nx\\nc\\nd')")
    assert lines == [[" ", "a"], ["-", "b"], ["+", "x"], [" ", "c"], ["+", "d"]]
    assert browser.run("samples.differences('same', 'same')") == [[" ", "same"]]
