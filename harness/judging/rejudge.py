"""Runs every judged sample of a run once more and says which verdicts do not come out again."""

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
"""How many changes are printed; audit.json holds them all."""


class ChangedError(WavebenchError):
    """Some verdicts did not come out again."""


class Cause(StrEnum):
    """Why a verdict changed, as far as the files tell."""

    FLAKY = "flaky"
    """The very same program ended otherwise: its verdict rests on chance, time or the machine."""
    ANOTHER_PROGRAM = "another program"
    """The answer makes another program now: the file was edited, or the rules changed."""


@dataclass(frozen=True, slots=True)
class FirstVerdict:
    """What one judging said of a sample."""

    verdict: Verdict
    confirmed: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A sample whose verdict did not come out again."""

    task_id: str
    sample: int
    cause: Cause
    before: FirstVerdict
    again: FirstVerdict
    program_sha256: str

    def __str__(self) -> str:
        return (
            f"{self.task_id} sample {self.sample}: {_words(self.before)}, now {_words(self.again)} "
            f"({self.cause}, program {self.program_sha256[:12]})"
        )


@dataclass(frozen=True, slots=True)
class Rejudging:
    """What came of running everything again."""

    executed: int
    """Samples whose verdicts were compared."""
    not_judged: int
    """Samples that could not be judged this time; they say nothing."""
    changes: Sequence[VerdictChange]
    """In the order of the problems."""


def audit(run: Run) -> Rejudging:
    """Runs what has a verdict, without the execution cache; writes audit.json and leaves verdicts.jsonl alone."""
    compared = not_judged = 0
    changes: list[VerdictChange] = []
    for before, again in _judged_again(run):
        if again.verdict is Verdict.NOT_JUDGED:
            not_judged += 1
            continue
        compared += 1
        if _said(before) != _said(again):
            changes.append(_change(before, again))
    places = {problem.task_id: place for place, problem in enumerate(run.problems)}
    changes.sort(key=lambda change: (places[change.task_id], change.sample))
    found = Rejudging(compared, not_judged, changes)
    write_whole(run.folder.audit_file, _to_json(found))
    return found


def audit_text(found: Rejudging) -> str:
    """One line per change, then the count."""
    lines = [str(change) for change in found.changes[:NAMED_CHANGES]]
    if len(found.changes) > NAMED_CHANGES:
        lines.append(f"... and {len(found.changes) - NAMED_CHANGES} more in audit.json")
    spared = f"; {found.not_judged} could not be judged this time" if found.not_judged else ""
    return "\n".join([*lines, f"{found.executed} samples run again, {len(found.changes)} verdicts changed{spared}."])


def refuse_changes(found: Rejudging) -> None:
    """Raises ChangedError where a verdict did not come out again."""
    if found.changes:
        flaky = len({change.program_sha256 for change in found.changes if change.cause is Cause.FLAKY})
        raise ChangedError(
            f"{len(found.changes)} of {found.executed} verdicts changed, {flaky} programs are flaky: "
            f"audit.json names them; verdicts.jsonl stays as it was."
        )


def _judged_again(run: Run) -> Iterator[tuple[VerdictRecord, VerdictRecord]]:
    """The line of each sample as it stands, and what it would be now."""
    problems = {problem.task_id: problem for problem in run.problems}
    begins = index_verdicts(run.folder.verdicts)
    keys = sorted(key for key in run.folder.completions.samples() if key in begins and key[0] in problems)
    samples = whole_samples(run, [(problems[task_id], number) for task_id, number in keys])
    with (
        open_sandbox(run.config.tier, run.config.workers) as sandbox,
        progress_bar(f"Judging {run.label} again", len(keys)) as advance,
    ):
        for again in judge_samples(run.task, samples, sandbox):
            before = run.folder.verdicts.read_at(begins[again.task_id, again.sample])
            advance()
            if before.verdict is not Verdict.NOT_JUDGED:
                yield before, again


def _change(before: VerdictRecord, again: VerdictRecord) -> VerdictChange:
    cause = Cause.FLAKY if before.program_sha256 == again.program_sha256 else Cause.ANOTHER_PROGRAM
    said = [FirstVerdict(line.verdict, line.confirmed, line.detail) for line in (before, again)]
    return VerdictChange(before.task_id, before.sample, cause, said[0], said[1], again.program_sha256)


def _said(line: VerdictRecord) -> tuple[Verdict, bool | None]:
    return line.verdict, line.confirmed


def _words(said: FirstVerdict) -> str:
    told = {True: " and confirmed", False: "", None: " but unconfirmed"}[said.confirmed]
    return f"{said.verdict.value}{told if said.verdict is Verdict.PASSED else ''}"


def _to_json(found: Rejudging) -> str:
    document: dict[str, Any] = {"finished": now(), "host": describe_host(), "versions": describe_versions()}
    document |= {"executed": found.executed, "not_judged": found.not_judged, "changes": found.changes}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
