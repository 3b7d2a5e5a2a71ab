import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from leaderboards.compare.comparison import compare_runs
from leaderboards.runs.leaderboard import make_leaderboard
from leaderboards.runs.model_cards import ModelCard, Weights
from leaderboards.runs.record import find_runs, read_record
from leaderboards.runs.trainings import checkpoint_of
from leaderboards.site.build import SiteError, build_site
from leaderboards.site.drawing import canvas, labels
from leaderboards.site.names import block_of, slug
from leaderboards.site.plots import size_in_billions
from leaderboards.site.samples import LONGEST_TEXT
from tasks.verdict import Verdict
from tests.browser import Browser, open_browser
from tests.leaderboards.made_runs import MadeRun, write_run

HOSTILE = [
    "</script><script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 2'>",
    "\u202eturned around\u202c \u200bhidden \x1b[31mred \u2028 line",
    "x = '" + "a" * 1_000_000 + "'",
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, several_runs: Path) -> Path:
    """Three models, and one whose answers attack the page."""
    folder = tmp_path_factory.mktemp("with-hostile")
    (folder / "others").symlink_to(several_runs)
    made = MadeRun(
        "hostile </script><b>&",
        samples=4,
        temperature=0.8,
        limit=3,
        answer=lambda task_id, sample: HOSTILE[sample],  # noqa: ARG005
        verdict=lambda task_id, sample: [Verdict.WRONG, Verdict.FORGED, Verdict.NO_CODE, Verdict.NOT_JUDGED][sample],  # noqa: ARG005
    )
    write_run(folder / "hostile", made)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, runs: Path, several_runs: Path) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    folders = [*find_runs([several_runs]), runs / "hostile"]
    build_site(make_leaderboard([read_record(path) for path in folders]), out, title="Board & <more>", workers=1)
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def model_page(site: Path, name: str) -> Path:
    return site / "models" / f"{slug(name)}.html"


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


CARDS = {
    "org/large-33b": ModelCard(
        parameters_b=33, weights=Weights.CLOSED, licence="none", link="https://example.org/large"
    ),
    "hf:org/small-1.3b": ModelCard(weights=Weights.OPEN, developer="<b>org</b>", released=date(2025, 1, 2)),
}


@pytest.fixture(scope="module")
def carded(tmp_path_factory: pytest.TempPathFactory, several_runs: Path) -> Path:
    """A site with model cards, where the first two models share no task."""
    folder = tmp_path_factory.mktemp("carded")
    write_run(folder / "other", MadeRun("alone", "elsewhere", task_ids=["Else/1", "Else/2"], skill=1.0))
    board = make_leaderboard([read_record(path) for path in (*find_runs([several_runs]), folder / "other")])
    build_site(board, folder / "site", title="Cards", workers=1, cards=CARDS, contact="https://example.org/send")
    return folder / "site"


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


def test_a_model_page_says_what_its_card_says(browser: Browser, carded: Path):
    browser.open(model_page(carded, "hf:org/small-1.3b"))
    assert browser.texts("dl.card dd") == ["open", "<b>org</b>", "2025-01-02"]
    browser.open(model_page(carded, "hf:org/large-33b"))
    assert browser.run("document.querySelector('dl.card a').href") == "https://example.org/large"


def test_tables_for_programs_stand_beside_the_page(browser: Browser, carded: Path):
    rows = list(csv.DictReader((carded / "table.csv").open()))
    assert {row["model"] for row in rows} >= {"hf:org/large-33b", "alone"}
    assert json.loads((carded / "table.json").read_text())["entries"]
    browser.open(carded / "index.html")
    assert any("by wavebench" in text for text in browser.texts("footer p"))
    assert browser.run("document.querySelector('footer a').href") == "https://example.org/send"


def test_a_comparison_begins_with_two_models_of_one_task(browser: Browser, carded: Path):
    browser.open(carded / "compare.html")
    text = browser.wait("document.getElementById('conclusion')?.textContent")
    assert re.match(r"(The (first|second) is better by \d|No difference is shown: .\d)", text)
    browser.run("document.getElementById('b').value = 'alone'")
    browser.run("document.getElementById('b').dispatchEvent(new Event('change'))")
    browser.wait("document.querySelector('#result .remark')")
    assert all(browser.run("[...document.getElementById('task').options].map(each => each.disabled)"))


