"""`wavebench diagnose`: why a number is not the published one."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from harness.evaluate import evaluate
from harness.runs.config import RunConfig
from harness.runs.run import reopen_run
from leaderboards.cli.diagnose_command import diagnose as diagnose_command
from leaderboards.diagnosis.diagnosis import Diagnosis, UndiagnosedError, diagnose, published_of
from leaderboards.diagnosis.reasons import reasons
from leaderboards.diagnosis.text import diagnosis_text
from leaderboards.diagnosis.training import family_of, trained_families
from tasks.policy import ExtractionPolicy
from tasks.styles.wording import style_rows
from tasks.verdict import Verdict

PROBLEMS = Path(__file__).parents[1] / "data" / "problems.jsonl"
DRAFT = (
    "A draft:\n```python\ndef add(a, b):\n    ...\n```\nThe code:\n```python\ndef add(a, b):\n    return a + b\n```\n"
)
ANSWERS = [
    DRAFT,
    "```python\ndef add(a, b):\n    return a + b\n```\n<|im_end|>",
    "<think>a sum</think>```python\ndef add[T](a: T, b: T):\n    return a + b\n```\n",
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path / "cache"))
    script = tmp_path / "wavecoder-ultra-6.7b"
    script.write_text(json.dumps({"task_id": "own/0", "completions": ANSWERS}) + "\n")
    config = RunConfig(f"scripted:{script}", "humaneval", style="chat", samples=3, limit=1, data=str(PROBLEMS))
    evaluate(config, tmp_path / "run")
    return tmp_path / "run"


def diagnosis_of(path: Path) -> Diagnosis:
    with reopen_run(path) as opened:
        return diagnose(opened)


def test_the_same_answers_are_judged_under_every_policy(run: Path):
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    found = diagnosis_of(run)
    assert {file.name: file.read_bytes() for file in run.iterdir()} == before
    passed = {each.policy: each.passed for each in found.policies}
    assert passed[ExtractionPolicy.ROBUST] == passed[ExtractionPolicy.LAST_BLOCK] >= 2
    assert passed[ExtractionPolicy.FIRST_BLOCK] == passed[ExtractionPolicy.ROBUST] - 1
    (disputed,) = found.disputed
    assert (disputed.task_id, disputed.sample) == ("own/0", 0)
    assert disputed.verdicts[ExtractionPolicy.ROBUST] is Verdict.PASSED
    assert disputed.rules[ExtractionPolicy.FIRST_BLOCK] == "first block"
    assert found.score is not None
    assert found.score.value == pytest.approx(passed[ExtractionPolicy.ROBUST] / 3)


def test_what_else_may_move_the_number_is_counted(run: Path):
    found = diagnosis_of(run)
    assert (found.thought, found.end_tokens, found.chat, found.chat_template) == (1, {"<|im_end|>": 1}, True, "unknown")
    assert found.style_fits
    assert {each.model for each in found.published} == {"WaveCoder-Ultra-6.7B"}
    said = "\n".join(reasons(found))
    assert "Extraction: in the same answers the benchmark's own harness finds code worth" in said
    assert "'<|im_end|>' in 1" in said
    assert "Thinking stands in the text of 1 answers" in said
    if found.not_compiled:  # on Python 3.11
        assert found.newer_features == {"type parameters (PEP 695) (Python 3.12)": 1}
        assert "Language version: 1 of 3 samples fail by features that the toolchain (Python 3." in said
    assert diagnosis_text(found).count("\n") < 60


def test_the_command_prints_a_page_or_json(run: Path):
    app = typer.Typer()
    app.command()(diagnose_command)
    page = CliRunner().invoke(app, [str(run)]).stdout
    assert "Why the number may not be the published one" in page
    assert "Answers on which the policy decides: 1" in page
    assert f"wavebench explain {run} own/0 0" in page
    told = json.loads(CliRunner().invoke(app, [str(run), "--json"]).stdout)
    assert [each["policy"] for each in told["policies"]] == list(ExtractionPolicy)
    assert told["published"][0]["model"] == "WaveCoder-Ultra-6.7B"
    assert told["reasons"]


def test_texts_that_run_as_they_are_have_no_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "samples.jsonl"
    file.write_text(json.dumps({"task_id": "own/0", "completion": "    return a + b\n"}) + "\n")
    given = {"samples_file": str(file), "form": "continuation", "data": str(PROBLEMS), "limit": 1, "samples": 0}
    config = RunConfig("made", "humaneval").override(given)
    evaluate(config, tmp_path / "run")
    found = diagnosis_of(tmp_path / "run")
    assert (found.extraction, list(found.policies), list(found.disputed)) == ("none", [], [])
    assert json.loads((tmp_path / "run" / "score.json").read_text())["extraction"] == "none"
    assert "extraction plays no part" in diagnosis_text(found)


def test_a_run_without_answers_says_so(run: Path):
    (run / "completions.jsonl").write_text("")
    with pytest.raises(UndiagnosedError, match="holds no answers"):
        diagnosis_of(run)


@pytest.mark.parametrize(
    ("model", "task", "values"),
    [
        ("hf:microsoft/wavecoder-ultra-6.7b", "humaneval", {"WaveCoder-Ultra-6.7B"}),
        ("hf:bigcode/octocoder", "humanevalpack-fix-python", {"OctoCoder"}),
        ("hf:somebody/unknown", "humaneval", set[str]()),
        ("demo", "humaneval", set[str]()),
    ],
)
def test_published_scores_are_found_by_the_models_name(model: str, task: str, values: set[str]):
    assert {each.model for each in published_of(model, task)} == values


@pytest.mark.parametrize(
    ("model", "style"),
    [
        ("hf:deepseek-ai/deepseek-coder-6.7b-base", "complete"),
        ("hf:deepseek-ai/deepseek-coder-6.7b-instruct", "chat"),
        ("hf:Qwen/Qwen2.5-Coder-7B-Instruct", "chat"),
        ("api:gpt-4o", "chat"),
        ("hf:ise-uiuc/Magicoder-S-DS-6.7B", "magicoder"),
        ("hf:bigcode/starcoder", "complete"),
    ],
)
def test_a_models_name_may_tell_its_training(model: str, style: str):
    family = family_of(model)
    assert family is not None
    assert style in family.styles


def test_the_styles_of_families_exist_and_a_plain_name_tells_nothing():
    assert family_of("demo") is None
    known = {style for benchmark in ("humaneval", "mbpp", "humanevalpack") for style in style_rows(benchmark)}
    assert {style for family in trained_families() for style in family.styles} <= known
    assert all(family.source.startswith("https://") for family in trained_families())
