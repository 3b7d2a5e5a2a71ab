"""`--judging` of the judge command, from samples to score.json, in every language whose toolchain is there."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.benchmark_files import SMALL
from tests.sandbox.processes import descendants, wait_until
from tests.toolchains import build_toolchains

Command = Callable[..., subprocess.CompletedProcess[str]]
LANGUAGES = {"python": "python", "js": "javascript", "java": "java", "go": "go", "cpp": "cpp", "rust": "rust"}
"""The data's name, and the sandbox's."""
BUSY, KILLED_SAMPLES = 4, 3


@pytest.fixture(scope="module")
def toolchains(kernel: None) -> Mapping[str, str]:  # noqa: ARG001
    return build_toolchains()


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, toolchains: Mapping[str, str]) -> str:
    if LANGUAGES[request.param] in toolchains:
        pytest.skip(toolchains[LANGUAGES[request.param]])
    return request.param


def rows_of(language: str) -> Path:
    """Small rows of our own in HumanEvalPack's format."""
    return SMALL / f"humanevalpack_{language}.jsonl"


def write_samples(language: str, file: Path, times: int = 1) -> None:
    """The first problem's right solution, then its buggy one; more than once as programs of their own."""
    row = json.loads(rows_of(language).read_text().splitlines()[0])
    remark = "#" if language == "python" else "//"
    solutions = [row["prompt"] + row[name] for name in ("canonical_solution", "buggy_solution")]
    texts = [f"{solution}\n{remark} {number}\n" for number in range(times) for solution in solutions]
    file.write_text("".join(json.dumps({"task_id": row["task_id"], "solution": text}) + "\n" for text in texts))


def judge(wavebench: Command, language: str, out: Path, *options: object) -> dict[int, dict[str, Any]]:
    """Judges both solutions; the line of verdicts.jsonl of each."""
    samples = out.with_suffix(".jsonl")
    write_samples(language, samples)
    named = ["--task", f"humanevalpack-synthesize-{language}", "--data", rows_of(language), "--out", out]
    done = wavebench("judge", samples, *named, "--allow-missing", "--no-cache", "--workers", 1, *options)
    assert done.returncode == 0, done.stderr
    return {line["sample"]: line for line in map(json.loads, (out / "verdicts.jsonl").read_text().splitlines())}


def read_score(out: Path) -> dict[str, Any]:
    return json.loads((out / "score.json").read_text())


def test_split_decides_by_the_tests_apart_alone(wavebench: Command, language: str, tmp_path: Path):
    right, buggy = judge(wavebench, language, tmp_path / "split", "--judging", "split").values()
    assert (right["verdict"], right["confirmed"], right["apart"]) == ("passed", True, "held")
    assert right["tests"] == right["tests_held"] > 0
    assert (buggy["verdict"], buggy["apart"]) == ("wrong", "refuted")
    assert buggy["tests"] == right["tests"]
    assert buggy["tests_held"] < right["tests"]
    assert buggy["failing"]["call"]
    assert buggy["failing"]["got"]
    score = read_score(tmp_path / "split")
    assert score["judging"] == "split"
    assert score["pass@1"] == score["confirmed_pass@1"]
    assert score["tests_held"] == {
        "samples": 2,
        "mean_share": pytest.approx((1 + buggy["tests_held"] / buggy["tests"]) / 2),
    }
    page = (tmp_path / "split" / "report.html").read_text()
    assert f"{buggy['tests_held']} of {buggy['tests']} tests held; the first that did not: " in page
    assert f"{100 * score['tests_held']['mean_share']:.1f} % of a problem's tests hold on average" in page


def test_upstream_decides_by_the_whole_program_alone(wavebench: Command, language: str, tmp_path: Path):
    right, buggy = judge(wavebench, language, tmp_path / "upstream", "--judging", "upstream").values()
    assert (right["verdict"], right["confirmed"], right["apart"], right["tests"]) == ("passed", None, None, None)
    assert (buggy["verdict"], buggy["apart"], buggy["tests"]) == ("wrong", None, None)
    assert "tests_held" not in read_score(tmp_path / "upstream")


@pytest.fixture
def busy_machine() -> Iterator[None]:
    loops = [subprocess.Popen(["nice", "-n", "5", sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@pytest.mark.usefixtures("busy_machine")
@pytest.mark.parametrize("language", ["js", "cpp"], indirect=True)
def test_a_busy_machine_changes_no_verdict(wavebench: Command, language: str, tmp_path: Path):
    right, buggy = judge(wavebench, language, tmp_path / "busy").values()
    assert (right["verdict"], right["confirmed"]) == ("passed", True)
    assert (buggy["verdict"], buggy["apart"], buggy["tests"]) == ("wrong", "refuted", right["tests"])


def test_killed_processes_lose_no_verdict(
    command: list[str], environment: dict[str, str], language: str, tmp_path: Path
):
    samples, out, chance = tmp_path / "samples.jsonl", tmp_path / "run", random.Random(7)
    write_samples(language, samples, times=KILLED_SAMPLES)
    named = ["--task", f"humanevalpack-synthesize-{language}", "--data", str(rows_of(language)), "--out", str(out)]
    line = [*command, "judge", str(samples), *named, "--allow-missing", "--no-cache", "--workers", "1"]
    verdicts = out / "verdicts.jsonl"
    family: set[int] = set()
    killed = 0
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment) as judge:
        while judge.poll() is None and killed < 3:
            time.sleep(0.05)
            family |= (below := descendants(judge.pid))
            if below and verdicts.exists() and verdicts.stat().st_size:  # before, a server that is killed is a wall
                with suppress(ProcessLookupError):
                    os.kill(chance.choice(sorted(below)), signal.SIGKILL)
                    killed += 1
        assert judge.stderr
        said = judge.stderr.read()
    assert judge.returncode == 0, said
    found = {each["sample"]: each["verdict"] for each in map(json.loads, verdicts.read_text().splitlines())}
    assert found == {n: "wrong" if n % 2 else "passed" for n in range(2 * KILLED_SAMPLES)}
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family)), "a process lives on"
