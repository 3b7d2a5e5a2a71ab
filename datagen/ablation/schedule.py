"""Runs the steps that are missing: one after another in this process, or several at once, each in its own."""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from datagen.ablation.config import AblationError
from datagen.ablation.steps import Notify, Step
from datagen.child_environment import child_environment
from datagen.finetune.training.processes import end_with_parent

_LAST_WORDS = 4_000


def run_steps(steps: Sequence[Step], config_file: Path, out: Path, at_once: int, notify: Notify) -> None:
    """Runs what is not finished yet. Raises WavebenchError when a step fails; finished steps stay."""
    import torch

    missing = list({step.folder(out): step for step in steps if not step.folder(out).exists()}.values())
    if at_once == 1:
        for number, step in enumerate(missing, start=1):
            notify(f"[{number}/{len(missing)}] {step.label}")
            step.run(out, lambda sentence: notify(f"  {sentence}"))
            gc.collect()  # so that the next step finds the GPU's memory free
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
    elif missing:
        _run_side_by_side(missing, config_file, out, at_once, notify)


def _run_side_by_side(steps: list[Step], config_file: Path, out: Path, at_once: int, notify: Notify) -> None:
    waiting, running, failed = list(steps), dict[int, tuple[Step, subprocess.Popen[str]]](), list[str]()
    while running or (waiting and not failed):
        for place in range(at_once):
            if waiting and not failed and place not in running:
                step = waiting.pop(0)
                notify(f"[{len(steps) - len(waiting)}/{len(steps)}] {step.label}")
                running[place] = step, _start(step, config_file, out, place, at_once)
        time.sleep(0.2)
        for place, (step, process) in list(running.items()):
            if process.poll() is not None:
                del running[place]
                if process.returncode:
                    log = _log(out, step)
                    lines = log.read_text(errors="replace")[-_LAST_WORDS:].strip().splitlines()
                    why = lines[-1] if lines else "no output, as when memory runs out"
                    failed.append(f"{step.label} failed: {why} [{log}]")
    # Only now: what still ran beside a failed step has been waited for, and is kept.
    if failed:
        raise AblationError(f"{failed[0]} (Run the same command again: finished steps are kept.)")


def places(at_once: int) -> int:
    """How many steps run at once: as asked, or one per GPU, or one."""
    if at_once:
        return at_once
    import torch

    return max(1, torch.cuda.device_count())


def _start(step: Step, config_file: Path, out: Path, place: int, at_once: int) -> "subprocess.Popen[str]":
    """A process of its own, on its own GPU where there are some; it ends when this one does, however this one ends."""
    words = [sys.executable, "-m", "datagen.ablation", str(config_file), "--out", str(out)]
    environment = {**child_environment(), "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // at_once))}
    import torch

    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if gpus := (named.split(",") if named else [str(number) for number in range(torch.cuda.device_count())]):
        environment["CUDA_VISIBLE_DEVICES"] = gpus[place % len(gpus)]
    log = _log(out, step)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as stream:
        return subprocess.Popen(
            [*words, "--step", step.folder(out).name],
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=end_with_parent,
        )


def _log(out: Path, step: Step) -> Path:
    return out / "logs" / f"{step.folder(out).name}.txt"
