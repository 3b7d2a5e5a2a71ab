"""A 3-variant ablation of a tiny model, from raw code to the table, and what interrupts it."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from datagen.ablation.ablate import Part, ablate
from datagen.ablation.config import parse_ablation
from harness.models.hf.weights import weights_sha256
from harness.runs.settings import ConfigError
from sandbox.errors import WavebenchError
from tests.datagen.small_library import write_library
from tests.datagen.training_rows import make_rows, write_rows

pytestmark = pytest.mark.timeout(600)  # a busy machine takes its time
WORDS = (sys.executable, "-m", "datagen.ablation")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def done(config: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of one whole run by the command, and what that printed."""
    out = tmp_path_factory.mktemp("ablation") / "out"
    words = [*WORDS, str(config), "--out", str(out)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=560, check=False)
    assert ended.returncode == 0, ended.stderr
    return out, ended.stdout


def again(config: Path, out: Path, only: Part | None = None) -> list[str]:
    """Runs it in this process; returns the steps it named."""
    told: list[str] = []
    ablate(config, out, only, lambda _stage, _items: None, told.append)
    return [line for line in told if re.match(r"\[\d+/\d+\]", line)]


def table(out: Path) -> str:
    return (out / "table.md").read_text().partition("## Costs")[0]


def lines(out: Path) -> list[dict[str, Any]]:
    return json.loads((out / "results.json").read_text())["lines"]


def test_one_command_prints_the_table_and_writes_the_page(done: tuple[Path, str]):
    out, printed = done
    rows = [line.split() for line in printed.splitlines() if line.startswith("scratch")]
    assert [row[1] for row in rows[:4]] == ["(base", "all", "no-generation", "only-generation"]
    assert "reference" in printed
    assert "With one seed each" in printed
    page = (out / "index.html").read_text()
    assert page.count("<svg") == 3
    assert page.count("training</a>") == 3
    for link in re.findall(r'href="([^"]+)"', page):
        assert (out / link).is_file(), link


def test_training_moved_the_losses_and_the_table_holds_the_scores(done: tuple[Path, str]):
    found = {line["variant"]: line for line in lines(done[0])}
    scores = {name: line["cells"][0]["score"]["value"] for name, line in found.items()}
    assert scores["(base model)"] == 0
    assert found["all"]["rows"] > found["only-generation"]["rows"] > 0
    assert found["all"]["held_out_loss"] < found["(base model)"]["held_out_loss"]
    assert found["all"]["cells"][0]["paired"] is None
    for name in ("(base model)", "no-generation", "only-generation"):
        paired = found[name]["cells"][0]["paired"]
        assert paired["difference"]["value"] == pytest.approx(scores[name] - scores["all"])
        assert paired["difference"]["low"] <= paired["difference"]["value"] <= paired["difference"]["high"]
        assert paired["problems"] == 12


def test_data_checkpoint_and_score_are_linked(done: tuple[Path, str]):
    out = done[0]
    for line in lines(out)[1:]:
        (link,) = line["links"]
        training = json.loads((out / link["train_folder"] / "manifest.json").read_text())
        data = json.loads((out / "data" / "variants" / line["variant"] / "manifest.json").read_text())
        assert training["data"]["fingerprint"] == data["fingerprint"] == link["data_fingerprint"]
        run = json.loads((out / link["runs"]["humaneval"] / "manifest.json").read_text())
        weights = weights_sha256(out / link["train_folder"] / "model")
        assert run["model"]["weights"] == training["model"]["weights"] == link["weights"] == f"sha256 {weights}"
        score = json.loads((out / link["runs"]["humaneval"] / "score.json").read_text())
        assert score["pass@1"]["value"] == pytest.approx(line["cells"][0]["score"]["value"])


def test_the_differences_are_those_of_compare(done: tuple[Path, str]):
    out = done[0]
    reference, other = lines(out)[1], lines(out)[3]
    folders = [str(out / line["links"][0]["runs"]["humaneval"]) for line in (reference, other)]
    words = [str(Path(sys.executable).parent / "wavebench"), "compare", *folders, "--format", "json"]
    printed = subprocess.run(words, capture_output=True, text=True, timeout=100, check=True, cwd=out).stdout
    (document,) = json.loads(printed)
    assert document["difference"]["value"] == pytest.approx(other["cells"][0]["paired"]["difference"]["value"])
    assert document["difference"]["low"] == pytest.approx(other["cells"][0]["paired"]["difference"]["low"])


