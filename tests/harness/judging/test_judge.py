import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.judging.judge import Sample, judge_samples
from harness.runs.verdict_log import read_summaries
from sandbox.launch import open_sandbox
from tasks.registry import load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, Sequence[object]], Path]
Sentence = Callable[[subprocess.CompletedProcess[str]], str]


def verdicts(folder: Path) -> list[str]:
    return [mark.verdict.value for _, mark in sorted(read_summaries(folder / "verdicts.jsonl").items())]


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


SOLUTION = {"task_id": "own/0", "solution": "def add(a, b):\n    return a + b\n"}
COMPLETION = {"task_id": "own/0", "completion": "    return a + b\n"}
RAW = {"task_id": "own/0", "sample": 2, "completion": "```python\ndef add(a, b):\n    return a + b\n```"}
CHAT = "Sure! Here is the function.\n\n```python\ndef {name}(x):\n    return 2 * x\n```\n"


def judged(samples: Path, data: Path, out: Path, wavebench: Run, *words: str) -> tuple[float, str]:
    """pass@1 of a samples file, and what was said beside the table."""
    line = ["--task", "humaneval", "--data", data / "problems.jsonl", "--allow-missing", "--out", out]
    done = wavebench("judge", samples, *line, *words)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "score.json").read_text())["pass@1"]["value"], done.stderr


@pytest.mark.parametrize("rows", [[SOLUTION, COMPLETION], [COMPLETION, SOLUTION], [RAW, COMPLETION, SOLUTION]])
def test_each_row_is_judged_in_its_own_form(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run, rows: list[object]
):
    samples = write_lines("s.jsonl", rows)
    assert judged(samples, data, tmp_path / "run", wavebench)[0] == 1.0
    assert "form_by_row = true" in (tmp_path / "run" / "config.toml").read_text()
    again = wavebench("judge", tmp_path / "run", "--again")
    assert again.returncode == 0, again.stderr
    assert wavebench("report", tmp_path / "run").returncode == 0


def test_taking_samples_goes_on_after_a_torn_line(data: Path, tmp_path: Path, write_lines: Write, wavebench: Run):
    samples = write_lines("s.jsonl", [SOLUTION, COMPLETION, RAW, RAW])
    value, said = judged(samples, data, tmp_path / "run", wavebench)
    assert "in own/0: the samples" in said
    log = tmp_path / "run" / "completions.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole[:-30])
    assert judged(samples, data, tmp_path / "run", wavebench)[0] == value == 1.0
    assert log.read_bytes() == whole
    assert verdicts(tmp_path / "run") == ["passed"] * 4


def test_a_form_that_is_named_holds_for_every_row(data: Path, tmp_path: Path, write_lines: Write, wavebench: Run):
    samples = write_lines("s.jsonl", [SOLUTION, COMPLETION])
    assert judged(samples, data, tmp_path / "run", wavebench, "--form", "program")[0] == 0.5
    assert verdicts(tmp_path / "run") == ["passed", "not compiled"]


def test_the_completions_of_such_a_run_are_a_samples_file_of_the_same_forms(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run
):
    for name, rows in {"one": [COMPLETION], "two": [SOLUTION, COMPLETION]}.items():
        assert judged(write_lines("s.jsonl", rows), data, tmp_path / name, wavebench)[0] == 1.0
        again = tmp_path / name / "completions.jsonl"
        assert judged(again, data, tmp_path / f"{name}-again", wavebench)[0] == 1.0
        first, second = (tmp_path / folder / "verdicts.jsonl" for folder in (name, f"{name}-again"))
        assert [json.loads(line)["program_sha256"] for line in first.read_text().splitlines()] == [
            json.loads(line)["program_sha256"] for line in second.read_text().splitlines()
        ]


def test_two_runs_in_one_file_are_judged_with_all_their_samples(
    data: Path, undisturbed: Path, tmp_path: Path, wavebench: Run
):
    lines = (undisturbed / "completions.jsonl").read_text()
    both = tmp_path / "both.jsonl"
    both.write_text(lines * 2)
    value, said = judged(both, data, tmp_path / "run", wavebench)
    assert value == json.loads((undisturbed / "score.json").read_text())["pass@1"]["value"]
    assert len(verdicts(tmp_path / "run")) == 2 * len(lines.splitlines())
    assert "numbers that are negative, skipped or used twice" in said
    assert "(12 of the rows repeat an earlier one)" in said


