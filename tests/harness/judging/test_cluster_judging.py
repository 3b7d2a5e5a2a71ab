"""`wavebench judge --cluster`: run folders by way of other machines."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.files.json_lines import JsonLines
from harness.runs.verdict_log import VerdictRecord
from tasks.registry import load
from tests.harness.conftest import Command
from tests.ray_machines import two_machines

pytest.importorskip("ray", reason="the extra 'ray' is not installed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with two_machines() as machines:
        yield machines.address


def lines(folder: Path) -> list[VerdictRecord]:
    return [line for _, line in JsonLines(folder / "verdicts.jsonl", VerdictRecord).read()]


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())


def test_a_killed_driver_goes_on_and_every_line_names_its_machine(
    tmp_path: Path, address: str, command: list[str], environment: dict[str, str]
):
    task = load("humaneval")
    samples, out = tmp_path / "samples.jsonl", tmp_path / "run"
    rows = [{"task_id": problem.task_id, "completion": task.reference(problem)} for problem in task.problems]
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ["judge", samples, "--task", "humaneval", "--form", "program", "--out", out, "--cluster", address]
    line = [*command, *map(str, words), "--no-cache"]
    driver = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(lines(out)) < 20 and driver.poll() is None:
        time.sleep(0.02)
    driver.kill()
    driver.wait()
    kept = len(lines(out))
    assert 20 <= kept < len(rows), "the driver was done before it was killed"
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    judged = lines(out)
    assert len(judged) == len({(it.task_id, it.sample) for it in judged}) == len(rows)
    assert {it.verdict for it in judged} == {"passed"}
    nodes = {name.removeprefix("node ") for name in manifest(out)["judging"] if name.startswith("node ")}
    assert {it.node for it in judged} == nodes
    assert len(nodes) == 2
    assert manifest(out)["judging"]["cluster"] == "ray"


def test_a_cluster_of_this_machine_alone_says_what_its_sandbox_says(
    undisturbed: Path, run_copy: Path, wavebench: Command
):
    (run_copy / "verdicts.jsonl").unlink()
    done = wavebench("judge", run_copy, "--cluster", "local", "--workers", "2", "--no-cache")
    assert done.returncode == 0, done.stderr
    said, again = ({(it.task_id, it.sample): it.verdict for it in lines(it)} for it in (undisturbed, run_copy))
    assert again == said
    assert manifest(run_copy)["judging"]["cluster"] == "local"
    assert (run_copy / "score.json").read_bytes() == (undisturbed / "score.json").read_bytes()
