import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.runs.config import RunConfig
from harness.runs.run import open_run, reopen_run
from harness.runs.verdict_log import record_without_outcome
from harness.scoring.report import write_report
from harness.scoring.score import ScoreError, score_run
from harness.scoring.score_table import remarks, score_table
from tasks.verdict import Judgement, Verdict

Run = Callable[..., subprocess.CompletedProcess[str]]


def scored(folder: Path, data: Path, **changes: object):
    with reopen_run(folder, {"data": str(data / "problems.jsonl"), **changes}) as run:
        return score_run(run)


def rewrite(folder: Path, change: Callable[[dict[str, object]], dict[str, object] | None]) -> None:
    file = folder / "verdicts.jsonl"
    rows = [change(json.loads(line)) for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows if row))


def without_version(score: str) -> dict[str, object]:
    return {name: value for name, value in json.loads(score).items() if name != "task_version"}


def test_the_golden_run_keeps_its_score(golden: Path, data: Path):
    scored(golden, data)
    pinned = (data / "golden-run" / "score.json").read_text()
    assert without_version((golden / "score.json").read_text()) == without_version(pinned)


def test_the_golden_run_is_judged_as_ever(golden: Path, data: Path, wavebench: Run):
    (golden / "verdicts.jsonl").unlink()
    done = wavebench("judge", golden, "--data", data / "problems.jsonl")
    assert done.returncode == 0, done.stderr
    pinned = without_version((data / "golden-run" / "score.json").read_text())
    pinned["tests_held"] = {"samples": 10, "mean_share": pytest.approx(2 / 3)}  # its own verdicts are older than that
    assert without_version((golden / "score.json").read_text()) == pinned


def test_pass_at_k_is_the_unbiased_mean_over_problems(golden: Path, data: Path):
    # passes of 3: 2, 1, 3, 0; pass@2 = 1 - C(n-c, 2) / C(n, 2)
    score = scored(golden, data, k="1,2,3")
    assert score.pass_rates[1].value == pytest.approx(6 / 12)
    assert score.pass_rates[2].value == pytest.approx((1 + 2 / 3 + 1 + 0) / 4)
    assert score.pass_rates[3].value == pytest.approx(3 / 4)


def test_not_judged_samples_are_in_no_denominator(golden: Path, data: Path):
    def fail_the_wrong(row: dict[str, object]) -> dict[str, object]:
        return {**row, "verdict": "not judged"} if row["task_id"] == "own/0" and row["verdict"] == "wrong" else row

    rewrite(golden, fail_the_wrong)
    score = scored(golden, data)
    assert score.pass_rates[1].value == pytest.approx((2 / 2 + 1 / 3 + 1 + 0) / 4)
    assert (score.n_samples, score.not_judged, score.samples_per_problem) == (11, 1, (2, 3))


def test_a_problem_without_a_judged_sample_is_named_and_left_out(golden: Path, data: Path):
    rewrite(golden, lambda row: {**row, "verdict": "not judged"} if row["task_id"] == "own/3" else row)
    score = scored(golden, data)
    assert score.unscored_problems == ["own/3"]
    assert score.pass_rates[1].value == pytest.approx((2 / 3 + 1 / 3 + 1) / 3)


def test_more_k_than_judged_samples_is_refused_with_the_problem(golden: Path, data: Path):
    rewrite(golden, lambda row: None if (row["task_id"], row["sample"]) == ("own/2", 1) else row)
    with pytest.raises(ScoreError, match=r"pass@3 needs at least 3 judged samples.*'own/2' has 2"):
        scored(golden, data, k="3")


def test_missing_samples_end_in_an_error_after_the_table(golden: Path, data: Path, wavebench: Run):
    rewrite(golden, lambda row: None if (row["task_id"], row["sample"]) == ("own/2", 1) else row)
    done = wavebench("score", golden, "--data", data / "problems.jsonl")
    assert done.returncode == 1
    assert "pass@1" in done.stdout
    assert "1 samples are still missing" in done.stderr


