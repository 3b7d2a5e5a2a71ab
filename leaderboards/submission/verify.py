"""`wavebench verify`: confirms or refutes a submission by re-executing a random part of it.

Covered: edited verdicts, swapped answers, dropped or added samples, other prompts, other data, other task versions,
limits and settings of the submitter's own, verdict lines written twice, one run submitted twice, archives and texts
that attack the reader.
Not covered: whether the model that is named gave these answers, whether the best of several runs was chosen, and what
the submission says of times, memory, tokens and costs.
"""

import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil
from pathlib import Path

from harness.files.progress import progress_bar
from harness.judging.judge import judge_samples, whole_samples
from harness.runs.run import Run
from harness.runs.run_folder import RunFolder
from harness.runs.settings import to_toml
from harness.runs.verdict_log import VerdictRecord
from harness.scoring.confirmations import were_confirmed
from leaderboards.runs.publishing import objections, open_as_stranger, split_of
from leaderboards.runs.record import read_checked_manifest, read_record
from leaderboards.submission.bundle import BundledRun, Index, SubmissionError
from leaderboards.submission.draw import most_false, passes_needed, survival
from leaderboards.submission.mixture import mixture
from sandbox.errors import SandboxError, WavebenchError
from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from tasks.errors import DataError
from tasks.registry import names
from tasks.verdict import Verdict

FEWEST = 100
"""Samples that are re-executed at least, where there are as many."""
SHARE = 0.1
NAMED = 3
"""How many differing verdicts, and how many reasons for an open one, are named."""
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """The verifier's own settings, whatever the submission claims. Raises SubmissionError for a share out of range."""

    data: Path | None = None
    """Where the verifier's own data sets lie."""
    share: float = SHARE
    seed: int | None = None
    """Draws the samples; None draws one that nobody can foresee."""
    tier: Tier = Tier.NAMESPACES
    workers: int | None = None
    at_most: float | None = None
    """The largest share of the claimed passes that may be false (95 %) where all that is run again holds; it sets how
    many samples are drawn, in place of `share`."""

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise SubmissionError(f"The share to run again is {self.share!r}: name one from 0 to 1.")
        if self.at_most is not None and not 0 < self.at_most < 1:
            raise SubmissionError(
                f"A bound of {100 * self.at_most:g} % is out of range: name one above 0 and below 100 %, or --share 1 "
                f"to run everything again."
            )


class Decision(StrEnum):
    """What came of checking one run."""

    CONFIRMED = "confirmed"
    """Every drawn sample was judged again, and every verdict is the claimed one."""
    REFUTED = "refuted"
    """Something in it is false, missing or not allowed."""
    UNDECIDED = "undecided"
    """Nothing false was found, but not everything that was drawn could be judged here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What came of one run of a submission."""

    folder: str
    model: str
    task: str
    claimed: float
    """pass@1 as the submission states it."""
    seed: int
    findings: tuple[str, ...] = ()
    """Each refutes."""
    doubts: tuple[str, ...] = ()
    """What could not be checked here, each with its remedy."""
    score: float = 0.0
    """pass@1 of its verdicts."""
    confirmed_score: float | None = None
    """Confirmed pass@1 of its verdicts; None where passes were not confirmed."""
    split: str = ""
    """Which part of the benchmark it answers."""
    own_problems: str = ""
    """The verifier's file of problems where these are not the benchmark's own."""
    made_elsewhere: bool = False
    """The answers come from a samples file, so that prompts and sampling are not known."""
    samples: int = 0
    passes: int = 0
    """Samples that are claimed to pass, forged ones included."""
    forged: int = 0
    """Passes of its verdicts that are forged by its own word."""
    drawn: int = 0
    """Samples that were to be run again."""
    executed: int = 0
    """Of those, the ones that were judged."""
    passes_executed: int = 0
    """Of those, the ones that are claimed to pass."""

    @property
    def decision(self) -> Decision:
        if self.findings:
            return Decision.REFUTED
        judged_all = 0 < self.drawn == self.executed
        return Decision.CONFIRMED if judged_all and not self.doubts else Decision.UNDECIDED

    @property
    def confirmed(self) -> bool:
        return self.decision is Decision.CONFIRMED

    @property
    def false_passes_left(self) -> int:
        """How many of the claimed passes may still be false although none was found (95 %, exact)."""
        return most_false(self.passes, self.passes_executed)

    @property
    def most_false_passes(self) -> float:
        """The same as a share of the claimed passes."""
        return self.false_passes_left / self.passes if self.passes else 0.0

    def missed(self, false: int) -> float:
        """The chance that a draw of this size holds none of that many false passes."""
        return survival(false, self.samples, self.drawn)


