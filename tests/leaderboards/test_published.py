from collections import Counter
from pathlib import Path

import pytest

from leaderboards.board import make_board
from leaderboards.published import published_for, published_scores
from leaderboards.record import find_runs, read_record


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


def test_real_generations_come_out_as_published(tmp_path: Path, generations: Path):
    from harness.evaluate import evaluate
    from harness.requested import plan_samples

    for file, form in (("wavecoder-ultra-6.7b", "program"), ("evol-teacher", "continuation")):
        path = generations / f"{file}.humaneval.jsonl"
        _, config = plan_samples(path, "humaneval", tmp_path / file, {"model": file, "form": form})
        evaluate(config, tmp_path / file)
    board = make_board([read_record(path) for path in find_runs([tmp_path])])
    scores = {entry.model: next(iter(entry.rows.values())).rates[1].value for entry in board.entries}
    assert {name: round(100 * value, 1) for name, value in scores.items()} == {
        "wavecoder-ultra-6.7b": 79.9,
        "evol-teacher": 31.1,
    }
    assert pytest.approx(scores["wavecoder-ultra-6.7b"], abs=5e-4) == 0.799