def test_lines_added_to_a_run_folder_are_said_not_to_count(run_copy: Path, wavebench: Run):
    completions, score = run_copy / "completions.jsonl", (run_copy / "score.json").read_bytes()
    lines = completions.read_text()
    completions.write_text(lines + lines + '{"task_id":"own/0","sample":0,"torn')
    done = wavebench("judge", run_copy)
    assert done.returncode == 0, done.stderr
    assert "earlier line are not judged (12 of them)" in done.stderr
    assert (run_copy / "score.json").read_bytes() == score


def test_a_sample_beyond_those_asked_for_is_said(run_copy: Path, wavebench: Run):
    completions = run_copy / "completions.jsonl"
    line = json.loads(completions.read_text().splitlines()[0])
    with completions.open("a") as stream:
        stream.write(json.dumps({**line, "sample": 7}) + "\n")
    done = wavebench("judge", run_copy)
    assert "beyond the 3 per problem that were asked for are counted, too (1 of them)" in done.stderr


def test_a_negative_number_in_a_run_folder_is_named(run_copy: Path, wavebench: Run, one_sentence: Sentence):
    with (run_copy / "completions.jsonl").open("a") as stream:
        stream.write('{"task_id":"own/0","sample":-1,"turn":0}\n')
    said = one_sentence(wavebench("judge", run_copy))
    assert "Line 13" in said
    assert "sample" in said


@pytest.mark.parametrize("column", ["completion", "solution"])
def test_chat_answers_taken_for_code_are_recognised_and_the_remedy_works(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run, column: str
):
    rows = [{"task_id": "own/1", column: CHAT.format(name="double")} for _ in range(3)]
    samples = write_lines("s.jsonl", [*rows, {"task_id": "own/1", column: "def double(x):\n    return 2 * x\n"}])
    value, said = judged(samples, data, tmp_path / "run", wavebench)
    assert value == 0.25
    assert "3 of 4 samples do not compile and look like chat answers" in said
    assert "--form auto --set style=chat" in said
    value, said = judged(samples, data, tmp_path / "auto", wavebench, "--form", "auto", "--set", "style=chat")
    assert value == 1.0
    assert "look like" not in said


def test_bodies_taken_for_programs_are_recognised_and_the_remedy_works(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run
):
    samples = write_lines("s.jsonl", [{"task_id": "own/0", "solution": "    return a + b\n"}])
    value, said = judged(samples, data, tmp_path / "run", wavebench)
    assert value == 0.0
    assert "1 of 1 samples do not compile and look like function bodies" in said
    assert judged(samples, data, tmp_path / "body", wavebench, "--form", "continuation")[0] == 1.0


@pytest.mark.parametrize(
    "text", ["    return a +\n", "    # Add the two numbers together.\n    return (", "  x = 1\n return"]
)
def test_code_that_does_not_compile_is_not_taken_for_chat(
    data: Path, tmp_path: Path, write_lines: Write, wavebench: Run, text: str
):
    samples = write_lines("s.jsonl", [{"task_id": "own/0", "completion": text}])
    value, said = judged(samples, data, tmp_path / "run", wavebench)
    assert value == 0.0
    assert "look like" not in said


def test_a_log_of_two_runs_is_replayed_from_the_first_of_equal_lines_and_says_so(
    arguments: Callable[[Path], list[str]], undisturbed: Path, tmp_path: Path, wavebench: Run
):
    lines = (undisturbed / "completions.jsonl").read_text()
    other = "".join(
        json.dumps({**json.loads(line), "completion": "    return None"}) + "\n" for line in lines.splitlines()
    )
    (tmp_path / "both.jsonl").write_text(lines + other)
    words = arguments(tmp_path / "run")
    words[words.index("--model") + 1] = f"replay:{tmp_path / 'both.jsonl'}"
    done = wavebench(*words)
    assert done.returncode == 0, done.stderr
    assert "are not replayed (12 of them)" in done.stderr
    assert verdicts(tmp_path / "run") == verdicts(undisturbed)