def verify_submission(folder: Path, index: Index, settings: VerifyOptions) -> list[RunReport]:
    """Checks every run below `folder`, where the submission was unpacked, each alone and all together."""
    reports = [verify_run(folder / bundled.folder, bundled, settings) for bundled in index.runs]
    read = [number for number, report in enumerate(reports) if report.samples and not report.findings]
    for place, finding in mixture([read_record(folder / reports[number].folder) for number in read]):
        reports[read[place]] = replace(reports[read[place]], findings=(finding.replace(f"{folder}/", ""),))
    return reports


def verify_run(folder: Path, bundled: BundledRun, settings: VerifyOptions) -> RunReport:
    """Checks one unpacked run. Never raises for what a stranger may have written: that is a finding.

    Leaves a config in `folder` that names nothing of the submitter's machine, and nothing of this one.
    """
    seed = secrets.randbelow(2**31) if settings.seed is None else settings.seed
    report = RunReport(
        folder=bundled.folder, model=bundled.model, task=bundled.task, claimed=bundled.pass_at_1, seed=seed
    )
    try:
        read_checked_manifest(folder)
        task = RunFolder(folder, writable=False).config().task
        if task not in names():
            doubt = f"the task {task[:80]!r} is not known here: install the package that brings it"
            return replace(report, doubts=(doubt,))
        with open_as_stranger(folder, settings.data, settings.tier) as run:
            report = _check_files(report, run, bundled, folder)
            return report if report.findings else _run_again(report, run, settings)
    except (DataError, SandboxError) as error:
        return replace(report, doubts=(f"it cannot be checked here: {error}",))
    except (WavebenchError, RecursionError, OverflowError, ValueError) as error:
        words = str(error).replace(f"{folder.parent}/", "")[:500]
        return replace(report, findings=(f"it cannot be read or judged: {words!r}",))


def _check_files(report: RunReport, run: Run, bundled: BundledRun, folder: Path) -> RunReport:
    """The totals of the files, and where the files contradict each other."""
    judged = _read_verdicts(run)
    tried = were_confirmed(judged.values(), run.config.confirm)
    confirmed = _mean(judged, lambda line: bool(line.confirmed)) if tried else None
    score = _mean(judged, lambda line: line.verdict.passes_upstream)
    found: list[str] = []
    for name, stated, actual in (("model", bundled.model, run.config.model), ("task", bundled.task, run.config.task)):
        if stated != actual:
            found.append(f"its index names the {name} {stated[:80]!r}, its config {actual[:80]!r}")
    if not abs(score - bundled.pass_at_1) <= 1e-9:
        found.append(f"it claims pass@1 {100 * bundled.pass_at_1:.2f} %, its verdicts say {100 * score:.2f} %")
    stated = bundled.confirmed_pass_at_1
    if stated is not None and (confirmed is None or not abs(confirmed - stated) <= 1e-9):
        shown = "nothing of it" if confirmed is None else f"{100 * confirmed:.2f} %"
        found.append(f"it claims confirmed pass@1 {100 * stated:.2f} %, its verdicts say {shown}")
    # What its index claims falsely comes first: the files may be whole, and the claim another one.
    found += [objection.what for objection in objections(folder, run)]
    kept = replace(run.config, data="")
    (folder / "config.toml").write_text(to_toml(kept), encoding="utf-8")
    return replace(
        report,
        findings=tuple(found),
        score=score,
        confirmed_score=confirmed,
        split=split_of(run.config),
        own_problems=Path(run.config.data).name if run.config.data and Path(run.config.data).is_file() else "",
        made_elsewhere=run.config.made_elsewhere,
        samples=len(judged),
        passes=sum(line.verdict.passes_upstream for line in judged.values()),
        forged=sum(line.verdict is Verdict.FORGED for line in judged.values()),
    )


