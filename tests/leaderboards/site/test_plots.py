import re
from pathlib import Path
from xml.etree import ElementTree

from leaderboards.runs.curve import CurvePoint
from leaderboards.runs.trainings import checkpoint_of
from leaderboards.site.curve import write_curve_picture
from leaderboards.site.drawing import canvas, labels
from leaderboards.site.plots import size_in_billions
from tests.browser import Browser


def test_labels_keep_what_tells_long_names_apart():
    names = [f"deepseek-coder-6.7b-base-codeocean-{kind}-full-finetune-lr2e-5" for kind in ("raw", "selected", "all")]
    assert len(set(labels(names))) == 3
    for kind, label in zip(("raw", "selected", "all"), labels(names), strict=True):
        assert kind[:8] in label
        assert len(label) <= 34
    steps = [f"out/a-very-long-name-of-a-training-run-indeed/checkpoint-{step}" for step in (100, 200, 1000)]
    assert len(set(labels(steps))) == 3
    assert labels(["short", "also short"]) == ["short", "also short"]


def test_plots_show_every_model(browser: Browser, trained: Path):
    browser.open(trained / "plots.html")
    assert len(browser.texts(".panel")) == 2
    assert len(browser.texts(".composition")) == 2
    assert browser.complaints() == []


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


def test_a_curve_is_also_a_picture_of_its_own(tmp_path: Path):
    points = [CurvePoint(step, 0.1 * step, 0.05, 0.9, f"step-{step}") for step in (1, 2)]
    write_curve_picture({"a<b": points}, tmp_path / "curve.svg")
    root = ElementTree.parse(tmp_path / "curve.svg").getroot()
    assert root.tag.endswith("svg")
    assert "var(" not in (tmp_path / "curve.svg").read_text()