def test_of_two_verdicts_on_one_sample_the_last_counts(golden: Path, data: Path):
    lines = (golden / "verdicts.jsonl").read_text().splitlines()
    again = [{**json.loads(line), "verdict": "wrong"} for line in lines if '"passed"' in line]
    with (golden / "verdicts.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in again)
    score = scored(golden, data)
    assert (score.pass_rates[1].value, score.n_samples) == (0.0, 12)


def test_a_run_without_verdicts_says_what_to_do(golden: Path, data: Path):
    (golden / "verdicts.jsonl").unlink()
    with pytest.raises(ScoreError, match="wavebench judge"):
        scored(golden, data)


def test_a_run_of_which_nothing_could_be_judged_says_why_and_what_to_do(golden: Path, data: Path):
    rewrite(golden, lambda row: {**row, "verdict": "not judged", "confirmed": None, "detail": "the zygote ended."})
    said = r"^None of the samples in .* could be judged \(the zygote ended\): fix that.* run `wavebench judge .* again"
    with pytest.raises(ScoreError, match=said):
        scored(golden, data)


def test_the_score_holds_no_times(golden: Path):
    assert "seconds" not in (golden / "score.json").read_text()


def test_a_forged_pass_counts_upstream_and_is_no_confirmed_one(golden: Path, data: Path, wavebench: Run):
    def forge(row: dict[str, object]) -> dict[str, object]:
        first = (row["task_id"], row["sample"]) == ("own/0", 0)
        return {**row, "verdict": "forged", "confirmed": False} if first else row

    rewrite(golden, forge)
    score = scored(golden, data, k="1,2")
    assert (score.pass_rates[1].value, score.confirmed_pass_rates[1].value) == pytest.approx((6 / 12, 5 / 12))
    assert score.confirmed_pass_rates[2].value == pytest.approx((2 / 3 + 2 / 3 + 1 + 0) / 4)
    assert score.confirmations is not None
    assert (score.confirmations.confirmed, score.confirmations.forged) == (5, 1)
    done = wavebench("score", golden, "--data", data / "problems.jsonl")
    assert "1 FORGED" in done.stderr
    assert "own/0 sample 0" in done.stderr


def test_what_could_not_be_confirmed_is_counted_with_its_reason(golden: Path, data: Path):
    def doubt(row: dict[str, object]) -> dict[str, object]:
        passed = row["task_id"] == "own/2"
        return {**row, "confirmed": None, "detail": "unconfirmed: a function is passed"} if passed else row

    rewrite(golden, doubt)
    score = scored(golden, data)
    assert (score.pass_rates[1].value, score.confirmed_pass_rates[1].value) == pytest.approx((6 / 12, 3 / 12))
    assert score.confirmations is not None
    assert score.confirmations.unconfirmed == 3
    assert score.confirmations.unconfirmed_reasons == {"own/2": "a function is passed"}


def test_without_confirmation_there_is_no_confirmed_score(golden: Path, data: Path, wavebench: Run):
    (golden / "verdicts.jsonl").unlink()
    done = wavebench("judge", golden, "--data", data / "problems.jsonl", "--set", "confirm=false")
    assert done.returncode == 0, done.stderr
    assert "not tried" in done.stdout
    score = json.loads((golden / "score.json").read_text())
    assert score["pass@1"]["value"] == 0.5
    assert not [name for name in score if name.startswith("confirmed_pass")]
    lines = (golden / "verdicts.jsonl").read_text().splitlines()
    assert {json.loads(line)["confirmed"] for line in lines} == {None}


@pytest.fixture
def pack_run(tmp_path: Path, shared_data: Path) -> Path:
    """The first C++ problems, verdicts written by hand: the unsound CPP/23 passes, and so do eleven others."""
    config = RunConfig("made", "humanevalpack-fix-cpp", samples=1, limit=24, data=str(shared_data / "benchmarks"))
    with open_run(config, tmp_path / "run") as run:
        for number, problem in enumerate(run.problems):
            verdict = Verdict.PASSED if number < 11 or problem.task_id == "CPP/23" else Verdict.WRONG
            run.folder.verdicts.append(record_without_outcome(problem.task_id, 0, "", Judgement(verdict)))
    return tmp_path / "run"


def test_the_sound_score_leaves_out_what_cannot_be_relied_on(pack_run: Path):
    with reopen_run(pack_run) as run:
        score = score_run(run)
        write_report(run, score)
    assert (score.pass_rates[1].value, score.sound_pass_rates[1].value) == pytest.approx((12 / 24, 11 / 23))
    stated = json.loads((pack_run / "score.json").read_text())
    assert stated["sound_pass@1"]["value"] == pytest.approx(11 / 23)
    assert "strlen" in stated["unsound_problems"]["CPP/23"]
    text = score_table({pack_run: score})
    assert "sound" in text
    assert "47.8" in text
    assert any("CPP/23: The function is called strlen" in remark for remark in remarks(pack_run, score))
    report = (pack_run / "report.html").read_text()
    assert "sound pass@1" in report
    assert "<b>CPP/23</b> The function is called strlen" in report


def test_nothing_is_said_of_sound_scores_where_all_problems_are(golden: Path, data: Path):
    score = scored(golden, data)
    stated = json.loads((golden / "score.json").read_text())
    assert not [name for name in stated if "sound" in name]
    assert "sound" not in score_table({golden: score})


def test_a_run_of_unsound_problems_alone_has_no_sound_score(pack_run: Path):
    rewrite(pack_run, lambda row: row if row["task_id"] == "CPP/23" else None)
    with reopen_run(pack_run) as run:
        score = score_run(run)
    assert (score.pass_rates[1].value, score.sound_pass_rates, list(score.unsound)) == (1.0, {}, ["CPP/23"])
