"""Judging beside a model that still answers changes nothing but when a verdict is there."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
TIMES = ("cpu_seconds", "wall_seconds", "memory_mb")
SLOW_SECONDS = 0.25


def verdicts(folder: Path) -> list[dict[str, object]]:
    """In the order of their keys, without what no two runs share."""
    rows = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text().splitlines()]
    kept = [{name: value for name, value in row.items() if name not in TIMES} for row in rows]
    return sorted(kept, key=lambda row: (row["task_id"], row["sample"]))


@pytest.fixture(scope="module")
def slow(data: Path, tmp_path_factory: pytest.TempPathFactory, arguments: Callable[[Path], list[str]]):
    """Every answer keeps the model busy, so that verdicts can overtake; one of them sleeps into the wall limit."""
    folder = tmp_path_factory.mktemp("overlap")
    rows = [json.loads(line) for line in (data / "script.jsonl").read_text().splitlines()]
    rows[0]["completions"][0] = "    import time\n    time.sleep(60)\n"
    script = folder / "script.jsonl"
    script.write_text("".join(json.dumps({**row, "seconds": SLOW_SECONDS}) + "\n" for row in rows))

    def build(out: Path) -> list[str]:
        words = [f"scripted:{script}" if word.startswith("scripted:") else word for word in arguments(out)]
        return [*words, "--set", "wall_seconds=1"]

    return build


@pytest.fixture(scope="module")
def apart(slow, tmp_path_factory: pytest.TempPathFactory, wavebench: Run) -> Path:
    """The same run step by step: first all answers, then all verdicts."""
    out = tmp_path_factory.mktemp("apart") / "run"
    words = slow(out)
    for step in (["generate", *words[1:]], ["judge", str(out), "--no-cache"]):
        done = wavebench(*step)
        assert done.returncode == 0, done.stderr
    return out


def test_verdicts_come_while_the_model_answers_and_are_those_of_the_steps_apart(
    tmp_path: Path, slow, apart: Path, command: list[str], environment: dict[str, str]
):
    out = tmp_path / "run"
    process = subprocess.Popen([*command, *slow(out), "--no-cache"], env=environment)
    overtook = False
    while process.poll() is None:
        files = [out / "verdicts.jsonl", out / "completions.jsonl"]
        judged, answered = (file.read_bytes().count(b"\n") if file.exists() else 0 for file in files)
        overtook = overtook or (judged > 0 and answered < 12)
        time.sleep(0.01)
    assert process.returncode == 0
    assert overtook, "no verdict was there before the last completion"
    assert verdicts(out) == verdicts(apart)
    assert (out / "score.json").read_bytes() == (apart / "score.json").read_bytes()
    assert len(verdicts(out)) == 12


def test_killed_after_the_first_verdict_then_run_again_ends_the_same(
    tmp_path: Path, slow, apart: Path, command: list[str], environment: dict[str, str], wavebench: Run
):
    out = tmp_path / "run"
    process = subprocess.Popen([*command, *slow(out), "--no-cache"], env=environment)
    while not ((out / "verdicts.jsonl").exists() and (out / "verdicts.jsonl").read_bytes().count(b"\n")):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (out / "completions.jsonl").read_bytes().count(b"\n") < 12, "the model had answered already"
    done = wavebench(*slow(out), "--no-cache")
    assert done.returncode == 0, done.stderr
    assert verdicts(out) == verdicts(apart)
    assert (out / "score.json").read_bytes() == (apart / "score.json").read_bytes()


def test_a_sandbox_that_cannot_be_opened_loses_no_answer(
    tmp_path: Path, arguments: Callable[[Path], list[str]], wavebench: Run
):
    done = wavebench(*arguments(tmp_path / "run"), "--sandbox", "docker", "--no-cache")
    if done.returncode == 0:
        pytest.skip("a container engine runs here")
    assert len((tmp_path / "run" / "completions.jsonl").read_text().splitlines()) == 12
    assert "Traceback" not in done.stderr
