"""Executes every judged sample of a run once more and reports which verdicts changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from harness.files.atomic_write import write_whole
from harness.files.progress import progress_bar
from harness.judging.judge import judge_samples, whole_samples
from harness.runs.manifest import describe_host, describe_versions, now
from harness.runs.run import Run
from harness.runs.verdict_log import VerdictRecord, index_verdicts
from sandbox.errors import WavebenchError
from sandbox.launch import open_sandbox
from tasks.verdict import Verdict

NAMED_CHANGES = 20
"""How many changes are printed; audit.json holds all of them."""


class ChangedError(WavebenchError):
    """Some verdicts changed."""


class Cause(StrEnum):
    """Why a verdict changed, as far as the files show."""

    FLAKY = "flaky"
    """The same program ended otherwise: its verdict depends on chance, time or the machine."""
    ANOTHER_PROGRAM = "another program"
    """The answer gives another program now: the file was edited, or the rules changed."""


@dataclass(frozen=True, slots=True)
class ComparedVerdict:
    """The part of a verdict that is compared, and its reason."""

    verdict: Verdict
    confirmed: bool | None
    detail: str

    def __str__(self) -> str:
        if self.verdict is not Verdict.PASSED:
            return self.verdict.value
        return "passed" + {True: " and confirmed", False: "", None: " but unconfirmed"}[self.confirmed]


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A sample whose verdict changed."""

    task_id: str
    sample: int
    cause: Cause
    before: ComparedVerdict
    again: ComparedVerdict
    program_sha256: str

    def __str__(self) -> str:
        return (
            f"{self.task_id} sample {self.sample}: {self.before}, now {self.again} "
            f"({self.cause}, program {self.program_sha256[:12]})"
        )


@dataclass(frozen=True, slots=True)
class Rejudging:
    """The result of executing all samples again."""

    executed: int
    """Samples whose verdicts were compared."""
    not_judged: int
    """Samples that could not be judged this time; they are not compared."""
    changes: Sequence[VerdictChange]
    """In the order of the problems."""


def rejudge(run: Run) -> Rejudging:
    """Executes all samples that have a verdict, without the execution cache.

    Writes audit.json and leaves verdicts.jsonl as it is.
    """
    compared = not_judged = 0
    changes: list[VerdictChange] = []
    for before, again in _judge_again(run):
        if again.verdict is Verdict.NOT_JUDGED:
            not_judged += 1
            continue
        compared += 1
        if (before.verdict, before.confirmed) != (again.verdict, again.confirmed):
            cause = Cause.FLAKY if before.program_sha256 == again.program_sha256 else Cause.ANOTHER_PROGRAM
            first, second = (ComparedVerdict(each.verdict, each.confirmed, each.detail) for each in (before, again))
            changes.append(VerdictChange(before.task_id, before.sample, cause, first, second, again.program_sha256))
    places = {problem.task_id: place for place, problem in enumerate(run.problems)}
    changes.sort(key=lambda change: (places[change.task_id], change.sample))
    document: dict[str, Any] = {"finished": now(), "host": describe_host(), "versions": describe_versions()}
    document |= {"executed": compared, "not_judged": not_judged, "changes": changes}
    write_whole(run.folder.audit_file, msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    return Rejudging(compared, not_judged, changes)


def rejudging_text(found: Rejudging) -> str:
    """One line for each change, then the counts."""
    lines = [str(change) for change in found.changes[:NAMED_CHANGES]]
    if len(found.changes) > NAMED_CHANGES:
        lines.append(f"... and {len(found.changes) - NAMED_CHANGES} more in audit.json")
    counts = f"{_count(found.executed, 'sample')} executed again, {_count(len(found.changes), 'verdict')} changed"
    not_judged = f"; {found.not_judged} could not be judged this time" if found.not_judged else ""
    return "\n".join([*lines, f"{counts}{not_judged}."])


def refuse_changes(found: Rejudging) -> None:
    """Raises ChangedError when a verdict changed."""
    if found.changes:
        flaky = len({change.program_sha256 for change in found.changes if change.cause is Cause.FLAKY})
        raise ChangedError(
            f"{len(found.changes)} of {_count(found.executed, 'verdict')} changed, {_count(flaky, 'program')} "
            f"{'is' if flaky == 1 else 'are'} flaky: audit.json names them; verdicts.jsonl stays as it was."
        )


def _judge_again(run: Run) -> Iterator[tuple[VerdictRecord, VerdictRecord]]:
    """The record of each judged sample as it stands, and what it would be now."""
    problems = {problem.task_id: problem for problem in run.problems}
    begins = index_verdicts(run.folder.verdicts)
    keys = sorted(key for key in run.folder.completions.samples() if key in begins and key[0] in problems)
    samples = whole_samples(run, [(problems[task_id], number) for task_id, number in keys])
    # Without the execution cache, which would only repeat the outcomes that it holds.
    with (
        open_sandbox(run.config.tier, run.config.workers) as sandbox,
        progress_bar(f"Judging {run.label} again", len(keys)) as advance,
    ):
        for again in judge_samples(run.task, samples, sandbox):
            before = run.folder.verdicts.read_at(begins[again.task_id, again.sample])
            advance()
            if before.verdict is not Verdict.NOT_JUDGED:
                yield before, again


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
