import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.run import reopen_run
from harness.score import ScoreError, score_run

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
    pinned = (data / "golden-run" / "score.json").read_text()
    assert without_version((golden / "score.json").read_text()) == without_version(pinned)


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
