import json
from pathlib import Path

import pytest

from leaderboards.site.names import block_of
from leaderboards.site.samples import LONGEST_TEXT
from tests.browser import Browser
from tests.leaderboards.site.made_site import HOSTILE, model_page


def test_a_model_page_says_what_its_card_says(browser: Browser, carded: Path):
    browser.open(model_page(carded, "hf:org/small-1.3b"))
    assert browser.texts("dl.card dd") == ["open", "<b>org</b>", "2025-01-02"]
    browser.open(model_page(carded, "hf:org/large-33b"))
    assert browser.run("document.querySelector('dl.card a').href") == "https://example.org/large"


def test_a_sample_opens_by_mouse_by_keys_and_by_address(browser: Browser, site: Path):
    page = model_page(site, "hf:org/small-1.3b")
    browser.open(page)
    browser.wait("document.querySelectorAll('[data-column=humaneval] .cell').length === 40")
    browser.click("[data-column=humaneval] .cell:nth-child(4)")
    browser.wait("document.querySelector('#viewer .pane')")
    assert browser.texts("#viewer-title") == ["HumanEval/3, humaneval"]
    headings = browser.texts("#viewer .pane h4")
    assert headings[:3] == ["Prompt", "Answer", "Code, found by the rule “continuation”"]
    assert "below_zero" in browser.texts("#viewer pre")[0]
    browser.wait("document.querySelector('#viewer pre .hljs-keyword')")
    pressed = "new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true})"
    browser.run(f"document.getElementById('viewer-body').dispatchEvent({pressed})")
    browser.wait("location.hash.includes('sample=1')")
    address = browser.run("location.hash")
    browser.open(page, address[1:])
    browser.wait("document.querySelector('#viewer .pane')")
    assert "sample 1" in browser.texts("#viewer .facts")[0]
    browser.click("#viewer [data-close]")
    browser.wait("location.hash === ''")
    assert browser.complaints() == []


def test_verdicts_filter_problems_and_samples(browser: Browser, site: Path):
    browser.open(model_page(site, "hf:org/large-33b"), "verdict=W")
    browser.wait("document.querySelectorAll('[data-column=humaneval] .cell').length === 40")
    shown = browser.run("[...document.querySelectorAll('.cell:not(.dim)')].map(each => each.dataset.letters)")
    dimmed = browser.run("[...document.querySelectorAll('.cell.dim')].map(each => each.dataset.letters)")
    assert shown
    assert dimmed
    assert all("W" in letters for letters in shown)
    assert not any("W" in letters for letters in dimmed)
    browser.click(".cell:not(.dim)")
    browser.wait("document.querySelector('#viewer .pane')")
    assert browser.texts("#viewer .verdict") == ["wrong"]
    assert browser.complaints() == []


def test_a_failed_sample_shows_its_program_and_the_line_that_failed(browser: Browser, site: Path):
    browser.open(model_page(site, "hf:org/small-1.3b"), "verdict=W")
    browser.click(".cell:not(.dim)")
    browser.wait("document.querySelector('#viewer .program .mark.failed')")
    assert "Failed at line" in browser.texts("#viewer .failure dt")
    text = browser.run("document.querySelector('#viewer .program .lines pre').textContent")
    assert "def check(candidate)" in text
    gutter = browser.run("document.querySelector('#viewer .program .gutter').textContent").split("\n")
    assert len(gutter) == len(text.split("\n"))
    assert [line for line in gutter if "▶" in line] == ["▶  12"]
    tops = "const [mark, pre] = ['.mark.failed', 'pre'].map(each => document.querySelector(`#viewer .lines ${each}`))"
    style = "const style = getComputedStyle(pre)"
    row = "mark.getBoundingClientRect().top - pre.getBoundingClientRect().top - parseFloat(style.paddingTop)"
    place = browser.driver.execute_script(f"{tops}; {style}; return ({row}) / parseFloat(style.lineHeight)")
    assert place == pytest.approx(11, abs=0.2)
    assert browser.complaints() == []


def test_hostile_answers_do_no_harm(browser: Browser, site: Path):
    page = model_page(site, "hostile </script><b>&")
    for sample in range(4):
        browser.open(page, f"task=humaneval&problem=HumanEval%2F0&run=0&sample={sample}")
        browser.wait("document.querySelector('#viewer .pane')")
        browser.wait("document.querySelector('#viewer pre')")
        assert browser.run("window.harmed ?? 'unharmed'") == "unharmed"
        text = "\n".join(browser.texts("#viewer pre"))
        if sample < 2:
            assert HOSTILE[sample] in text
        if sample == 2:
            assert "⟦U+202E⟧turned around⟦U+202C⟧ ⟦U+200B⟧hidden ⟦U+001B⟧[31mred ⟦U+2028⟧" in text
    assert f"{1_000_006 - LONGEST_TEXT:,} more characters stand in the run folder." in browser.run(
        "document.body.textContent"
    )
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    assert browser.complaints() == []


def test_the_page_and_the_builder_name_blocks_alike(browser: Browser, site: Path):
    browser.open(model_page(site, "hf:org/large-33b"))
    for task_id in ("HumanEval/0", "HumanEval/163", "Go/12", "a b/é7", "odd", "x1y"):
        assert block_of(task_id)
    source = (site / "static" / "samples.js").read_text(encoding="utf-8")
    assert source.count("function blockOf(taskId)") == 1
    body = source[source.index("  const NUMBERED") : source.index(";\n", source.index("  const NUMBERED")) + 1]
    function = source[source.index("  function blockOf") : source.index("  const letterClass")]
    for task_id in ("HumanEval/0", "HumanEval/163", "Go/12", "a b/é7", "odd", "x1y", "9"):
        assert browser.run(f"(() => {{ {body} {function} return blockOf({json.dumps(task_id)}); }})()") == block_of(
            task_id
        )
