from pathlib import Path
from typing import Any

import pytest

from harness.cli.resolve_config import plan_samples
from harness.evaluate import evaluate
from harness.statistics.intervals import IntervalMethod
from harness.statistics.ranks import RankRange
from leaderboards.runs.leaderboard import make_leaderboard
from leaderboards.runs.record import RecordError, find_runs, read_record, read_records
from leaderboards.runs.row import fold
from tasks.verdict import Verdict
from tests.leaderboards.made_runs import MadeRun, copy_of, write_run
from tests.leaderboards.strangers import PROBLEMS, set_manifest, write


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
    board = make_leaderboard([read_record(path) for path in find_runs([several_runs])])
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
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    part = next(entry for entry in board.entries if entry.model == "part")
    assert part.standings[1].average is None
    assert part.standings[1].ranks == {}
    assert len(part.rows) == 1


def test_other_data_is_another_column(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun("one"))
    write_run(tmp_path / "b", MadeRun("two", identity={"fingerprint": "0" * 64}))
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    assert len(board.columns) == 2
    assert all("humaneval 1." in column.label for column in board.columns)
    assert any("not compared" in remark for remark in board.remarks)


def test_code_found_by_other_rules_is_another_column(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun("one"))
    write_run(tmp_path / "b", MadeRun("two", extraction="upstream"))
    earlier = write_run(tmp_path / "c", MadeRun("three")) / "config.toml"
    earlier.write_text(earlier.read_text().replace('extraction = "robust"\n', ""))
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    assert [column.label for column in board.columns] == ["humaneval", "humaneval upstream"]
    places = {entry.model: [column.extraction for column in entry.rows] for entry in board.entries}
    assert places == {"one": [""], "two": ["upstream"], "three": [""]}
    assert any("upstream found code by other rules" in remark for remark in board.remarks)


def test_two_ways_of_sampling_are_two_lines(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun("one"))
    write_run(tmp_path / "b", MadeRun("one", temperature=0.8))
    names = [entry.name for entry in make_leaderboard([read_record(path) for path in find_runs([tmp_path])]).entries]
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
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
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
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    best = next(entry for entry in board.entries if entry.model == "best")
    assert best.standings[1].average_rank == RankRange(1, 1 if told_apart else 2)


def test_a_copied_run_counts_once(tmp_path: Path):
    import shutil

    write_run(tmp_path / "a", MadeRun("one"))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    row = next(iter(board.entries[0].rows.values()))
    assert row.n_samples == 164
    assert "copy" in board.remarks[0]


GREEDY = [
    {"task_id": f"own/{number}", "completion": text}
    for number, text in enumerate(
        ("    return a + b\n", "    return 2 * x\n", "    return 0\n", "    return n % 2 == 0\n")
    )
    for _ in range(3)
]


def judged(samples: list[dict[str, str]], folder: Path, **settings: object) -> Path:
    """A real run of samples made elsewhere, all under one name."""
    write(folder.with_suffix(".jsonl"), list(samples))
    given = {"model": "one", "data": str(PROBLEMS), **settings}
    _, config = plan_samples(folder.with_suffix(".jsonl"), "humaneval", None, given)
    evaluate(config, folder)
    return folder


def test_one_file_judged_twice_counts_once(tmp_path: Path):
    """Whenever that was, under whatever seed, and in whatever order its rows stand."""
    runs = [
        judged(GREEDY, tmp_path / "a"),
        judged(GREEDY, tmp_path / "b", seed=1),
        judged(GREEDY[::-1], tmp_path / "c"),
    ]
    assert len({read_record(path).run_sha256 for path in runs}) == 3
    board = make_leaderboard([read_record(path) for path in runs])
    (entry,) = board.entries
    (row,) = entry.rows.values()
    (alone,) = make_leaderboard([read_record(runs[0])]).entries[0].rows.values()
    assert row.n_samples == 12
    assert row.rates == alone.rates
    assert [" is a copy of " in remark for remark in board.remarks] == [True, True]


