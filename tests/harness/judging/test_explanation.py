"""`wavebench explain`: from the raw answer to the verdict."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from harness.evaluate import evaluate
from harness.judging.explanation import explain
from harness.runs.config import RunConfig
from harness.runs.run import reopen_run
from harness.scoring.report import write_report
from harness.scoring.score import score_run
from tasks.verdict import Verdict

Run = Callable[..., subprocess.CompletedProcess[str]]
Sentence = Callable[[subprocess.CompletedProcess[str]], str]
TASK = "own/0"
BODY = "    return a + b\n"
ANSWERS = [
    f"A draft:\n```python\ndef add(a, b):\n    ...\n```\nThe code:\n```python\ndef add(a, b):\n{BODY}```\n",
    f"```python\ndef add[T](a: T, b: T):\n{BODY}```\n",
    "I would rather not.",
]


def judged_run(folder: Path, data: Path) -> Path:
    script = folder / "script.jsonl"
    script.write_text(json.dumps({"task_id": TASK, "completions": ANSWERS}) + "\n")
    given = {"style": "chat", "samples": 3, "limit": 1, "cache": False}
    config = RunConfig(f"scripted:{script}", "humaneval", data=str(data / "problems.jsonl"), **given)
    evaluate(config, folder / "run")
    return folder / "run"


def test_a_sample_is_explained_from_answer_to_verdict(tmp_path: Path, data: Path):
    with reopen_run(judged_run(tmp_path, data)) as run:
        passed, too_new, empty = (explain(run, TASK, number) for number in range(3))
        write_report(run, score_run(run))
        page = run.folder.report_file.read_text()
    assert (passed.verdict, passed.confirmed, passed.rule) == (Verdict.PASSED, True, "fence")
    assert [each.why for each in passed.candidates[:2]] == ["add has no body in it", "fence"]
    assert passed.code in passed.program["main.py"]
    assert passed.remarks == []
    assert passed.toolchain.startswith("Python 3.")
    assert empty.verdict is Verdict.NO_CODE
    assert (empty.program, empty.program_sha256, empty.rule) == ({}, "", "no code found")
    if too_new.verdict is Verdict.NOT_COMPILED:  # on Python 3.11
        assert too_new.newer_feature == "type parameters (PEP 695) (Python 3.12)"
        assert "The toolchain is too old" in page
        assert "<li>type parameters (PEP 695) (Python 3.12): 1</li>" in page
    assert "passed over, it does not parse" in page


def test_the_command_prints_it_and_says_what_is_wrong(
    tmp_path: Path, data: Path, wavebench: Run, one_sentence: Sentence
):
    run = judged_run(tmp_path, data)
    text = wavebench("explain", run, "own/0").stdout
    assert text.startswith("own/0 sample 0: passed, confirmed\n")
    assert "passed over: add has no body in it" in text
    assert "-> block, line 8, defines add, parses; chosen: fence" in text
    assert "--- Program: main.py, sha256 " in text
    told = json.loads(wavebench("explain", run, TASK, "2", "--json").stdout)
    assert (told["verdict"], told["code"], told["answers"]) == ("no code", "", ANSWERS[2:])
    assert "has no sample 7 here: its samples are 0, 1, 2" in one_sentence(wavebench("explain", run, TASK, "7"))
    assert "No problem has the id 'own/999'" in one_sentence(wavebench("explain", run, "own/999"))
    assert "no run folder" in one_sentence(wavebench("explain", tmp_path, "0"))


def test_a_verdict_of_another_program_is_no_riddle(golden: Path, wavebench: Run, data: Path):
    lines = (golden / "completions.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    first["completion"] = f"{first['completion'].rstrip()}\n    # changed\n"
    (golden / "completions.jsonl").write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    told = wavebench("explain", golden, first["task_id"], first["sample"], "--data", data / "problems.jsonl")
    assert "The verdict is that of another program" in told.stdout, told.stderr