def test_killed_at_three_random_moments_it_ends_with_the_same_table(
    config: Path, done: tuple[Path, str], tmp_path: Path
):
    draw = random.Random(seed := int.from_bytes(os.urandom(4), "big"))
    moments = [rf" s  (?:{'|'.join(('rules', 'select', 'prove'))})", r"\[\d/\d\] train", r"\[\d/\d\] evaluate"]
    for moment, count in zip(moments, (3, 3, 4), strict=True):
        kill(config, tmp_path / "out", moment, draw.randint(1, count), draw.random())
    again(config, tmp_path / "out")
    assert table(tmp_path / "out") == table(done[0]), f"seed of the moments: {seed}"


def kill(config: Path, out: Path, moment: str, count: int, wait_seconds: float) -> None:
    """Starts the command and kills it with SIGKILL a little after the count-th line of that kind, or the last."""
    with subprocess.Popen(
        [*WORDS, str(config), "--out", str(out)], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            count -= bool(re.search(moment, line))
            if not count:
                break
        time.sleep(wait_seconds)
        os.kill(process.pid, signal.SIGKILL)


def test_what_is_unchanged_is_not_run_again(config: Path, done: tuple[Path, str], tmp_path: Path):
    assert again(config, done[0]) == []
    folder = shutil.copytree(config.parent, tmp_path / "config")
    changed = folder / "ablate.toml"
    text = changed.read_text().replace("max_tokens = 60", "max_tokens = 50")
    changed.write_text(text.replace('name = "no-generation"', 'name = "no-generation"\nlimit = 3'))
    out = shutil.copytree(done[0], tmp_path / "out")
    steps = again(changed, out)
    assert [step for step in steps if "train" in step] == ["[1/1] train no-generation on scratch, recipe tiny, seed 42"]
    assert len([step for step in steps if "evaluate" in step]) == 4


def test_parts_run_apart_on_a_folder_that_was_moved(config: Path, done: tuple[Path, str], tmp_path: Path):
    out = shutil.copytree(done[0], tmp_path / "elsewhere")
    for folder in (out / "stages").glob("eval-*"):
        shutil.rmtree(folder)
    shutil.rmtree(out / "data" / "stages")
    assert again(config, out, Part.TRAIN) == []
    with pytest.raises(WavebenchError, match="4 steps are missing, the first is: evaluate scratch, humaneval"):
        again(config, out, Part.TABLE)
    assert len(again(config, out, Part.EVAL)) == 4
    again(config, out, Part.TABLE)
    assert table(out) == table(done[0])


def test_several_at_once_end_with_the_same_table(config: Path, done: tuple[Path, str], tmp_path: Path):
    folder = shutil.copytree(config.parent, tmp_path / "config")
    (folder / "ablate.toml").write_text(config.read_text().replace("at_once = 1", "at_once = 2"))
    out = shutil.copytree(done[0], tmp_path / "out")
    gone = [out / line["links"][0]["runs"]["humaneval"] for line in lines(out)[1:3]]
    for place in gone:
        shutil.rmtree(place)
    assert len(again(folder / "ablate.toml", out)) == 2
    assert all(place.is_dir() for place in gone)
    assert table(out) == table(done[0])


def test_a_step_that_fails_beside_others_is_one_sentence(config: Path, done: tuple[Path, str], tmp_path: Path):
    folder = shutil.copytree(config.parent, tmp_path / "config")
    text = config.read_text().replace("at_once = 1", "at_once = 2")
    rows = make_rows(9)
    rows[2]["output"] = ""
    write_rows(folder / "empty.jsonl", rows)
    (folder / "ablate.toml").write_text(text + '[[variants]]\nname = "empty"\ndata = "empty.jsonl"\n')
    out = shutil.copytree(done[0], tmp_path / "out")
    with pytest.raises(WavebenchError, match=r"train empty on scratch.* failed: Row 3 of .* has no response"):
        again(folder / "ablate.toml", out)


def test_train_before_data_is_one_sentence(config: Path, tmp_path: Path):
    with pytest.raises(WavebenchError, match="holds no data yet: run `wavebench ablate"):
        again(config, tmp_path / "out", Part.TRAIN)


GOOD: dict[str, Any] = {
    "reference": "a",
    "variants": [{"name": "a", "data": "rows"}, {"name": "b", "data": "rows"}],
    "bases": ["scratch"],
    "recipes": {"tiny": {"preset": "tiny"}},
    "evaluations": [{"task": "humaneval"}],
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reference": "c"}, "There is no variant 'c' to compare with: the variants are a, b."),
        ({"bases": []}, "does not set 'bases'"),
        ({"bases": ["demo", "demo"]}, "The base 'demo' is named twice"),
        ({"evaluations": [{"style": "alpaca"}]}, "An evaluation names a task and no model"),
        ({"evaluations": [{"task": "humaneval", "model": "demo"}]}, "names a task and no model"),
        ({"evaluations": [{"task": "humanevil"}]}, "humanevil"),
        ({"evaluations": [{"task": "humaneval", "sample": 2}]}, "unknown setting 'sample'"),
        ({"recipes": {"tiny": {"preset": "small", "learning_rat": 1}}}, "the recipe 'tiny' has the unknown setting"),
        ({"recipes": {"tiny": {"seed": 3}}}, "sets 'seed', which the ablation itself decides"),
        ({"variants": [{"name": "a"}]}, "The variant 'a' names no data"),
        ({"variants": [{"name": "a", "data": "control"}]}, "needs a data set of your own: add control = 'FILE'"),
        ({"variants": [{"name": "a", "data": "x", "recipe": "big"}]}, "wants the recipe 'big': known are tiny"),
        ({"variants": [{"name": "a", "data": "x", "without": ["poetry"]}]}, "wrong kind"),
        ({"preset": "task"}, "preset = 'task' is unknown: use one of tasks, size, codealpaca, discriminator, core-set"),
        ({"variant": []}, "unknown setting 'variant'"),
    ],
)
def test_a_wrong_setting_is_one_sentence(changes: dict[str, Any], sentence: str):
    parse_ablation(GOOD, "the test")
    with pytest.raises(WavebenchError) as caught:
        parse_ablation({**GOOD, **changes}, "the test")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("preset", "reference", "arms"),
    [("tasks", "all", 9), ("size", "20k", 3), ("codealpaca", "codealpaca", 2), ("discriminator", "judged", 3),
     ("core-set", "kcenter", 3)],
)  # fmt: skip
def test_every_preset_is_whole(preset: str, reference: str, arms: int):
    values = {name: value for name, value in GOOD.items() if name not in ("reference", "variants")}
    asked = {**values, "preset": preset, "datagen": "codeocean.toml", "control": "codealpaca.json"}
    config = parse_ablation(asked, "the test")
    assert (config.reference, len(config.variants)) == (reference, arms)
    if preset == "tasks":
        left_out = [variant for variant in config.variants if variant.without]
        assert sorted(variant.size_matched for variant in left_out) == [False] * 4 + [True] * 4
    with pytest.raises(ConfigError, match="names no data"):
        parse_ablation({**asked, "datagen": ""}, "the test")


