import re
from pathlib import Path

import pytest

from leaderboards.compare.comparison import adjust_together, compare_runs
from leaderboards.compare.pairing import pair_runs
from leaderboards.compare.text import comparison_json, comparison_text, overview
from leaderboards.runs.problems import traits_of
from leaderboards.runs.record import RunRecord, read_record
from leaderboards.runs.settings import IncomparableError, refuse_mismatches
from sandbox.errors import WavebenchError
from tasks.verdict import Verdict
from tests.leaderboards.made_runs import MadeRun, copy_of, write_run


def passing(*numbers: int) -> dict[str, object]:
    def verdict(task_id: str, sample: int) -> Verdict:  # noqa: ARG001
        return Verdict.PASSED if int(task_id.rpartition("/")[2]) in numbers else Verdict.WRONG

    return {"verdict": verdict}


def record(path: Path, made: MadeRun) -> RunRecord:
    return read_record(write_run(path, made))


ONE = MadeRun("one")


def test_problems_won_and_lost_are_named(tmp_path: Path):
    first = record(tmp_path / "a", copy_of(ONE, **passing(1, 2, 3)))
    second = record(tmp_path / "b", copy_of(ONE, model="two", **passing(2, 3, 4, 5, 30)))
    result = compare_runs(first, second)
    assert [change.task_id for change in result.won] == ["HumanEval/4", "HumanEval/5", "HumanEval/30"]
    assert [change.task_id for change in result.lost] == ["HumanEval/1"]
    assert result.paired.difference.value == pytest.approx(2 / 164)
    assert not result.differs


def test_what_the_user_reads(tmp_path: Path):
    first = record(tmp_path / "a", copy_of(ONE, **passing(*range(60))))
    second = record(tmp_path / "b", copy_of(ONE, model="two", **passing(*range(50), *range(80, 110))))
    text = comparison_text(compare_runs(first, second))
    assert "The second is better by 12.2 points (p = 0.0015)." in text
    assert "a true difference of 10.8 points is found four times in five" in text
    assert "Won 30: HumanEval/80" in text
    assert "and 18 more" in text
    assert "Lost 10: HumanEval/50" in text
    assert comparison_json(compare_runs(first, second))["differs"] is True


def test_no_difference_is_no_proof_of_none(tmp_path: Path):
    first = record(tmp_path / "a", copy_of(ONE, **passing(1, 2)))
    second = record(tmp_path / "b", copy_of(ONE, model="two", **passing(2, 3)))
    assert "No difference is shown: +0.0 points, p = 1.000. That does not prove" in comparison_text(
        compare_runs(first, second)
    )


@pytest.mark.parametrize(
    ("changes", "term"),
    [
        ({"identity": {"version": "0.9"}}, "version"),
        ({"identity": {"fingerprint": "0" * 64}}, "data"),
        ({"identity": {"style": "other", "style_sha256": "1" * 64}}, "style"),
        ({"temperature": 0.8}, "sampling"),
        ({"extraction": "upstream"}, "extraction"),
    ],
)
def test_other_terms_are_refused_or_marked(tmp_path: Path, changes: dict[str, object], term: str):
    first, second = record(tmp_path / "a", ONE), record(tmp_path / "b", copy_of(ONE, model="two", **changes))
    with pytest.raises(IncomparableError, match=f"differ in {term} .* --allow-different {term}"):
        refuse_mismatches(first, second)
    marked = refuse_mismatches(first, second, [term])
    text = comparison_text(compare_runs(first, second, mismatches=marked))
    assert f"WARNING: the settings differ: {term} (" in text


def test_runs_that_agree_everywhere_say_what_is_left(tmp_path: Path):
    one, two = (record(tmp_path / name, copy_of(ONE, model=name, **passing(*range(60)))) for name in ("one", "two"))
    text = comparison_text(compare_runs(one, two))
    assert "the true difference lies below 1.8 points with 95 % confidence (1 - 0.05^(1/164), about 3/164)" in text
    assert "significant (p < 0.05) from about 3.0 points; a true difference of 4.2 points is found" in text
    assert "+0.0 (-1.8 to +1.8)" in text
    assert " 0.0 points" not in text.replace("No difference is shown: +0.0 points", "")


