"""`wavebench verify`: confirms or refutes a submission by re-executing a random part of it.

Covered: edited verdicts, swapped answers, dropped or added samples, other prompts, other data, other task versions,
verdict lines written twice, archives and texts that attack the reader.
Not covered: whether the model that is named gave these answers, and whether the best of several runs was chosen.
"""

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.config import RunConfig
from harness.confirmed import were_confirmed
from harness.judge import Sample, judge_samples
from harness.judged import Judged
from harness.progress import progress_bar
from harness.run import Run, reopen_run
from harness.run_folder import RunFolder
from leaderboards.submission.audit import audit
from leaderboards.submission.bundle import BundledRun
from sandbox.errors import WavebenchError
from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from tasks.verdict import Verdict

FEWEST = 100
"""Samples that are re-executed at least, where there are as many."""
SHARE = 0.1
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """How the verifier checks, whatever the submission says."""

    data: Path | None = None
    """Where the verifier's own data sets lie."""
    share: float = SHARE
    seed: int | None = None
    """Draws the samples; None draws one that nobody can foresee."""
    tier: Tier = Tier.NAMESPACES
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """What came of one run of a submission."""

    folder: str
    model: str
    task: str
    claimed: float
    """pass@1 as the submission states it."""
    score: float
    """pass@1 of its verdicts."""
    samples: int
    executed: int
    """Samples that were run again and could be judged."""
    passes_executed: int
    """Of those the ones that are said to pass."""
    forged: int
    """Passes of its verdicts that are forged by its own word."""
    confirmed_score: float | None
    """Confirmed pass@1 of its verdicts; None where passes were not confirmed."""
    seed: int
    findings: tuple[str, ...]
    """Empty confirms."""

    @property
    def confirmed(self) -> bool:
        return not self.findings

    @property
    def most_false_passes(self) -> float:
        """Share of the claimed passes that may still be false although none was found (95 %, exact binomial)."""
        if self.executed == self.samples:
            return 0.0
        return 1 - 0.05 ** (1 / self.passes_executed) if self.passes_executed else 1.0


def verify_run(folder: Path, bundled: BundledRun, terms: Terms) -> RunReport:
    """Checks one unpacked run. Never raises for what a stranger may have written: that is a finding."""
    seed = secrets.randbelow(2**31) if terms.seed is None else terms.seed
    try:
        _write_trusted_config(folder, terms)
        with reopen_run(folder) as run:
            return _verify(run, bundled, terms, seed)
    except (WavebenchError, RecursionError, OverflowError, ValueError) as error:
        finding = f"it cannot be read or judged: {str(error)[:500]!r}"
        return RunReport(
            bundled.folder, bundled.model, bundled.task, bundled.pass_at_1, 0.0, 0, 0, 0, 0, None, seed, (finding,)
        )


def _write_trusted_config(folder: Path, terms: Terms) -> None:
    """Where data lies and how strong the walls are is never the submission's choice."""
    from harness.run_folder import to_toml

    config = RunFolder(folder, writable=False).config()
    own: dict[str, object] = {
        "data": str(terms.data.absolute()) if terms.data else "",
        "tier": terms.tier.value,
        "k": (),
    }
    trusted: RunConfig = config.override({**own, "allow_missing": False, "workers": terms.workers})
    (folder / "config.toml").write_text(to_toml(trusted), encoding="utf-8")


def _verify(run: Run, bundled: BundledRun, terms: Terms, seed: int) -> RunReport:
    judged = {(line.task_id, line.sample): line for _, line in run.folder.verdicts.read()}
    findings = [*_statement(run, bundled, judged), *audit(run)]
    again: Mapping[Key, Judged] = {}
    if not findings:
        again = _execute(run, _drawn(judged, terms.share, seed), terms)
        findings += _differences(judged, again)
    counted = [key for key, line in again.items() if line.verdict is not Verdict.NOT_JUDGED]
    return RunReport(
        folder=bundled.folder,
        model=bundled.model,
        task=bundled.task,
        claimed=bundled.pass_at_1,
        score=_pass_at_1(judged),
        samples=len(judged),
        executed=len(counted),
        passes_executed=sum(judged[key].verdict.passes_upstream for key in counted),
        forged=sum(line.verdict is Verdict.FORGED for line in judged.values()),
        confirmed_score=_confirmed_pass_at_1(run, judged),
        seed=seed,
        findings=tuple(findings),
    )


