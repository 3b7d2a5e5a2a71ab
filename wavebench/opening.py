"""Tasks and sandboxes by name."""

from pathlib import Path
from typing import Any

from harness.judging.judge import open_judging_sandbox
from harness.runs.config import parse_config
from harness.runs.run import load_task as load_configured_task
from sandbox.sandbox import Sandbox
from tasks.task import Task

ORIGIN = "this call"
"""What errors about settings name as their origin."""


def load_task(name: str, style: str = "", *, split: str = "", data: str | Path = "", extraction: str = "") -> Task[Any]:
    """A benchmark in one prompt style.

    name: as `wavebench tasks` lists it, such as "humaneval" or "humanevalpack-fix-cpp".
    style: name of the prompt style; empty takes the task's own.
    split: part of the benchmark; empty takes the task's own.
    data: folder with the benchmark's files, or one file of your own problems in its format; empty looks in the usual
        places.
    extraction: which rules find the code in an answer: "robust", the task's own and the default, "upstream",
        "first-block" or "last-block".

    Its `problems` are a sequence; each has a `task_id`. Raises WavebenchError for an unknown name, style or split, and
    where the rows are missing or altered.
    """
    values = {"model": "any", "task": name, "style": style, "split": split, "data": whole_path(data)}
    values |= {"extraction": extraction} if extraction else {}
    return load_configured_task(parse_config(values, ORIGIN))


def open_sandbox(tier: str = "namespaces", workers: int | None = None, *, cache: bool = False) -> Sandbox:
    """An open sandbox; use it with `with`, so that its processes end.

    tier: "namespaces" (Linux namespaces, seccomp, control groups), "docker", or "none" (rlimits only, for code that
        you trust).
    workers: programs that run at once; None takes one per core.
    cache: take outcomes of programs that ran before, on this machine, from the execution cache.

    `sandbox.run([(key, program), ...])` yields (key, Outcome) pairs as the programs finish. Raises WavebenchError where
    the tier cannot be had here: it never falls back to a weaker one.
    """
    values = {"model": "any", "task": "any", "tier": tier, "workers": workers, "cache": cache}
    return open_judging_sandbox(parse_config(values, ORIGIN))


def whole_path(path: str | Path) -> str:
    """A path that means the same from any folder; empty stays empty."""
    return str(Path(path).expanduser().resolve()) if str(path) else ""
