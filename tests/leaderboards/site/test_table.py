import csv
import json
import re
from pathlib import Path
from urllib.parse import unquote

from leaderboards.site.names import slug
from tests.browser import Browser


def test_the_table_sorts_filters_and_remembers_in_the_address(browser: Browser, site: Path):
    browser.open(site / "index.html")
    models = "[data-k='1'] tbody th.name"
    assert browser.texts(models)[0] == "hf:org/large-33b"
    browser.click("[data-k='1'] th[data-key='humaneval'] button")
    browser.click("[data-k='1'] th[data-key='humaneval'] button")
    assert browser.run("document.querySelector('th[data-key=humaneval]').getAttribute('aria-sort')") == "ascending"
    values = [float(text.split()[0]) for text in browser.texts("[data-k='1'] tbody tr td:nth-child(4) .score")]
    assert values == sorted(values)
    browser.run("document.getElementById('find').value = 'LARGE'")
    browser.run("document.getElementById('find').dispatchEvent(new Event('input'))")
    assert browser.texts(models) == ["hf:org/large-33b"]
    address = browser.run("location.hash")
    assert "sort=humaneval" in address
    assert "find=LARGE" in address
    browser.open(site / "index.html", address[1:] + "&k=10")
    assert browser.texts(models) == []
    assert browser.texts("[data-k='10'] tbody th.name") == ["hf:org/large-33b"]
    assert browser.complaints() == []


def test_cards_fill_columns_that_filter_and_can_be_hidden(browser: Browser, carded: Path):
    browser.open(carded / "index.html", "weights=open")
    models = "[data-k='1'] tbody tr:not([hidden]) th.name"
    assert browser.texts(models) == ["hf:org/small-1.3b"]
    browser.open(carded / "index.html", "size=1.3")
    assert browser.texts(models) == ["hf:org/small-1.3b"]
    browser.open(carded / "index.html", "hide=weights,size")
    assert browser.run("document.querySelector('[data-k=\"1\"] th[data-key=weights]').hidden")
    assert not browser.run("document.querySelector('[data-k=\"1\"] th[data-key=humaneval]').hidden")
    browser.run("document.getElementById('columns').open = true")
    browser.click("#columns input:not(:checked)")
    assert "hide=" in browser.run("location.hash")
    assert len(browser.texts("#columns label")) >= 4
    assert browser.complaints() == []


def test_tables_for_programs_stand_beside_the_page(browser: Browser, carded: Path):
    rows = list(csv.DictReader((carded / "table.csv").open()))
    assert {row["model"] for row in rows} >= {"hf:org/large-33b", "alone"}
    assert json.loads((carded / "table.json").read_text())["entries"]
    browser.open(carded / "index.html")
    assert any("by wavebench" in text for text in browser.texts("footer p"))
    assert browser.run("document.querySelector('footer a').href") == "https://example.org/send"


def test_a_training_unfolds_into_its_checkpoints(browser: Browser, trained: Path):
    browser.open(trained / "index.html")
    models = "[data-k='1'] tbody tr:not([hidden]) th.name > a"
    assert browser.texts(models) == ["hf:deepseek-ai/deepseek-coder-6.7b-instruct", "hf:out/run/checkpoint-300"]
    assert browser.run("document.querySelectorAll('[data-k=\"1\"] .spark polyline').length") == 1
    browser.click("[data-k='1'] button.unfold")
    assert len(browser.texts(models)) == 4
    address = browser.run("location.hash")
    assert "open=" in address
    browser.open(trained / "index.html", address[1:])
    assert len(browser.texts(models)) == 4
    browser.open(trained / "index.html", "find=checkpoint-100")
    assert browser.texts(models) == ["hf:out/run/checkpoint-100"]
    browser.open(trained / "models" / f"{slug('hf:out/run/checkpoint-200')}.html")
    assert [text.split()[0] for text in browser.texts(".steps li")] == ["100", "200", "300"]
    assert browser.complaints() == []


def test_a_measured_row_shows_what_others_published(browser: Browser, trained: Path):
    browser.open(trained / "index.html")
    (row,) = [text for text in browser.texts("[data-k='1'] tbody tr") if "deepseek-ai" in text]
    assert re.search(r"published 73\.8: [+\u2212]\d+\.\d \([+\u2212]\d+\.\d to [+\u2212]\d+\.\d\)", row)
    assert not browser.run("document.getElementById('published-table').open")


def test_every_known_fact_can_be_filtered_by(browser: Browser, carded: Path):
    models = "[data-k='1'] tbody tr:not([hidden]) th.name"
    browser.open(carded / "index.html", "licence=none")
    assert browser.texts(models) == ["hf:org/large-33b"]
    assert browser.run("document.querySelector('#filters summary').textContent") == "Filters (1)"
    browser.open(carded / "index.html", "released=2025")
    assert browser.texts(models) == ["hf:org/small-1.3b"]
    browser.run("document.getElementById('filters').open = true")
    browser.run("document.querySelector('#filters [data-key=released]').value = ''")
    browser.run("document.querySelector('#filters [data-key=released]').dispatchEvent(new Event('change'))")
    assert len(browser.texts(models)) > 1
    assert "released" not in browser.run("location.hash")
    keys = set(browser.run("[...document.querySelectorAll('#filters select')].map(each => each.dataset.key)"))
    assert keys >= {"size", "weights", "licence", "developer", "released", "style", "decoding"}
    browser.open(carded / "index.html", "licence=nobody-has-this")
    assert len(browser.texts(models)) > 1
    assert browser.complaints() == []


def test_scores_come_first_on_a_narrow_screen(browser: Browser, carded: Path):
    browser.resize(390, 900)
    hidden = "document.querySelector('[data-k=\"1\"] th[data-key=size]').hidden"
    browser.open(carded / "index.html")
    assert browser.run(hidden)
    browser.open(carded / "index.html", "extra=size")
    assert not browser.run(hidden)
    browser.resize(1280, 900)
    browser.open(carded / "index.html")
    assert not browser.run(hidden)


def test_every_table_has_its_numbers_beside_it(browser: Browser, carded: Path):
    pages = [carded / "index.html", *carded.glob("models/*.html"), *carded.glob("problems/*/index.html")]
    for page in pages:
        browser.open(page)
        for address in browser.run("[...document.querySelectorAll('.files a')].map(each => each.getAttribute('href'))"):
            file = page.parent / unquote(address)
            text = file.read_text(encoding="utf-8")
            rows = json.loads(text) if file.suffix == ".json" else list(csv.DictReader(text.splitlines()))
            assert len(rows) > 1, file
    problems = list(csv.DictReader((carded / "problems" / "humaneval" / "problems.csv").open()))
    assert [row["task_id"] for row in problems[:2]] == ["HumanEval/0", "HumanEval/1"]
    assert {row["unsound"] for row in problems} == {""}