def test_a_family_of_tasks_is_one_column_of_clustered_problems():
    from datagen.ablation.results import _clusters, _score  # pyright: ignore[reportPrivateUsage]
    from harness.statistics.paired import Tally

    config = parse_ablation({**GOOD, "evaluations": [{"task": "humanevalpack-fix"}]}, "the test")
    runs = config.runs_of(config.evaluations[0], "none")
    assert [run.task.rpartition("-")[2] for run in runs] == ["python", "js", "java", "go", "cpp", "rust"]
    families = dict(zip(runs, ("Python", "JavaScript", "Java", "Go", "CPP", "Rust"), strict=True))
    ids = [(run.task, f"{family}/{number}", number) for run, family in families.items() for number in range(20)]
    problems = {(task, task_id): Tally(4, number % 3) for task, task_id, number in ids}
    assert len(set(_clusters(problems))) == 20
    wide, narrow = _score(problems), _score({key: problems[key] for key in problems if key[0] == runs[0].task})
    assert wide.value == narrow.value
    assert wide.high - wide.low == pytest.approx(narrow.high - narrow.low, abs=0.02)


def test_arms_of_one_size_have_as_many_rows_as_the_smallest(tmp_path: Path):
    from datagen.ablation.arms import make_arms
    from datagen.ablation.steps import plan_trains
    from datagen.finetune.rows.training_rows import load_training_rows

    large, small = write_rows(tmp_path / "l.jsonl", make_rows(90)), write_rows(tmp_path / "s.jsonl", make_rows(40, 1))
    variants = [{"name": "a", "data": str(large)}, {"name": "b", "data": str(small)}]
    problems = str(Path(__file__).parents[1] / "data" / "problems.jsonl")
    values = {**GOOD, "variants": variants, "evaluations": [{"task": "humaneval", "data": problems}]}
    like_b = {"variants": [{**variants[0], "rows_of": "b"}, variants[1]]}
    for changes, sizes in (({"same_size": True}, 1), (like_b, 1), ({}, 2)):
        config, out = parse_ablation({**values, **changes}, "the test"), tmp_path / "out"
        trains = plan_trains(config, make_arms(config, out, lambda _stage, _items: None), out)
        assert len({len(load_training_rows(step.config).train) for step in trains}) == sizes