def test_two_files_under_one_name_are_two_lines(tmp_path: Path):
    worse = [{**sample, "completion": "    return None\n"} for sample in GREEDY]
    runs = [judged(GREEDY, tmp_path / "a"), judged(worse, tmp_path / "b", seed=1)]
    board = make_leaderboard([read_record(path) for path in runs])
    assert [entry.model for entry in board.entries] == ["one", "one"]
    assert [next(iter(entry.rows.values())).rates[1].value for entry in board.entries] == [0.75, 0.0]
    for entry in board.entries:
        (row,) = entry.rows.values()
        assert row.n_samples == 12
        assert f"run {row.runs[0].run_sha256[:12]}" in entry.name
    assert "samples made elsewhere do not say which weights" in board.remarks[0]


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({}, {"seed": 1, "temperature": 0.0}, ""),  # other terms: other lines, nothing to remark
        ({}, {"seed": 0, "skill": 0.9}, "both have seed 0"),
        ({}, {"seed": 1, "weights": "sha256 2"}, "their models differ in weights"),
        ({}, {"seed": 1, "weights": ""}, "their models differ in weights"),
        ({}, {"seed": 1, "limit": 20}, "they differ in limit"),
        ({"temperature": 0.0}, {"temperature": 0.0, "seed": 1}, "greedy answers are no new draws"),
    ],
)
def test_only_new_draws_of_the_same_weights_fold(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any], reason: str
):
    for name, changes in (("a", first), ("b", second)):
        write_run(tmp_path / name, MadeRun("one", **(DRAWN | changes | answers(name))))
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    assert len({entry.name for entry in board.entries}) == 2
    assert {next(iter(entry.rows.values())).runs[0].path.name for entry in board.entries} == {"a", "b"}
    assert any(reason in remark for remark in board.remarks) if reason else not board.remarks


def test_new_draws_of_the_same_weights_fold_on_the_board(tmp_path: Path):
    for seed in (0, 1, 2):
        write_run(tmp_path / str(seed), MadeRun("one", seed=seed, **(DRAWN | answers(str(seed)))))
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    ((row,),) = [entry.rows.values() for entry in board.entries]
    assert (row.n_samples, board.remarks, board.entries[0].name) == (3 * 2 * 164, (), "one")


DRAWN: dict[str, Any] = {"samples": 2, "temperature": 0.8}


def answers(name: str) -> dict[str, Any]:
    return {"answer": lambda task_id, number: f"    return {name!r}, {task_id!r}, {number}\n"}


def test_same_answers_never_count_twice_even_if_judged_otherwise(tmp_path: Path):
    for seed in (0, 1):
        write_run(tmp_path / str(seed), MadeRun("one", samples=2, temperature=0.8, seed=seed, skill=0.2 + 0.6 * seed))
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    assert len(board.entries) == 2
    assert "they hold the same answers" in board.remarks[0]


def test_weights_of_one_name_keep_their_tasks_together(tmp_path: Path):
    """The second checkpoint has only the second task: it does not lend it to the first."""
    write_run(tmp_path / "a1", MadeRun("one", weights="sha256 1"))
    write_run(tmp_path / "b1", MadeRun("one", "other", task_ids=["Other/1"], weights="sha256 1"))
    write_run(tmp_path / "b2", MadeRun("one", "other", task_ids=["Other/1"], weights="sha256 2", skill=0.9))
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    found = sorted(sorted(run.path.name for row in entry.rows.values() for run in row.runs) for entry in board.entries)
    assert found == [["a1", "b1"], ["b2"]]


@pytest.mark.parametrize("sections", [{"task": "x"}, {"judging": "x"}, {"judging": {"versions": [1]}}, {"finished": 5}])
def test_a_damaged_manifest_is_one_sentence(tmp_path: Path, sections: dict[str, Any]):
    set_manifest(write_run(tmp_path / "a", MadeRun("one", limit=3)), **sections)
    with pytest.raises(RecordError, match=r"The manifest of .* is damaged"):
        read_record(tmp_path / "a")


def test_a_name_cannot_move_the_cursor(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun("evil\x1b[2J\u202e"))
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    assert board.entries[0].name == "evil\\u001b[2J\\u202e"


def test_a_folder_without_runs_is_one_sentence(tmp_path: Path):
    with pytest.raises(RecordError, match="holds no run folder"):
        find_runs([tmp_path])


def test_runs_without_a_verdict_are_left_out_unless_they_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    write_run(tmp_path / "runs" / "judged", MadeRun("one", limit=3))
    begun = write_run(tmp_path / "runs" / "begun", MadeRun("two", limit=3))
    (begun / "verdicts.jsonl").write_text("")
    assert [record.model for record in read_records([tmp_path / "runs"])] == ["one"]
    assert "Left out:" in caplog.text
    assert "wavebench judge" in caplog.text
    with pytest.raises(RecordError, match="no judged sample"):
        read_records([tmp_path / "runs" / "judged", begun])
    (tmp_path / "runs" / "judged" / "verdicts.jsonl").write_text("")
    with pytest.raises(RecordError, match="no judged sample"):
        read_records([tmp_path / "runs"])