def _read_verdicts(run: Run) -> dict[Key, VerdictRecord]:
    return {(line.task_id, line.sample): line for _, line in run.folder.verdicts.read()}


def _mean(judged: Mapping[Key, VerdictRecord], counts: Callable[[VerdictRecord], bool]) -> float:
    """Over problems, of the share of judged samples that count."""
    shares: dict[str, list[bool]] = {}
    for line in judged.values():
        if line.verdict is not Verdict.NOT_JUDGED:
            shares.setdefault(line.task_id, []).append(counts(line))
    return sum(sum(each) / len(each) for each in shares.values()) / len(shares) if shares else 0.0


def _run_again(report: RunReport, run: Run, settings: VerifyOptions) -> RunReport:
    judged = _read_verdicts(run)
    keys = sorted(judged)
    random.Random(report.seed).shuffle(keys)
    count = ceil(settings.share * len(keys))
    if settings.at_most is not None:
        # The shortest beginning of the random order that holds as many passes as the bound takes.
        needed = passes_needed(report.passes, settings.at_most)
        places = [place for place, key in enumerate(keys, start=1) if judged[key].verdict.passes_upstream]
        count = places[needed - 1] if needed else 0
    keys = keys[: max(FEWEST, count)]
    problems = {problem.task_id: problem for problem in run.problems}
    samples = whole_samples(run, [(problems[task_id], number) for task_id, number in sorted(keys)])
    found: dict[Key, VerdictRecord] = {}
    with open_sandbox(settings.tier, settings.workers) as sandbox, progress_bar("Running again", len(keys)) as advance:
        for line in judge_samples(run.task, (replace(sample, confirm=True) for sample in samples), sandbox):
            found[line.task_id, line.sample] = line
            advance()
    again = found
    counted = [key for key in keys if key in again and again[key].verdict is not Verdict.NOT_JUDGED]
    # Why drawn samples have no verdict here, the most frequent reason first
    reasons = Counter(
        again[key].detail if key in again else "the sandbox gave no outcome"
        for key in keys
        if key not in again or again[key].verdict is Verdict.NOT_JUDGED
    )
    return replace(
        report,
        findings=tuple(_list_differences(judged, again)),
        doubts=tuple(
            [
                f"{count} of the {len(keys)} drawn samples could not be judged here: {reason.rstrip('.')[:300]}"
                for reason, count in reasons.most_common(NAMED)
            ]
        ),
        drawn=len(keys),
        executed=len(counted),
        passes_executed=sum(judged[key].verdict.passes_upstream for key in counted),
    )


def _list_differences(judged: Mapping[Key, VerdictRecord], again: Mapping[Key, VerdictRecord]) -> list[str]:
    """Samples of which only one verdict is passed, forged or confirmed, unless they could not be judged here."""
    differing: list[str] = []
    passes = Verdict.PASSED, Verdict.FORGED
    for (task_id, number), line in sorted(again.items()):
        claimed = judged[task_id, number]
        # Failures are alike, and a pass that is confirmed only here is no false claim.
        if line.verdict is Verdict.NOT_JUDGED or (claimed.verdict not in passes and line.verdict not in passes):
            continue
        if claimed.verdict is not line.verdict or (claimed.confirmed is True and line.confirmed is not True):
            differing.append(
                f"{task_id!r} sample {number} is claimed to be {_describe_verdict(claimed)}, "
                f"run again it is {_describe_verdict(line)}"
            )
    if len(differing) <= NAMED:
        return differing
    return [f"{len(differing)} of {len(again)} verdicts do not hold: {'; '.join(differing[:NAMED])}"]


def _describe_verdict(line: VerdictRecord) -> str:
    return f"{line.verdict.value!r}{' and confirmed' if line.confirmed else ''}"
