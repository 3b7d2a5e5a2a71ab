import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.judge import Sample, judge_samples
from harness.judged import read_marks
from sandbox.launch import open_sandbox
from tasks.registry import load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, Sequence[object]], Path]
Sentence = Callable[[subprocess.CompletedProcess[str]], str]


def verdicts(folder: Path) -> list[str]:
    return [mark.verdict.value for _, mark in sorted(read_marks(folder / "verdicts.jsonl").items())]


def test_every_sample_gets_its_verdict_also_those_that_need_no_sandbox(data: Path):
    task = load("humaneval", data_file=data / "problems.jsonl")
    texts = ["    return a + b\n", "", "    return a - b\n", "  \n", "    return (\n"]
    samples = [Sample(task.problems[0], n, [text], AnswerForm.CONTINUATION) for n, text in enumerate(texts)]
    with open_sandbox(workers=1) as sandbox:
        judged = {line.sample: line for line in judge_samples(task, samples, sandbox)}
    assert [judged[number].verdict for number in range(5)] == [
        Verdict.PASSED,
        Verdict.NO_CODE,
        Verdict.WRONG,
        Verdict.NO_CODE,
        Verdict.NOT_COMPILED,
    ]
    assert judged[1].ending is None
    assert judged[0].program_sha256 != judged[2].program_sha256


def test_nothing_is_judged_twice(run_copy: Path, wavebench: Run):
    before = (run_copy / "verdicts.jsonl").read_bytes()
    done = wavebench("judge", run_copy)
    assert done.returncode == 0, done.stderr
    assert (run_copy / "verdicts.jsonl").read_bytes() == before


def test_what_could_not_be_judged_is_tried_again(run_copy: Path, wavebench: Run):
    expected, score = verdicts(run_copy), (run_copy / "score.json").read_bytes()
    lines = (run_copy / "verdicts.jsonl").read_text().splitlines()
    failed = [{**json.loads(line), "verdict": "not judged", "ending": "sandbox failed"} for line in lines[:3]]
    (run_copy / "verdicts.jsonl").write_text("".join(f"{line}\n" for line in [*map(json.dumps, failed), *lines[3:]]))
    done = wavebench("judge", run_copy)
    assert done.returncode == 0, done.stderr
    assert verdicts(run_copy) == expected
    assert (run_copy / "score.json").read_bytes() == score


def test_a_limit_of_the_run_stands_in_place_of_the_tasks(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run
):
    samples = write_lines(
        "s.jsonl", [{"task_id": "own/0", "completion": "    import time; time.sleep(4); return a + b"}]
    )
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--limit", 1, "--out", tmp_path / "run"]
    done = wavebench("judge", samples, *words, "--set", "wall_seconds=0.5")
    assert done.returncode == 0, done.stderr
    assert verdicts(tmp_path / "run") == ["timeout"]


def test_a_samples_file_that_lacks_problems_is_refused_and_then_allowed(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run, one_sentence: Sentence
):
    samples = write_lines("s.jsonl", [{"task_id": "own/1", "completion": "    return 2 * x"}])
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--out", tmp_path / "run"]
    assert "own/0, own/2, own/3" in one_sentence(wavebench("judge", samples, *words))
    done = wavebench("judge", samples, *words, "--allow-missing")
    assert done.returncode == 0, done.stderr
    assert "3 problems have no judged sample" in done.stderr
    score = json.loads((tmp_path / "run" / "score.json").read_text())
    assert (score["pass@1"]["value"], score["n_problems"]) == (1.0, 1)
    assert score["unscored_problems"] == ["own/0", "own/2", "own/3"]


def test_samples_that_changed_are_not_mixed_with_the_old(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run, one_sentence: Sentence
):
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--limit", 1, "--out", tmp_path / "run"]
    file = write_lines("s.jsonl", [{"task_id": "own/0", "completion": "    return a + b"}])
    assert wavebench("judge", file, *words).returncode == 0
    write_lines("s.jsonl", [{"task_id": "own/0", "completion": "    return 0"}])
    assert "samples_sha256" in one_sentence(wavebench("judge", file, *words))


def test_empty_and_huge_completions_are_judged_like_others(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run
):
    huge = "    x = 1\n" * 5_000_000
    rows = [{"task_id": "own/0", "completion": text} for text in ["", huge, "    return a + b\n"]]
    samples = write_lines("s.jsonl", rows)
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--limit", 1, "--out", tmp_path / "run"]
    done = wavebench("judge", samples, *words)
    assert done.returncode == 0, done.stderr
    assert verdicts(tmp_path / "run")[0::2] == ["no code", "passed"]
    assert verdicts(tmp_path / "run")[1] in ("wrong", "error", "timeout", "out of memory")
    with (tmp_path / "run" / "completions.jsonl").open() as lines:
        assert json.loads(lines.readlines()[1])["completion"] == huge
    assert (tmp_path / "run" / "report.html").stat().st_size < 1_000_000


def test_a_forged_pass_counts_by_the_upstream_protocol_only(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run
):
    forgery = "    class Yes:\n        def __eq__(self, other):\n            return True\n    return Yes()\n"
    samples = write_lines(
        "s.jsonl", [{"task_id": "own/0", "completion": text} for text in (forgery, "    return a + b")]
    )
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--limit", 1]
    done = wavebench("judge", samples, *words, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "1 FORGED" in done.stderr
    assert verdicts(tmp_path / "run") == ["forged", "passed"]
    score = json.loads((tmp_path / "run" / "score.json").read_text())
    assert (score["pass@1"]["value"], score["confirmed_pass@1"]["value"]) == (1.0, 0.5)
    assert score["confirmations"]["forged_samples"] == ["own/0 sample 0"]
    done = wavebench("judge", samples, *words, "--out", tmp_path / "upstream", "--set", "confirm=false")
    assert verdicts(tmp_path / "upstream") == ["passed", "passed"]
