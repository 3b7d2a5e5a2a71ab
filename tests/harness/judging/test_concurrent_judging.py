"""Judging beside a model that still answers changes nothing but when a verdict is there."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from harness.evaluate import evaluate_again
from harness.generation.missing import missing_requests
from harness.judging.concurrent_judging import NICER, ConcurrentJudging
from harness.models.registry import open_model
from harness.runs.config import RunConfig
from harness.runs.run import open_run
from tests.docker_engine import NO_ENGINE

Run = Callable[..., subprocess.CompletedProcess[str]]
TIMES = ("cpu_seconds", "wall_seconds", "memory_mb")
SAMPLES = 12
SLEEPER = ("own/0", 0)
"""Its program sleeps into the wall limit, which a busy machine could have brought about."""


def verdicts(folder: Path) -> list[dict[str, object]]:
    """The last word on each sample in the order of their keys, without what no two runs share."""
    rows = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text().splitlines()]
    rows = list({(row["task_id"], row["sample"]): row for row in rows}.values())
    kept = [{name: value for name, value in row.items() if name not in TIMES} for row in rows]
    for row in kept:
        row["detail"] = row["detail"].partition(" after ")[0]  # a wall limit's names its seconds
    return sorted(kept, key=lambda row: (row["task_id"], row["sample"]))


def lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def write_script(data: Path, script: Path, last_seconds: float = 0.0) -> Path:
    rows = [json.loads(line) for line in (data / "script.jsonl").read_text().splitlines()]
    rows[0]["completions"][0] = "    import time\n    time.sleep(60)\n"
    rows[-1]["seconds"] = last_seconds
    script.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return script


@pytest.fixture(scope="module")
def script(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_script(data, tmp_path_factory.mktemp("concurrent") / "script.jsonl")


@pytest.fixture(scope="module")
def config(data: Path, script: Path) -> RunConfig:
    model, problems = f"scripted:{script}", str(data / "problems.jsonl")
    return RunConfig(model, "humaneval", "complete", samples=3, data=problems, wall_seconds=2.0, cache=False)


@pytest.fixture(scope="module")
def words(config: RunConfig) -> Callable[[Path], list[str]]:
    named = ["--model", config.model, "--task", "humaneval", "--data", config.data, "--style", "complete"]
    return lambda out: ["eval", *named, "--samples", "3", "--set", "wall_seconds=2", "--no-cache", "--out", str(out)]


@pytest.fixture(scope="module")
def apart(words, tmp_path_factory: pytest.TempPathFactory, wavebench: Run) -> Path:
    """The same run step by step: first all answers, then all verdicts."""
    out = tmp_path_factory.mktemp("apart") / "run"
    asked = [word for word in words(out)[1:] if word != "--no-cache"]
    for step in (["generate", *asked], ["judge", str(out), "--no-cache"]):
        done = wavebench(*step)
        assert done.returncode == 0, done.stderr
    return out


def test_verdicts_come_while_the_model_answers_and_are_those_of_the_steps_apart(
    tmp_path: Path, config: RunConfig, apart: Path
):
    out = tmp_path / "run"
    with open_run(config, out) as run, ConcurrentJudging(run) as concurrent:
        model = open_model(config.model)
        for completion in model.answer(missing_requests(run), config.sampling):
            if (completion.task_id, completion.sample) == ("own/3", 2):  # the last: by now the first are judged
                while lines(out / "verdicts.jsonl") < SAMPLES - 3:  # all but those of this problem
                    time.sleep(0.005)
            run.folder.completions.append(completion)
            concurrent.add(completion)
    early = {(row["task_id"], row["sample"]): row["verdict"] for row in verdicts(out)}
    assert early[SLEEPER] == "not judged", "what hit the clock's limit beside a model must be judged again"
    evaluate_again(out, {})
    assert verdicts(out) == verdicts(apart)
    assert (out / "score.json").read_bytes() == (apart / "score.json").read_bytes()


def children() -> dict[int, int]:
    """This process' children with their niceness."""
    found: dict[int, int] = {}
    for task in Path("/proc/self/task").iterdir():
        for pid in map(int, (task / "children").read_text().split()):
            with suppress(ProcessLookupError):  # it has just ended
                found[pid] = os.getpriority(os.PRIO_PROCESS, pid)
    return found


def test_beside_a_model_on_the_processor_judging_takes_few_cores_and_stands_back(tmp_path: Path, config: RunConfig):
    before = children()
    with open_run(config, tmp_path / "run") as run:
        run.folder.note({"model": {"device": "cpu"}})
        with ConcurrentJudging(run) as concurrent:
            for completion in open_model(config.model).answer(missing_requests(run), config.sampling):
                run.folder.completions.append(completion)
                concurrent.add(completion)
            while not lines(tmp_path / "run" / "verdicts.jsonl"):
                time.sleep(0.005)
            started = {pid: niceness for pid, niceness in children().items() if pid not in before}
            assert run.folder.manifest()["judging"]["workers"] == str(max(1, len(os.sched_getaffinity(0)) // 4))
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert started, "nothing runs: this shows nothing"
    assert set(started.values()) == {min(19, own + NICER)}
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own


def test_killed_after_the_first_verdict_then_run_again_ends_the_same(
    tmp_path: Path,
    data: Path,
    script: Path,
    words: Callable[[Path], list[str]],
    apart: Path,
    command: list[str],
    environment: dict[str, str],
    wavebench: Run,
):
    out = tmp_path / "run"
    write_script(data, script, last_seconds=30)
    process = subprocess.Popen([*command, *words(out)], env=environment)
    while not lines(out / "verdicts.jsonl"):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert lines(out / "completions.jsonl") < SAMPLES, "the model had answered already"
    write_script(data, script)
    done = wavebench(*words(out))
    assert done.returncode == 0, done.stderr
    assert verdicts(out) == verdicts(apart)
    assert (out / "score.json").read_bytes() == (apart / "score.json").read_bytes()


def test_stopped_while_both_are_under_way_it_says_one_sentence(
    tmp_path: Path, data: Path, script: Path, words: Callable[[Path], list[str]], command, environment
):
    out = tmp_path / "run"
    write_script(data, script, last_seconds=30)
    process = subprocess.Popen([*command, *words(out)], env=environment, stderr=subprocess.PIPE, text=True)
    while not lines(out / "verdicts.jsonl"):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    write_script(data, script)
    assert process.returncode == 130
    assert said.strip() == "Stopped; run the same command again to continue."


def test_a_sandbox_that_cannot_be_opened_loses_no_answer(
    tmp_path: Path, arguments: Callable[[Path], list[str]], wavebench: Run
):
    done = wavebench(*arguments(tmp_path / "run"), "--sandbox", "docker", "--no-cache", **NO_ENGINE)
    assert done.returncode != 0
    assert lines(tmp_path / "run" / "completions.jsonl") == SAMPLES
    assert "Traceback" not in done.stderr