def _statement(run: Run, bundled: BundledRun, judged: Mapping[Key, Judged]) -> list[str]:
    """Whether the submission's index says what its run folder says."""
    found: list[str] = []
    for name, stated, actual in (("model", bundled.model, run.config.model), ("task", bundled.task, run.config.task)):
        if stated != actual:
            found.append(f"its index names the {name} {stated[:80]!r}, its config {actual[:80]!r}")
    if run.config.limit is not None:
        found.append(f"it holds only the first {run.config.limit} problems")
    score, confirmed = _pass_at_1(judged), _confirmed_pass_at_1(run, judged)
    if abs(score - bundled.pass_at_1) > 1e-9:
        found.append(f"it claims pass@1 {100 * bundled.pass_at_1:.2f} %, its verdicts say {100 * score:.2f} %")
    stated = bundled.confirmed_pass_at_1
    if stated is not None and (confirmed is None or abs(confirmed - stated) > 1e-9):
        said = "nothing of it" if confirmed is None else f"{100 * confirmed:.2f} %"
        found.append(f"it claims confirmed pass@1 {100 * stated:.2f} %, its verdicts say {said}")
    return found


def _pass_at_1(judged: Mapping[Key, Judged]) -> float:
    return _mean(judged, lambda line: line.verdict.passes_upstream)


def _confirmed_pass_at_1(run: Run, judged: Mapping[Key, Judged]) -> float | None:
    tried = were_confirmed(judged.values(), run.config.confirm)
    return _mean(judged, lambda line: bool(line.confirmed)) if tried else None


def _mean(judged: Mapping[Key, Judged], counts: Callable[[Judged], bool]) -> float:
    """Over problems, of the share of judged samples that count."""
    shares: dict[str, list[bool]] = {}
    for line in judged.values():
        if line.verdict is not Verdict.NOT_JUDGED:
            shares.setdefault(line.task_id, []).append(counts(line))
    return sum(sum(each) / len(each) for each in shares.values()) / len(shares) if shares else 0.0


def _drawn(judged: Mapping[Key, Judged], share: float, seed: int) -> list[Key]:
    keys = sorted(judged)
    count = min(len(keys), max(FEWEST, round(share * len(keys))))
    return random.Random(seed).sample(keys, count)


def _execute(run: Run, keys: list[Key], terms: Terms) -> Mapping[Key, Judged]:
    problems = {problem.task_id: problem for problem in run.problems}
    limits = run.config.limit_changes()
    turns = ((key, run.folder.completions.turns(key)) for key in keys)
    samples = (
        Sample(problems[key[0]], key[1], [turn.completion for turn in said], run.config.form_of(said), limits)
        for key, said in turns
    )
    found: dict[Key, Judged] = {}
    with open_sandbox(terms.tier, terms.workers) as sandbox, progress_bar("Running again", len(keys)) as advance:
        for line in judge_samples(run.task, samples, sandbox):
            found[line.task_id, line.sample] = line
            advance()
    return found


def _differences(judged: Mapping[Key, Judged], again: Mapping[Key, Judged]) -> list[str]:
    """A verdict differs when one says passed, forged or confirmed and the other does not; whatever could not be judged
    here says nothing."""
    differing = [
        f"{task_id!r} sample {number} is said to be {_said(judged[task_id, number])}, run again it is {_said(line)}"
        for (task_id, number), line in sorted(again.items())
        if line.verdict is not Verdict.NOT_JUDGED and _claims_other(judged[task_id, number], line)
    ]
    if len(differing) <= 3:
        return differing
    return [f"{len(differing)} of {len(again)} verdicts do not hold: {'; '.join(differing[:3])}"]


def _claims_other(claimed: Judged, line: Judged) -> bool:
    """Failures are alike. A pass that is confirmed only here is no false claim."""
    passes = Verdict.PASSED, Verdict.FORGED
    if claimed.verdict in passes or line.verdict in passes:
        return claimed.verdict is not line.verdict or (claimed.confirmed is True and line.confirmed is not True)
    return False


def _said(line: Judged) -> str:
    return f"{line.verdict.value!r}{' and confirmed' if line.confirmed else ''}"
