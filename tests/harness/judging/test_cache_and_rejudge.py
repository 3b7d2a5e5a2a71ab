"""A second judging takes its outcomes from the cache; rejudging takes none, and names the verdicts that changed."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.judging.rejudge import (
    Cause,
    ChangedError,
    ComparedVerdict,
    Rejudging,
    VerdictChange,
    refuse_changes,
    rejudging_text,
)
from tasks.verdict import Verdict

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, Sequence[object]], Path]
Sentence = Callable[[subprocess.CompletedProcess[str]], str]


def lines(folder: Path) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text().splitlines()]
    return sorted(rows, key=lambda row: (row["task_id"], row["sample"]))


def judging(folder: Path) -> dict[str, str]:
    return json.loads((folder / "manifest.json").read_text())["judging"]


@pytest.fixture
def judged(data: Path, tmp_path: Path, write_lines: Write, wavebench: Run) -> Callable[..., Path]:
    """Judges the answers to the first problem into a new folder."""

    def judge(name: str, texts: Sequence[str], *words: object) -> Path:
        samples = write_lines(f"{name}.jsonl", [{"task_id": "own/0", "completion": text} for text in texts])
        named = ["--task", "humaneval", "--data", data / "problems.jsonl", "--limit", 1, "--out", tmp_path / name]
        done = wavebench("judge", samples, *named, *words)
        assert done.returncode == 0, done.stderr
        return tmp_path / name

    return judge


def test_the_second_judging_is_taken_from_the_cache_word_for_word(judged: Callable[..., Path]):
    texts = [f"    return a + b  # {number % 5} of the cache test\n" for number in range(20)] + ["    return 0\n", ""]
    first, second = judged("first", texts), judged("second", texts)
    ran, spared = (int(judging(first)[name]) for name in ("programs run", "outcomes from the cache"))
    assert 5 <= ran <= 6
    assert ran + spared == 21
    assert judging(second)["programs run"] == "0"
    assert judging(second)["tier"] == "namespaces"
    assert lines(first) == lines(second)
    assert (first / "score.json").read_bytes() == (second / "score.json").read_bytes()
    without = judged("without", texts, "--no-cache")
    assert "programs run" not in judging(without)
    facts = ("task_id", "sample", "verdict", "detail", "ending", "program_sha256", "confirmed", "rule")
    assert [[line[name] for name in facts] for line in lines(without)] == [
        [line[name] for name in facts] for line in lines(first)
    ]


def test_a_damaged_cache_is_one_sentence(
    judged: Callable[..., Path], data: Path, wavebench: Run, environment: dict[str, str]
):
    folder = judged("before", ["    return a + b\n"])
    (Path(environment["WAVEBENCH_CACHE"]) / "executions.sqlite").write_bytes(b"no database at all" * 400)
    (folder / "verdicts.jsonl").unlink()
    done = wavebench("judge", folder, "--data", data / "problems.jsonl")
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "was damaged" in done.stderr
    assert lines(folder)[0]["verdict"] == "passed"


def test_rejudging_a_sound_run_changes_nothing(run_copy: Path, wavebench: Run):
    before = (run_copy / "verdicts.jsonl").read_bytes()
    done = wavebench("judge", run_copy, "--again")
    assert done.returncode == 0, done.stderr
    assert "12 samples executed again, 0 verdicts changed." in done.stdout
    assert (run_copy / "verdicts.jsonl").read_bytes() == before
    assert json.loads((run_copy / "audit.json").read_text())["changes"] == []


def test_rejudging_names_every_verdict_that_changed(run_copy: Path, wavebench: Run, one_sentence: Sentence):
    rows = lines(run_copy)
    rows[1]["verdict"], rows[2]["confirmed"] = "passed", None
    rows[3] |= {"verdict": "wrong", "program_sha256": "0" * 64}
    (run_copy / "verdicts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = wavebench("judge", run_copy, "--again")
    assert "3 of 12 verdicts changed, 2 programs are flaky" in one_sentence(done)
    assert "own/0 sample 1: passed" in done.stdout
    changes = json.loads((run_copy / "audit.json").read_text())["changes"]
    found = [(change["task_id"], change["sample"], change["cause"]) for change in changes]
    assert found == [("own/0", 1, "flaky"), ("own/0", 2, "flaky"), ("own/1", 0, "another program")]
    assert changes[0]["again"]["verdict"] == "wrong"


def test_a_program_that_rests_on_chance_is_found_flaky(judged: Callable[..., Path], wavebench: Run):
    chance = "    import os\n    assert os.urandom(1)[0] < 128\n    return a + b  # {}\n"
    folder = judged("chance", [chance.format(number) for number in range(24)])
    done = wavebench("judge", folder, "--again")
    assert done.returncode == 1
    changes = json.loads((folder / "audit.json").read_text())["changes"]
    assert changes
    assert {change["cause"] for change in changes} == {"flaky"}


def test_counts_agree_with_their_nouns():
    verdicts = ComparedVerdict(Verdict.PASSED, True, ""), ComparedVerdict(Verdict.WRONG, None, "")
    change = VerdictChange("own/0", 0, Cause.FLAKY, *verdicts, program_sha256="0" * 64)
    found = Rejudging(executed=1, not_judged=0, changes=[change])
    assert rejudging_text(found).splitlines() == [
        "own/0 sample 0: passed and confirmed, now wrong (flaky, program 000000000000)",
        "1 sample executed again, 1 verdict changed.",
    ]
    with pytest.raises(ChangedError, match=r"^1 of 1 verdict changed, 1 program is flaky: audit\.json names them"):
        refuse_changes(found)
