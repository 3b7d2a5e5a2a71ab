"""What judged answers are worth: the four arms of docs/rewards.md by one command, with a model that is new and tiny."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from datagen.ablation.ablate import ablate
from datagen.ablation.config import parse_ablation
from harness.runs.settings import ConfigError
from sandbox.errors import WavebenchError

pytestmark = pytest.mark.timeout(900)  # a busy machine takes its time
EXAMPLE = Path(__file__).parents[2] / "examples" / "four_arms"
ARMS = ["(base model)", "SFT", "SFT + rejection sampling", "SFT + DPO", "SFT + GRPO"]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The configuration, and the folder of one whole run by the command."""
    pytest.importorskip("trl", reason="trl is not installed")
    folder = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("arms") / "example")
    words = [sys.executable, "-m", "datagen.ablation", str(folder / "ablate.toml"), "--out", str(folder / "out")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run(words, capture_output=True, text=True, timeout=850, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr
    assert ".partial" not in ended.stdout + ended.stderr, "a place where nothing stays"
    return folder / "ablate.toml", folder / "out"


def lines(out: Path) -> dict[str, dict[str, Any]]:
    return {line["variant"]: line for line in json.loads((out / "results.json").read_text())["lines"]}


def test_one_command_prints_all_arms_and_what_judged_answers_are_worth(done: tuple[Path, Path]):
    found = lines(done[1])
    assert list(found) == ARMS
    score = {name: line["cells"][0]["score"]["value"] for name, line in found.items()}
    assert score["(base model)"] < score["SFT"] < 0.7
    assert score["SFT + rejection sampling"] > score["SFT"] + 0.1
    assert score["SFT + GRPO"] > score["SFT"]
    assert "SFT + DPO" in (done[1] / "table.md").read_text()
    for name in ARMS[2:]:
        assert found[name]["cells"][0]["paired"]["problems"] == 6
        assert found[name]["rows"] > 0
        assert found[name]["cost"]["tokens"] > 0


def test_the_arms_go_on_from_the_model_that_was_sampled(done: tuple[Path, Path]):
    out, found = done[1], lines(done[1])
    link = {name: found[name]["links"][0] for name in ARMS[1:]}
    sft = json.loads((out / link["SFT"]["train_folder"] / "manifest.json").read_text())["model"]["weights"]
    for name in ARMS[2:]:
        assert f"sha256 {link[name]['base_sha256']}" == sft
        assert link[name]["data_sha256"] != link["SFT"]["data_sha256"]
    (rows,) = out.glob("stages/rows-*/rows")
    answers = [json.loads(line) for line in (rows / "trl" / "sft.jsonl").read_text().splitlines()]
    assert answers
    assert {row["verdict"] for row in answers} == {"passed"}
    assert not any("_exit" in row["messages"][-1]["content"] for row in answers)
    problems = [json.loads(line) for line in (rows / "trl" / "grpo.jsonl").read_text().splitlines()]
    assert {row["data"] for row in problems} == {str(done[0].parent / "problems.jsonl")}


def test_nothing_is_done_twice_and_a_changed_arm_alone_again(done: tuple[Path, Path], tmp_path: Path):
    config, out = done
    told: list[str] = []
    ablate(config, out, None, lambda _stage, _items: None, told.append)
    assert told == []
    changed = config.with_name("changed.toml")
    changed.write_text(config.read_text().replace("epochs = 20", "epochs = 1"))
    ablate(changed, shutil.copytree(out, tmp_path / "out"), None, lambda _stage, _items: None, told.append)
    steps = [line for line in told if line.startswith("[")]
    assert [line.partition("] ")[2].split(" on ")[0] for line in steps] == [
        "train SFT + rejection sampling",
        "evaluate SFT + rejection sampling",
    ]


GOOD: dict[str, Any] = {
    "reference": "a",
    "variants": [{"name": "a", "data": "rows"}, {"name": "b", "after": "a", "method": "dpo"}],
    "sampling": {"task": "humaneval", "style": "chat"},
    "bases": ["scratch"],
    "recipes": {"tiny": {"preset": "tiny"}},
    "evaluations": [{"task": "humaneval"}],
}


@pytest.mark.parametrize(
    ("variants", "changes", "sentence"),
    [
        ([{"name": "b", "after": "c"}], {}, "'b' comes after 'c': it may come after a."),
        ([{"name": "b", "after": "a", "data": "x"}], {}, "learns from answers of 'a': remove its data"),
        ([{"name": "b", "after": "a", "without": ["repair"]}], {}, "learns from answers of 'a': remove its data"),
        ([{"name": "b", "data": "x", "method": "dpo"}], {}, "has method = 'dpo': add after = 'NAME'"),
        ([{"name": "b", "after": "a"}], {"sampling": {}}, "needs problems to learn from: add [sampling]"),
        ([{"name": "b", "after": "a"}], {"sampling": {"task": "humaneval", "model": "x"}}, "names a task and no model"),
        ([{"name": "b", "after": "a"}], {"reference": "b"}, "'b' has no rows before others are trained"),
        ([{"name": "b", "after": "a", "training": {"epoch": 1}}], {}, "has the unknown setting 'epoch'"),
    ],
)
def test_a_wrong_arm_is_one_sentence(variants: list[dict[str, Any]], changes: dict[str, Any], sentence: str):
    parse_ablation(GOOD, "the test")
    with pytest.raises(ConfigError) as caught:
        parse_ablation({**GOOD, "variants": [GOOD["variants"][0], *variants], **changes}, "the test")
    assert sentence in str(caught.value)


def test_prompts_that_a_trainer_cannot_word_again_are_refused(tmp_path: Path):
    folder = shutil.copytree(EXAMPLE, tmp_path / "example")
    config = folder / "ablate.toml"
    config.write_text(config.read_text().replace('style = "chat"', 'style = "alpaca"'))
    with pytest.raises(WavebenchError, match=r"\[sampling\] asks 'humaneval' in the style 'alpaca': take one task"):
        ablate(config, tmp_path / "out", None, lambda _stage, _items: None, print)


def test_the_preset_has_the_four_arms():
    values = {name: value for name, value in GOOD.items() if name not in ("reference", "variants")}
    config = parse_ablation({**values, "preset": "verdicts", "datagen": "datagen.toml"}, "the test")
    assert [variant.name for variant in config.variants] == ARMS[1:]
    assert [variant.method.value for variant in config.variants] == ["sft", "sft", "dpo", "grpo"]
