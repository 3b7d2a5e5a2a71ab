from pathlib import Path

import pytest

from harness.statistics.intervals import IntervalMethod
from harness.statistics.ranks import RankRange
from leaderboards.board import make_board
from leaderboards.record import RecordError, find_runs, read_record
from leaderboards.row import fold
from tasks.verdict import Verdict
from tests.leaderboards.made_runs import MadeRun, copy_of, write_run


def test_seeds_fold_into_one_row_problem_by_problem(tmp_path: Path):
    runs = [
        read_record(write_run(tmp_path / str(seed), MadeRun("one", samples=5, temperature=0.8, seed=seed)))
        for seed in (0, 1)
    ]
    row = fold(runs)
    assert {tally.samples for tally in row.tallies.values()} == {10}
    assert row.n_samples == 1640
    assert 10 in row.rates
    passed = sum(run.verdicts[Verdict.PASSED] for run in runs)
    assert row.rates[1].value == pytest.approx(passed / 1640)
    lone = fold(runs[:1])
    assert row.rates[1].high - row.rates[1].low < lone.rates[1].high - lone.rates[1].low
    assert row.rates[1].high - row.rates[1].low > 0.6 * (lone.rates[1].high - lone.rates[1].low)


def test_a_board_ranks_by_the_average_of_tasks(several_runs: Path):
    board = make_board([read_record(path) for path in find_runs([several_runs])])
    assert [column.label for column in board.columns] == ["humaneval", "other"]
    assert board.entries[0].model == "hf:org/large-33b"
    standing = board.entries[0].standings[1]
    rates = [row.rates[1].value for row in board.entries[0].rows.values()]
    assert standing.average is not None
    assert standing.average.value == pytest.approx(sum(rates) / 2)
    assert standing.average.low < standing.average.value < standing.average.high
    assert standing.average_rank == RankRange(1, 1)
    assert board.entries[1].standings[1].average_rank == RankRange(2, 3)
    assert board.ks == (1, 10)


def test_whoever_misses_problems_or_tasks_is_shown_but_not_ranked(tmp_path: Path):
    write_run(tmp_path / "whole", MadeRun("whole"))
    write_run(tmp_path / "part", MadeRun("part", limit=20))
    write_run(tmp_path / "whole-other", MadeRun("whole", "other", task_ids=["Other/1", "Other/2"]))
    board = make_board([read_record(path) for path in find_runs([tmp_path])])
    part = next(entry for entry in board.entries if entry.model == "part")
    assert part.standings[1].average is None
    assert part.standings[1].ranks == {}
    assert len(part.rows) == 1


def test_other_data_is_another_column(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun("one"))
    write_run(tmp_path / "b", MadeRun("two", identity={"fingerprint": "0" * 64}))
    board = make_board([read_record(path) for path in find_runs([tmp_path])])
    assert len(board.columns) == 2
    assert all("humaneval 1." in column.label for column in board.columns)
    assert any("not compared" in remark for remark in board.remarks)


def test_two_ways_of_sampling_are_two_lines(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun("one"))
    write_run(tmp_path / "b", MadeRun("one", temperature=0.8))
    names = [entry.name for entry in make_board([read_record(path) for path in find_runs([tmp_path])]).entries]
    assert sorted(names) == ["one [temperature 0, 512 tokens]", "one [temperature 0.8, top-p 1, 512 tokens]"]


def test_another_packages_task_with_humanevals_name_keeps_its_problems_apart(tmp_path: Path):
    """Were the numbers taken for HumanEval's, 40 problems would count as 20."""
    task_ids = [f"{topic}/{number}" for number in range(20) for topic in ("sorting", "graphs")]
    made = MadeRun(
        "one", task_ids=task_ids, verdict=lambda task_id, _: Verdict.PASSED if "0" in task_id else Verdict.WRONG
    )
    found = [
        fold([read_record(write_run(tmp_path / task, copy_of(made, task=task)))]).rates[1]
        for task in ("humaneval-mycorp", "own")
    ]
    assert found[0] == found[1]
    assert found[0].method == IntervalMethod.CLOPPER_PEARSON


@pytest.mark.parametrize("passes", [(True, True), (False, False), (True, False)])
def test_the_average_of_tasks_all_passed_or_all_failed_is_not_certain(tmp_path: Path, passes: tuple[bool, bool]):
    for task, every in zip(("a", "b"), passes, strict=True):
        verdict = Verdict.PASSED if every else Verdict.WRONG
        made = MadeRun("one", task, task_ids=[f"T/{n}" for n in range(10)], verdict=lambda *_, said=verdict: said)
        write_run(tmp_path / task, made)
    board = make_board([read_record(path) for path in find_runs([tmp_path])])
    average = board.entries[0].standings[1].average
    assert average is not None
    assert average.method == "gaffke over problems, tasks weighted equally"
    assert average.low <= average.value <= average.high
    assert average.high - average.low > 0.1


@pytest.mark.parametrize(("problems", "told_apart"), [(2, False), (4, False), (5, False), (8, True)])
def test_few_problems_rank_nobody_too_soon(tmp_path: Path, problems: int, told_apart: bool):
    for model, verdict in (("best", Verdict.PASSED), ("worst", Verdict.WRONG)):
        made = MadeRun(model, limit=problems, verdict=lambda *_, said=verdict: said)
        write_run(tmp_path / model, made)
    board = make_board([read_record(path) for path in find_runs([tmp_path])])
    best = next(entry for entry in board.entries if entry.model == "best")
    assert best.standings[1].average_rank == RankRange(1, 1 if told_apart else 2)


def test_a_copied_run_counts_once(tmp_path: Path):
    import shutil

    write_run(tmp_path / "a", MadeRun("one"))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    board = make_board([read_record(path) for path in find_runs([tmp_path])])
    row = next(iter(board.entries[0].rows.values()))
    assert row.n_samples == 164
    assert "copy" in board.remarks[0]


def test_a_name_cannot_move_the_cursor(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun("evil\x1b[2J\u202e"))
    board = make_board([read_record(path) for path in find_runs([tmp_path])])
    assert board.entries[0].name == "evil\\u001b[2J\\u202e"


def test_a_folder_without_runs_is_one_sentence(tmp_path: Path):
    with pytest.raises(RecordError, match="holds no run folder"):
        find_runs([tmp_path])
