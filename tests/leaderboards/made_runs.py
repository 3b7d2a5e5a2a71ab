"""Run folders with known verdicts, written as the harness writes them but without running a model or a program."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from harness.completion import Completion
from harness.judging.judge import Sample, build_program
from harness.runs.config import RunConfig
from harness.runs.run import load_task
from harness.runs.run_folder import RunFolder, TaskIdentity, identify
from harness.runs.verdict_log import VerdictRecord
from sandbox.outcome import Ending
from tasks.policy import ExtractionPolicy
from tasks.task import Task
from tasks.verdict import Verdict

FAILURES = (Verdict.WRONG, Verdict.WRONG, Verdict.WRONG, Verdict.ERROR, Verdict.TIMEOUT, Verdict.NOT_COMPILED)


@dataclass(frozen=True, slots=True)
class MadeRun:
    """What a run folder should hold. Skill 0 to 1 is about the share of samples that pass."""

    model: str
    task: str = "humaneval"
    samples: int = 1
    skill: float = 0.5
    seed: int = 0
    temperature: float = 0.0
    limit: int | None = None
    task_ids: Sequence[str] = ()
    """Problems of a task that cannot be loaded; empty takes the task's own."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """Changes to the task's identity, as another version would make them."""
    style: str = ""
    data: str = ""
    """Folder with the benchmark's files."""
    verdict: Callable[[str, int], Verdict] | None = None
    """Decides each verdict instead of the skill."""
    answer: Callable[[str, int], str] | None = None
    confirmed: bool | None = True
    """What passes say of their confirmation."""
    weights: str = "made up"
    extraction: str = "robust"


def write_run(path: Path, made: MadeRun) -> Path:
    """Writes the folder and returns it."""
    config = RunConfig(
        made.model,
        made.task,
        made.style,
        samples=made.samples,
        temperature=made.temperature,
        seed=made.seed,
        limit=made.limit,
        data=made.data,
        extraction=ExtractionPolicy(made.extraction),
    )
    task = _known(config) if not made.task_ids else None
    identity = identify(task) if task else _unknown(made)
    problems = {problem.task_id: problem for problem in task.problems} if task else dict.fromkeys(made.task_ids)
    task_ids = list(problems)[: made.limit]
    config = replace(config, style=identity.style)
    draw = random.Random(f"{made.model} {made.task} {made.seed}")
    with RunFolder(path, writable=True) as folder:
        folder.settle(config, replace(identity, **made.identity))
        folder.note({"model": {"kind": "made", "weights": made.weights}})
        folder.note({"judging": {"tier": "namespaces", "versions": {"wavebench": "0.1.0"}}})
        for task_id in task_ids:
            chance = _chance(task_id, made.skill)
            for sample in range(made.samples):
                verdict = made.verdict(task_id, sample) if made.verdict else _draw(draw, chance)
                text = made.answer(task_id, sample) if made.answer else _solution(problems[task_id])
                prompts, program = _hashes(task, problems[task_id], text) if task else (("",), "ab" * 32)
                for turn, prompt in enumerate(prompts):
                    folder.completions.append(Completion(task_id, sample, turn, prompt, text, "stop", 100, 50, 0.5))
                folder.verdicts.append(_judged(task_id, sample, verdict, program, made.confirmed))
        folder.note({"finished": f"2026-08-{1 + made.seed % 28:02}T12:00:00+00:00"})
    return path


@cache
def _known(config: RunConfig) -> Task[Any]:
    return load_task(config)


def _solution(problem: Any) -> str:
    return getattr(problem, "canonical_solution", "    return 1\n")


_HASHES: dict[tuple[TaskIdentity, str, str], tuple[tuple[str, ...], str]] = {}


def _hashes(task: Task[Any], problem: Any, text: str) -> tuple[tuple[str, ...], str]:
    """Of the prompt of each turn and of the program, as a run has them; `text` answers every turn."""
    key = (identify(task), problem.task_id, text)
    if key not in _HASHES:
        prompts: list[str] = []
        while prompt := task.prompt(problem, [text] * len(prompts)):
            prompts.append(prompt.sha256)
        program = build_program(task, Sample(problem, 0, [text] * len(prompts)))
        _HASHES[key] = (tuple(prompts), program.sha256 if program else "")
    return _HASHES[key]


def _unknown(made: MadeRun) -> TaskIdentity:
    return TaskIdentity(made.task, "1.0", "f" * 64, made.style or "plain", "5" * 64)


def _chance(task_id: str, skill: float) -> float:
    """Problems differ in hardness, alike for all models."""
    hardness = random.Random(task_id).random()
    return min(0.98, max(0.02, 0.5 + 2.2 * (skill - hardness)))


def _draw(draw: random.Random, chance: float) -> Verdict:
    return Verdict.PASSED if draw.random() < chance else draw.choice(FAILURES)


def _judged(task_id: str, sample: int, verdict: Verdict, program_sha256: str, confirmed: bool | None) -> VerdictRecord:
    passed = verdict is Verdict.PASSED
    detail = "" if passed else "AssertionError: expected 3"
    ran = verdict not in (Verdict.NO_CODE, Verdict.NOT_JUDGED)
    stderr = "" if passed else f'Traceback (most recent call last):\n  File "main.py", line 12\n{detail}\n'
    return VerdictRecord(
        task_id,
        sample,
        verdict,
        detail,
        Ending.EXITED if ran else None,
        0.021,
        0.034,
        12.0,
        program_sha256,
        confirmed={Verdict.PASSED: confirmed, Verdict.FORGED: False}.get(verdict),
        stderr=stderr,
    )


def copy_of(made: MadeRun, **changes: Any) -> MadeRun:
    """The same run with some fields changed."""
    return MadeRun(**{**{name: getattr(made, name) for name in MadeRun.__dataclass_fields__}, **changes})