def test_labels_keep_what_tells_long_names_apart():
    names = [f"deepseek-coder-6.7b-base-codeocean-{kind}-full-finetune-lr2e-5" for kind in ("raw", "selected", "all")]
    assert len(set(labels(names))) == 3
    for kind, label in zip(("raw", "selected", "all"), labels(names), strict=True):
        assert kind[:8] in label
        assert len(label) <= 34
    steps = [f"out/a-very-long-name-of-a-training-run-indeed/checkpoint-{step}" for step in (100, 200, 1000)]
    assert len(set(labels(steps))) == 3
    assert labels(["short", "also short"]) == ["short", "also short"]


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


def test_a_problem_shows_what_every_model_answered(browser: Browser, site: Path):
    browser.open(site / "problems" / "humaneval" / f"{slug('HumanEval/0')}.html")
    assert len(browser.texts(".answers tbody tr")) == 4
    browser.wait("document.querySelectorAll('.strip .v').length === 34")
    browser.click(".strip .v")
    browser.wait("document.querySelector('#viewer .pane')")
    assert "has_close_elements" in browser.texts("#viewer pre")[0]
    assert browser.complaints() == []


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


@pytest.mark.parametrize(("gained", "lost"), [(10, 2), (5, 0), (0, 0), (40, 61), (600, 500)])
def test_mid_p_of_the_page_is_that_of_the_harness(browser: Browser, site: Path, gained: int, lost: int):
    from harness.statistics.mcnemar import mid_p

    browser.open(site / "compare.html")
    assert browser.run(f"paired.midP({gained}, {lost})") == pytest.approx(mid_p(gained, lost), rel=1e-9)


def test_sign_flips_of_the_page_are_those_of_the_harness(browser: Browser, site: Path):
    import numpy as np

    from harness.statistics.sign_flip import sign_flip_p

    browser.open(site / "compare.html")
    for seed, shift in ((1, 0.0), (2, 0.03), (3, 0.08)):
        values = np.round(np.random.default_rng(seed).normal(shift, 0.4, 164) * 20) / 20
        ours = browser.run(f"paired.signFlipP({json.dumps(values.tolist())})")
        assert ours == pytest.approx(sign_flip_p(values), abs=0.015)


def test_bounded_means_of_the_page_are_those_of_the_harness(browser: Browser, site: Path):
    import numpy as np

    from harness.statistics.bounded_mean import BoundedMean

    browser.open(site / "compare.html")
    for problems in (1, 3, 12, 164):
        generator = np.random.default_rng(problems)
        sizes = generator.integers(1, 4, problems).astype(float)
        sums = (generator.binomial(20, 0.6, problems) - generator.binomial(20, 0.5, problems)) / 20 * sizes
        ours = browser.run(f"paired.boundedMidP({json.dumps(sums.tolist())}, {json.dumps(sizes.tolist())})")
        assert ours == pytest.approx(BoundedMean(sums, sizes, -1.0, 1.0).mid_p(), abs=1e-7)


@pytest.mark.parametrize("samples", [1, 20])
@pytest.mark.parametrize("problems", [3, 20, 164])
def test_the_page_chooses_test_and_resolution_as_the_harness_does(
    browser: Browser, site: Path, samples: int, problems: int
):
    import numpy as np

    from harness.statistics.paired import Tally, paired_difference

    browser.open(site / "compare.html")
    for spread in (0.0, 0.05, 0.5):
        generator = np.random.default_rng([samples, problems])
        first = generator.binomial(samples, 0.5, problems)
        second = np.where(generator.random(problems) < spread, generator.binomial(samples, 0.5, problems), first)
        theirs = paired_difference([Tally(samples, int(a)) for a in first], [Tally(samples, int(b)) for b in second])
        sums, single = json.dumps(((second - first) / samples).tolist()), json.dumps(samples == 1)
        ours = browser.run(f"paired.compare({sums}, {json.dumps([1] * problems)}, {single})")
        assert ours["p"] == pytest.approx(theirs.p_value, abs=0.015)
        assert ours["method"].lower() == theirs.difference.method.lower()
        assert ours["alike"] == theirs.alike
        assert (ours["significant"], ours["detectable"]) == pytest.approx((theirs.significant, theirs.detectable))
        if theirs.alike:
            assert ours["below"] == pytest.approx(theirs.difference.high, abs=1e-7)


