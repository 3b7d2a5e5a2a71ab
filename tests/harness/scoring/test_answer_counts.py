"""Answers that are not what the model would have said: counted in score.json, the table, the report and a remark."""

import json
from pathlib import Path

import pytest
from msgspec import UNSET

from harness.completion import Completion, Loss
from harness.evaluate import judge
from harness.runs.completion_log import CompletionLog
from harness.runs.config import RunConfig
from harness.runs.run import Run, open_run
from harness.scoring.report import write_report
from harness.scoring.score import Score, score_run
from harness.scoring.score_table import remarks, score_table

WHOLE = "    return a + b\n"
LOST: dict[Loss, dict[str, object]] = {
    Loss.CUT: {"completion": "    return (", "finish_reason": "length", "completion_tokens": 16},
    Loss.EMPTY: {"completion": "", "finish_reason": "empty"},
    Loss.REFUSED: {"completion": "I cannot help.", "finish_reason": "refusal"},
    Loss.BEYOND_CONTEXT: {"completion": "", "finish_reason": "length", "completion_tokens": 0},
    Loss.THINKING_ONLY: {"completion": "", "finish_reason": "length", "reasoning_content": "Let me think. Wait."},
}


def answered(folder: Path, data: Path, fields: dict[str, object]) -> tuple[Run, Score]:
    """A run of one problem with four samples, the first of which has these fields."""
    config = RunConfig(model="scripted:x", task="humaneval", samples=4, limit=1, max_tokens=16, workers=1)
    with open_run(config.override({"data": str(data / "problems.jsonl")}), folder) as run:
        task_id = run.problems[0].task_id
        code = run.task.reference(run.problems[0])
        for sample in range(4):
            shown = {"completion": code, "finish_reason": "stop", "completion_tokens": 5}
            shown |= fields if sample == 0 else {}
            run.folder.completions.append(
                Completion(task_id, sample, 0, "", prompt_tokens=7, seconds=0.0, **shown)  # pyright: ignore[reportArgumentType] - fields of all kinds
            )
        judge(run)
        score = score_run(run)
        write_report(run, score)
        return run, score


@pytest.mark.parametrize("loss", LOST, ids=str)
def test_a_lost_answer_is_counted_everywhere(tmp_path: Path, data: Path, loss: Loss):
    run, score = answered(tmp_path / "run", data, LOST[loss])
    assert score.answers
    assert score.answers.count(loss) == score.answers.lost == 1
    stated = json.loads(run.folder.score_file.read_text())["answers"]
    assert (stated["total"], stated[loss.name.lower()], stated["failed"]) == (4, 1, {loss.value: 1})
    assert stated["with_reasoning"] == (loss is Loss.THINKING_ONLY)
    assert loss.value in score_table({tmp_path: score}).split("\n---")[0]
    assert f"1\n  {loss.value} (1 of them failed)" in run.folder.report_file.read_text()
    (remark,) = [each for each in remarks(tmp_path, score) if "answers" in each]
    assert "1 of 4 answers (1 of them failed)" in remark


def test_the_remark_on_cut_answers_names_the_remedy(tmp_path: Path, data: Path):
    _, score = answered(tmp_path / "run", data, LOST[Loss.CUT])
    (remark,) = [each for each in remarks(tmp_path, score) if "answers" in each]
    assert "max_tokens = 16: raise --max-tokens, with another --out" in remark


def test_a_cut_answer_that_passes_moves_nothing_and_is_only_counted(tmp_path: Path, data: Path):
    _, score = answered(tmp_path / "run", data, {"finish_reason": "length"})
    assert score.answers
    assert (score.answers.cut, dict(score.answers.failed)) == (1, {"cut": 0})
    assert not [each for each in remarks(tmp_path, score) if "answers" in each]


def test_whole_answers_take_no_column(tmp_path: Path, data: Path):
    _, score = answered(tmp_path / "run", data, {})
    assert score.answers
    assert score.answers.lost == 0
    assert "answers" not in score_table({tmp_path: score})


def test_reasoning_stands_in_a_field_of_its_own_and_comes_back(tmp_path: Path):
    line = Completion(
        "a", 0, 0, "", "text", "stop", 1, 2, 0.0, reasoning_content="half \ud83d thought", reasoning_tokens=9
    )
    log = CompletionLog(tmp_path / "completions.jsonl")
    log.open(writable=True)
    log.append(line)
    log.append(Completion("a", 1, 0, "", "text", "stop", 1, 2, 0.0))
    (first,), (second,) = log.turns(("a", 0)), log.turns(("a", 1))
    log.close()
    assert (first.completion, first.reasoning_content, first.reasoning_tokens) == ("text", "half \ufffd thought", 9)
    assert (second.reasoning_content, second.reasoning_tokens) == (UNSET, UNSET)
    assert "reasoning" not in (tmp_path / "completions.jsonl").read_text().splitlines()[1]
