"""Several processes answer one run: nothing twice, nothing missing, whoever dies."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.generation.processes.work_queue import WorkQueue, cut_into_blocks
from harness.model import Request
from tasks.prompt import Prompt
from tests.benchmark_files import SMALL
from tests.harness.models.tiny_model import save_tiny_model

pytest.importorskip("torch", reason="the extra 'hf' is not installed")

Answers = dict[tuple[str, int], str]
Wavebench = Callable[..., subprocess.CompletedProcess[str]]
Words = Callable[[Path], list[str]]
SAMPLES = 4 * 24
Process = subprocess.Popen[str]


@pytest.fixture(scope="module")
def words(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Words:
    model = save_tiny_model(tmp_path_factory.mktemp("llama"), num_key_value_heads=2, max_position_embeddings=1024)
    named = ["--model", f"hf:{model}", "--task", "humaneval", "--style", "complete", "--samples", "24"]
    sizes = ["--max-tokens", "100", "--set", "dtype=float32"]
    problems = ["--data", str(data / "problems.jsonl")]
    return lambda out: ["-m", "harness", "generate", *named, *sizes, *problems, "--out", str(out)]


@pytest.fixture(scope="module")
def alone(words: Words, tmp_path_factory: pytest.TempPathFactory, wavebench: Wavebench) -> Answers:
    out = tmp_path_factory.mktemp("alone") / "run"
    done = wavebench(*words(out)[2:])
    assert done.returncode == 0, done.stderr
    return answers(out)


@pytest.fixture(scope="module")
def slow_words(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Words:
    """A model that sleeps, so that there is a middle in which to kill; it answers the same whoever asks."""
    script = tmp_path_factory.mktemp("slow") / "script.jsonl"
    texts = [f"answer {number}" for number in range(24)]
    rows = [{"task_id": f"own/{number}", "completions": texts, "seconds": 0.06} for number in range(4)]
    script.write_text("".join(json.dumps(row) + "\n" for row in rows))
    named = ["--model", f"scripted:{script}", "--task", "humaneval", "--style", "complete", "--samples", "24"]
    problems = ["--data", str(data / "problems.jsonl")]
    return lambda out: ["-m", "harness", "generate", *named, *problems, "--out", str(out)]


@pytest.fixture
def start(slow_words: Words, environment: dict[str, str]) -> Iterator[Callable[..., list[Process]]]:
    """Starts processes as a batch system does: variables tell each its number, and the first keeps the store."""
    started: list[Process] = []

    def begin(out: Path, size: int, words: Words = slow_words) -> list[Process]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        shared = {**environment, "WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        for rank in range(size):
            line = [sys.executable, *words(out)]
            own = {**shared, "RANK": str(rank)}
            started.append(subprocess.Popen(line, env=own, stderr=subprocess.PIPE, text=True))
        return started

    yield begin
    for process in started:
        process.kill()
        process.wait()


def answers(out: Path) -> Answers:
    rows = [json.loads(line) for line in (out / "completions.jsonl").read_text().splitlines()]
    found = {(row["task_id"], row["sample"]): row["completion"] for row in rows}
    assert len(found) == len(rows), "a sample was answered twice"
    return found


def alike(first: Answers, second: Answers) -> float:
    assert first.keys() == second.keys()
    return sum(first[key] == second[key] for key in first) / len(first)


def lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def wait_for_lines(file: Path, wanted: int, process: Process) -> None:
    while lines(file) < wanted:
        assert process.poll() is None, f"ended with {process.returncode} before {wanted} lines were there"
        time.sleep(0.005)


@pytest.mark.parametrize("processes", [2, 3])
def test_several_processes_of_accelerate_give_what_one_gives(
    tmp_path: Path, words: Words, alone: Answers, environment: dict[str, str], processes: int
):
    launch = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch", "--multi_gpu"]
    line = [*launch, "--num_processes", str(processes), "--main_process_port", "0", *words(tmp_path / "run")]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    assert len(alone) == SAMPLES
    assert alike(answers(tmp_path / "run"), alone) >= 0.99
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["generation"]["processes"] == processes
    assert not (tmp_path / "run" / ".shards").exists()


def test_a_helper_that_is_killed_leaves_its_samples_to_the_others(tmp_path: Path, start):
    out = tmp_path / "run"
    main, helper, other = start(out, 3)
    wait_for_lines(out / ".shards" / "1.jsonl", 2, helper)
    helper.send_signal(signal.SIGKILL)
    assert lines(out / "completions.jsonl") < SAMPLES
    assert main.wait(120) == 0
    assert other.wait(120) == 0
    assert len(answers(out)) == SAMPLES
    assert json.loads((out / "manifest.json").read_text())["answered by helpers"] >= 2


def test_when_the_main_process_is_killed_the_next_start_takes_over_what_helpers_had(
    tmp_path: Path, start, slow_words: Words, wavebench: Wavebench
):
    out = tmp_path / "run"
    main, helper = start(out, 2)
    wait_for_lines(out / ".shards" / "1.jsonl", 2, helper)
    main.send_signal(signal.SIGKILL)
    _, said = helper.communicate(timeout=120)
    assert helper.returncode == 1
    assert "start all processes again" in said
    assert "Traceback" not in said
    left = lines(out / ".shards" / "1.jsonl")
    before = lines(out / "completions.jsonl")
    assert 2 <= left < SAMPLES - before
    done = wavebench(*slow_words(out)[2:])
    assert done.returncode == 0, done.stderr
    assert len(answers(out)) == SAMPLES
    assert not (out / ".shards").exists()


def test_a_task_of_two_turns_is_answered_in_rounds(tmp_path: Path, start):
    """The second prompt quotes the first answer, which another process may have given."""
    script = tmp_path / "script.jsonl"
    answer = ["It adds.", "    return 1\n"]
    rows = [{"task_id": f"Python/{number}", "completions": [answer] * 4, "seconds": 0.05} for number in range(2)]
    script.write_text("".join(json.dumps(row) + "\n" for row in rows))
    named = ["--model", f"scripted:{script}", "--task", "humanevalpack-explain-python", "--limit", "2"]
    sizes = ["--samples", "4", "--data", str(SMALL / "humanevalpack_python.jsonl")]
    processes = start(tmp_path / "run", 2, lambda out: ["-m", "harness", "generate", *named, *sizes, "--out", str(out)])
    assert [process.wait(120) for process in processes] == [0, 0]
    found = [json.loads(line) for line in (tmp_path / "run" / "completions.jsonl").read_text().splitlines()]
    keys = {(row["task_id"], row["sample"], row["turn"]) for row in found}
    assert len(found) == len(keys) == 2 * 4 * 2
    assert {row["completion"] for row in found if row["turn"] == 1} == {answer[1]}


def test_every_block_is_claimed_once_and_nobody_hoards():
    keys = [(f"task {number}", sample) for number in range(10) for sample in range(20)]
    blocks = cut_into_blocks(keys, processes=3)
    claimed = iter(range(10_000))

    def request(task_id: str, sample: int) -> Request:
        return Request(task_id, sample, 0, Prompt(text=task_id), 0)

    queues = [WorkQueue(blocks, lambda: next(claimed), request, processes=3, batch_rows=16) for _ in range(3)]
    first = list(queues[0])
    assert not queues[0].closed, "more may come once some are answered"
    assert 16 <= len(first) <= 2 * 48, "one process took what others could do"
    found = list(first)
    in_hand = [len(first), 0, 0]
    while True:
        drawn = 0
        for place, claims in enumerate(queues):
            for _ in range(in_hand[place]):
                claims.count_answer()
            new = list(claims)
            in_hand[place] = len(new)
            drawn += len(new)
            found += new
        if not drawn:
            break
    assert sorted((request.task_id, request.sample) for request in found) == sorted(keys)
    assert all(queue.closed for queue in queues)


def test_without_a_launcher_there_is_no_process_group(monkeypatch: pytest.MonkeyPatch):
    from harness.generation.processes.process_group import join_process_group

    for name in ("MASTER_ADDR", "WORLD_SIZE", "RANK"):
        monkeypatch.delenv(name, raising=False)
    join_process_group.cache_clear()
    assert join_process_group() is None
    assert "MASTER_ADDR" not in os.environ
