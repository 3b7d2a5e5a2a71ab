import json
from collections import Counter
from pathlib import Path

import pytest

from harness.cli.resolve_config import plan_samples
from harness.evaluate import evaluate
from harness.runs.verdict_log import VerdictSummary, read_summaries
from leaderboards.export.published import published_for, published_scores
from leaderboards.runs.leaderboard import make_leaderboard
from leaderboards.runs.record import find_runs, read_record
from sandbox.languages import language
from sandbox.toolchains.installed import ToolchainMissingError, with_paths


def test_every_printed_score_has_its_source():
    scores = published_scores()
    assert len(scores) == 539
    assert all(score.source and score.decoding for score in scores)
    assert all(0 <= score.value <= 100 for score in scores)
    assert Counter(score.benchmark for score in scores) == {
        "humanevalfix": 206,
        "humanevalexplain": 206,
        "humanevalsynthesize": 63,
        "humaneval": 43,
        "mbpp": 21,
    }


def test_tasks_find_what_was_printed_for_them():
    card = [score.value for score in published_for("humaneval") if score.model == "WaveCoder-Ultra-6.7B"]
    assert sorted(card) == [78.6, 79.9]
    assert {score.language for score in published_for("humanevalpack-fix-rust")} == {"rust"}
    assert {score.language for score in published_for("humanevalpack-explain")} == {"avg"}
    assert published_for("mbpp-sanitized") == []


REAL = {
    "wavecoder-ultra-6.7b.humaneval": ("humaneval", "program", 131, set[int]()),
    "evol-teacher.humaneval": ("humaneval", "continuation", 51, set[int]()),
    # Its publisher ran these two programs without the answer.
    "gpt-4o.humaneval-x-python": ("humanevalpack-synthesize-python", "continuation", 117, {63, 142}),
    # HumanEval-X has other tests there; HumanEvalPack's cannot be relied on.
    "gpt-4o.humaneval-x-js": ("humanevalpack-synthesize-js", "continuation", 130, {107, 136, 155}),
}
"""Files by task, form, published passes, and the problems on which our verdict is another one (docs/publish.md)."""


def test_real_generations_come_out_as_published(tmp_path: Path, generations: Path):
    """Row by row, and then as figures of one leaderboard."""
    for name, (task, form, passes, others) in REAL.items():
        file = generations / f"{name}.jsonl"
        given = {"model": name, "form": form, "data": str(generations.parent / "benchmarks")}
        _, config = plan_samples(file, task, None, given)
        if "js" in task and not language_is_here("javascript"):
            continue
        evaluate(config, tmp_path / name)
        published = {number_of(row["task_id"]): row["passed"] for row in map(json.loads, file.read_text().splitlines())}
        assert sum(published.values()) == passes
        ours = {number_of(mark.task_id): mark.verdict.passes_upstream for mark in marks_of(tmp_path / name)}
        assert {number for number in ours if ours[number] != published[number]} == others
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    rows = {(entry.model, column.task): row for entry in board.entries for column, row in entry.rows.items()}
    figures = {task: round(100 * row.rates[1].value, 1) for (_, task), row in rows.items() if "humanevalpack" in task}
    assert figures.pop("humanevalpack-synthesize-python") == 72.6
    assert figures in ({}, {"humanevalpack-synthesize-js": 77.4})
    assert all(row.sound[1].value == pytest.approx(127 / 161) for (_, task), row in rows.items() if task.endswith("js"))
    scores = {name: row.rates[1].value for (name, task), row in rows.items() if task == "humaneval"}
    assert {name: round(100 * value, 1) for name, value in scores.items()} == {
        "wavecoder-ultra-6.7b.humaneval": 79.9,
        "evol-teacher.humaneval": 31.1,
    }
    card = [each.value for each in published_for("humaneval") if each.model == "WaveCoder-Ultra-6.7B"]
    assert round(100 * scores["wavecoder-ultra-6.7b.humaneval"], 1) in card


def number_of(task_id: str) -> int:
    return int(task_id.rpartition("/")[2])


def marks_of(run: Path) -> list[VerdictSummary]:
    return list(read_summaries(run / "verdicts.jsonl").values())


def language_is_here(name: str) -> bool:
    try:
        with_paths(language(name))
    except ToolchainMissingError:
        return False
    return True
