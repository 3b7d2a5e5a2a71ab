"""How one answer got its verdict: what the model said, which code was found in it and why, what ran, and what came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.judging.judge import build_program, whole_samples
from harness.runs.run import Run
from harness.runs.verdict_log import VerdictRecord, index_verdicts
from sandbox.errors import WavebenchError
from tasks.newer_features import newer_feature
from tasks.task import Candidate, Problem
from tasks.task_ids import canonical_task_id
from tasks.verdict import Verdict


class UnexplainedError(WavebenchError):
    """The run has no such sample."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that a run knows of one sample."""

    task_id: str
    sample: int
    language: str
    extraction: str
    """The policy by which code is found."""
    answers: Sequence[str]
    """By turn, as the model gave them."""
    finish_reason: str
    reasoning: str
    """What a server sent apart as thinking; it is never judged."""
    candidates: Sequence[Candidate]
    """The pieces of the last answer that were looked at; empty where there was no choice."""
    rule: str
    reason: str
    """Why no code was found although there may be some."""
    code: str
    program: Mapping[str, str]
    """The files that run; empty where nothing can."""
    program_sha256: str
    toolchain: str
    """What compiled and ran it, as the manifest names it; empty where that does not say."""
    verdict: Verdict | None
    """None when the sample is not judged yet."""
    confirmed: bool | None
    detail: str
    newer_feature: str
    """What of the language the failed code uses that is newer than the toolchain; empty for nothing."""
    stderr: str
    cpu_seconds: float
    wall_seconds: float
    remarks: Sequence[str]


def explain(run: Run, task_id: str, number: int | None = None) -> Explanation:
    """Explains a sample of a problem, its first where no number is given; runs no program.

    Raises TaskError for an unknown problem, UnexplainedError for a sample without an answer.
    """
    problems: dict[str, Problem] = {problem.task_id: problem for problem in run.task.problems}
    problem = problems[canonical_task_id(task_id, problems)]
    numbers = sorted(sample for own, sample in run.folder.completions.samples() if own == problem.task_id)
    if not numbers:
        raise UnexplainedError(f"{str(run.folder.path)!r} has no answer to {problem.task_id}: ask for it first.")
    wanted = numbers[0] if number is None else number
    if wanted not in numbers:
        named = ", ".join(map(str, numbers[:10])) + (", ..." if len(numbers) > 10 else "")
        raise UnexplainedError(f"{problem.task_id} has no sample {wanted} here: its samples are {named}.")
    turns = run.folder.completions.turns((problem.task_id, wanted))
    answers = [turn.completion for turn in turns]
    found = run.task.extract(problem, answers, run.config.form_of(turns))
    sample = next(iter(whole_samples(run, [(problem, wanted)])), None)
    program = build_program(run.task, sample) if sample and found.code.strip() else None
    begin = index_verdicts(run.folder.verdicts).get((problem.task_id, wanted))
    judged = None if begin is None else run.folder.verdicts.read_at(begin)
    sha256 = program.sha256 if program else ""
    judging: dict[str, Any] = run.folder.manifest().get("judging") or {}
    return Explanation(
        task_id=problem.task_id,
        sample=wanted,
        language=problem.language,
        extraction=run.config.extraction_used,
        answers=answers,
        finish_reason=turns[-1].finish_reason,
        reasoning=turns[-1].reasoning_content or "",
        candidates=found.candidates,
        rule=found.rule,
        reason=found.reason,
        code=found.code,
        program=program.files if program else {},
        program_sha256=sha256,
        toolchain=str(judging.get(f"toolchain {problem.language}", "")),
        verdict=judged.verdict if judged else None,
        confirmed=judged.confirmed if judged else None,
        detail=judged.detail if judged else "",
        newer_feature=feature_missing(judged, problem.language, found.code) if judged else "",
        stderr=judged.stderr if judged else "",
        cpu_seconds=judged.cpu_seconds if judged else 0.0,
        wall_seconds=judged.wall_seconds if judged else 0.0,
        remarks=_remarks(judged, sha256, complete=sample is not None),
    )


def feature_missing(judged: VerdictRecord, language: str, code: str) -> str:
    """What a failed program needs of its language that its toolchain does not have; empty for nothing."""
    if judged.verdict not in (Verdict.NOT_COMPILED, Verdict.ERROR):
        return ""
    found = newer_feature(language, f"{judged.detail}\n{judged.stderr}", code)
    return str(found) if found else ""


def _remarks(judged: VerdictRecord | None, sha256: str, *, complete: bool) -> list[str]:
    found: list[str] = []
    if not complete:
        found.append("The sample has not all its turns yet, so nothing is judged.")
    if judged and judged.program_sha256 != sha256:
        found.append(
            "The verdict is that of another program: the answer, the rules of extraction or the task have changed "
            "since. `wavebench judge RUN --again` says what changes."
        )
    return found