def test_the_interval_of_the_page_is_that_of_the_harness(browser: Browser, site: Path):
    import numpy as np

    from harness.statistics.paired import Tally, paired_difference

    browser.open(site / "compare.html")
    for samples, problems in ((1, 164), (20, 12), (20, 164)):
        generator = np.random.default_rng([samples, problems])
        first = generator.binomial(samples, 0.5, problems)
        second = generator.binomial(samples, 0.6, problems)
        theirs = paired_difference([Tally(samples, int(a)) for a in first], [Tally(samples, int(b)) for b in second])
        sums, single = json.dumps(((second - first) / samples).tolist()), json.dumps(samples == 1)
        ours = browser.run(f"paired.compare({sums}, {json.dumps([1] * problems)}, {single})")
        assert (ours["low"], ours["high"]) == pytest.approx((theirs.difference.low, theirs.difference.high), abs=0.004)


def test_a_comparison_tells_both_answers_apart_line_by_line(browser: Browser, site: Path):
    browser.open(site / "compare.html")
    lines = browser.run("samples.differences('a\\nb\\nc\\n', 'a\\nx\\nc\\nd')")
    assert lines == [[" ", "a"], ["-", "b"], ["+", "x"], [" ", "c"], ["+", "d"]]
    assert browser.run("samples.differences('same', 'same')") == [[" ", "same"]]


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


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of three checkpoints beside a model that others have measured too."""
    folder = tmp_path_factory.mktemp("trained")
    for number, step in enumerate((100, 200, 300)):
        made = MadeRun(f"hf:out/run/checkpoint-{step}", limit=12, skill=0.2 + 0.2 * number, samples=5, temperature=0.8)
        write_run(folder / str(step), made)
    made = MadeRun("hf:deepseek-ai/deepseek-coder-6.7b-instruct", limit=12, skill=0.8, samples=5, temperature=0.8)
    write_run(folder / "known", made)
    board = make_leaderboard([read_record(path) for path in find_runs([folder])])
    build_site(board, folder / "site", title="Trainings", workers=1)
    return folder / "site"


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


def test_plots_show_every_model(browser: Browser, trained: Path):
    browser.open(trained / "plots.html")
    assert len(browser.texts(".panel")) == 2
    assert len(browser.texts(".composition")) == 2
    assert browser.complaints() == []


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


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, several_runs: Path):
    (tmp_path / "mine.txt").write_text("mine")
    board = make_leaderboard([read_record(path) for path in find_runs([several_runs])])
    with pytest.raises(SiteError, match="holds other files"):
        build_site(board, tmp_path, title="x")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_site_is_built_anew_in_its_place(tmp_path: Path):
    out = tmp_path / "site"
    for model in ("first", "second"):
        write_run(tmp_path / model, MadeRun(model, limit=3))
        build_site(make_leaderboard([read_record(tmp_path / model)]), out, title="x", published=False)
    assert {path.stem for path in (out / "models").iterdir()} == {"second"}
    assert "Published elsewhere" not in (out / "index.html").read_text()


def test_names_state_sizes_and_checkpoints():
    sizes = {
        name: size_in_billions(name)
        for name in ("hf:a/coder-6.7b", "x-350M", "gpt-4", "7B-instruct", "b2b", "v1.5-13b-base")
    }
    assert sizes == {
        "hf:a/coder-6.7b": 6.7,
        "x-350M": 0.35,
        "gpt-4": None,
        "7B-instruct": 7.0,
        "b2b": None,
        "v1.5-13b-base": 13.0,
    }
    assert checkpoint_of("hf:out/lora/checkpoint-200") == ("hf:out/lora", 200)
    assert checkpoint_of("hf:out/final") is None


def test_drawings_take_colours_and_fonts_from_the_page():
    with canvas("one", 3, 2) as drawn:
        drawn.axes.plot([1, 2], [3, 4], color="#040404", label="a<b")
        drawn.axes.legend()
    assert "var(--accent)" in drawn.svg
    assert "#040404" not in drawn.svg
    assert "font-family" not in drawn.svg
    assert "a&lt;b" in drawn.svg
    assert set(re.findall(r'\bid="(?!one-)', drawn.svg)) == set()