def test_too_few_problems_for_any_difference_say_so(tmp_path: Path):
    first = record(tmp_path / "a", copy_of(ONE, limit=3, **passing()))
    second = record(tmp_path / "b", copy_of(ONE, model="two", limit=3, **passing(0, 1, 2)))
    result = compare_runs(first, second)
    assert (result.paired.p_value, result.paired.difference.high) == (0.125, 1.0)
    assert result.paired.difference.low < 0
    assert "With so few problems no difference can become significant (p < 0.05)." in comparison_text(result)


def test_the_standard_error_stands_in_its_parts(tmp_path: Path):
    one = MadeRun("one", samples=4, temperature=0.8)
    result = compare_runs(record(tmp_path / "a", one), record(tmp_path / "b", copy_of(one, model="two", skill=0.6)))
    noise = result.noise
    assert noise is not None
    assert noise.problems is not None
    assert noise.samples is not None
    assert noise.problems**2 + noise.samples**2 == pytest.approx(noise.whole**2)
    text = comparison_text(result)
    assert f"Standard error {100 * noise.whole:.1f} points: {100 * noise.problems:.1f} by the choice of" in text
    assert comparison_json(result)["standard_error"]["problems"] == noise.problems
    single = compare_runs(record(tmp_path / "c", ONE), record(tmp_path / "d", copy_of(ONE, model="two")))
    assert "with two or more samples of each problem it splits" in comparison_text(single)


def test_pass_hat_k_stands_beside_pass_at_k(tmp_path: Path):
    one = MadeRun("one", samples=4, temperature=0.8)
    runs = record(tmp_path / "a", one), record(tmp_path / "b", copy_of(one, model="two", skill=0.6))
    result = compare_runs(*runs, k=4)
    every = sum(tally.passed == 4 for tally in runs[0].unforged.values()) / len(runs[0].unforged)
    assert result.first_reliable == pytest.approx(every)
    assert "pass^4 %" in comparison_text(result)
    assert comparison_json(result)["second"]["pass_hat_k"] == result.second_reliable
    assert compare_runs(*runs).first_reliable is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [("foo", ""), ("stile", "did you mean 'style'? "), ("task", ""), ("sample", "did you mean 'sampling'?")],
)
def test_an_unknown_term_is_refused_with_those_that_exist(tmp_path: Path, name: str, hint: str):
    runs = record(tmp_path / "a", ONE), record(tmp_path / "b", copy_of(ONE, model="two"))
    with pytest.raises(WavebenchError) as refused:
        refuse_mismatches(*runs, ["style", name])
    assert f"unknown setting of --allow-different {name!r}: {hint}" in str(refused.value)
    assert "Known are version, data, style, sampling, max_tokens, limits, extraction." in str(refused.value)


def test_groups_show_the_test_that_their_interval_agrees_with(tmp_path: Path):
    first = record(tmp_path / "a", copy_of(ONE, **passing()))
    second = record(tmp_path / "b", copy_of(ONE, model="two", **passing(*range(0, 12, 2))))
    traits = {f"HumanEval/{number}": {"language": "go" if number % 2 else "rust"} for number in range(164)}
    result = compare_runs(first, second, traits=traits)
    for group in result.groups:
        assert (group.paired.difference.low > 0) == (group.paired.p_value < 0.05)
    assert re.search(r"second %\s+difference\s+p\s+p, Holm", comparison_text(result))


def test_other_tasks_are_refused_for_good(tmp_path: Path):
    first = record(tmp_path / "a", ONE)
    second = record(tmp_path / "b", MadeRun("two", "other", task_ids=["Other/1"]))
    with pytest.raises(IncomparableError, match="different tasks"):
        refuse_mismatches(first, second, ["version", "data", "style"])


def test_a_k_beyond_the_samples_is_refused(tmp_path: Path):
    first, second = record(tmp_path / "a", copy_of(ONE, samples=3)), record(tmp_path / "b", copy_of(ONE, samples=5))
    assert compare_runs(first, second, 3).k == 3
    with pytest.raises(IncomparableError, match="pass@4 needs 4 judged samples"):
        compare_runs(first, second, 4)


def test_what_could_not_be_judged_is_excluded_and_noted(tmp_path: Path):
    def verdict(task_id: str, sample: int) -> Verdict:  # noqa: ARG001
        return Verdict.NOT_JUDGED if task_id == "HumanEval/7" else Verdict.PASSED

    first, second = (
        record(tmp_path / "a", copy_of(ONE, verdict=verdict)),
        record(tmp_path / "b", copy_of(ONE, **passing(7))),
    )
    result = compare_runs(first, second)
    assert result.paired.problems == 163
    assert result.first_score.value == 1.0
    assert any("1 sample in" in remark for remark in result.remarks)
    assert any("1 judged problem of" in remark for remark in result.remarks)


def test_languages_and_bugs_are_split(tmp_path: Path):
    first = record(tmp_path / "a", copy_of(ONE, **passing(*range(0, 164, 2))))
    second = record(tmp_path / "b", copy_of(ONE, model="two", **passing(*range(82))))
    traits = {
        f"HumanEval/{number}": {"language": "go" if number % 2 else "rust", "bug type": "missing logic"}
        for number in range(164)
    }
    found = {group.value: group for group in compare_runs(first, second, traits=traits).groups}
    assert set(found) == {"go", "rust"}
    assert (found["go"].first.value, found["rust"].first.value) == (0.0, 1.0)
    assert found["go"].adjusted_p < 0.001


def test_several_comparisons_are_adjusted_together(tmp_path: Path):
    base = record(tmp_path / "a", copy_of(ONE, **passing(1, 2)))
    others = [
        record(tmp_path / str(each), copy_of(ONE, model=f"m{each}", **passing(*range(each)))) for each in (8, 9, 40)
    ]
    alone = [compare_runs(base, other) for other in others]
    together = adjust_together(alone)
    assert together[0].adjusted_p == pytest.approx(2 * min(alone[0].paired.p_value, alone[1].paired.p_value))
    assert all(after.adjusted_p >= before.paired.p_value for before, after in zip(alone, together, strict=True))
    assert "m40" in overview(together)


def test_folders_of_several_runs_are_paired_by_task(tmp_path: Path):
    for model in ("one", "two"):
        write_run(tmp_path / model / "humaneval", MadeRun(model))
        write_run(tmp_path / model / "other", MadeRun(model, "other", task_ids=["Other/1", "Other/2"]))
    pairs = pair_runs([tmp_path / "one", tmp_path / "two"])
    assert [(a.model, a.task.name, b.model, b.task.name) for a, b in pairs] == [
        ("one", "humaneval", "two", "humaneval"),
        ("one", "other", "two", "other"),
    ]
    with pytest.raises(IncomparableError, match="needs two or more"):
        pair_runs([tmp_path / "one"])


def test_fix_runs_are_split_by_bug_and_others_are_not(tmp_path: Path):
    benchmarks = Path(__file__).parents[3] / "shared" / "data" / "benchmarks"
    if not benchmarks.is_dir():
        pytest.skip(f"needs the whole of HumanEvalPack, which is not at {benchmarks}")
    found: dict[str, list[str]] = {}
    for scenario in ("fix", "synthesize"):
        made = MadeRun("one", f"humanevalpack-{scenario}-js", data=str(benchmarks))
        first, second = (record(tmp_path / scenario / name, copy_of(made, model=name)) for name in ("one", "two"))
        result = compare_runs(first, second, traits=traits_of(second))
        found[scenario] = [f"{group.trait}: {group.value}, {group.paired.problems}" for group in result.groups]
        assert any("JavaScript/107" in remark for remark in result.remarks)
    assert found == {
        "fix": [
            "bug type: excess logic, 31",
            "bug type: function misuse, 8",
            "bug type: missing logic, 33",
            "bug type: operator misuse, 25",
            "bug type: value misuse, 44",
            "bug type: variable misuse, 23",
        ],
        "synthesize": [],
    }
