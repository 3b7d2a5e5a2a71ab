"""What a plan takes from earlier runs: the length of prompts and answers, and how much two models disagree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.runs.run import reopen_run
from harness.runs.settings import ConfigError
from harness.runs.verdict_log import read_summaries
from harness.statistics.power import Spread, spread_of
from tasks.verdict import Verdict

Tallies = Mapping[str, tuple[int, int]]
"""By task id: judged samples and passed ones."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """One earlier run."""

    label: str
    tallies: Tallies
    prompt_tokens: float
    """Of all turns of one sample, on average; 0 where the run does not say."""
    completion_tokens: float


def read_pilot(folder: Path) -> Pilot:
    """Raises RunFolderError where there is no run, ConfigError where it has no verdict."""
    with reopen_run(folder) as run:
        marks = read_summaries(run.folder.verdicts.path).values()
        judged = [mark for mark in marks if mark.verdict is not Verdict.NOT_JUDGED]
        totals = Counter(mark.task_id for mark in judged)
        passed = Counter(mark.task_id for mark in judged if mark.verdict.passes_upstream)
        tallies = {task_id: (totals[task_id], passed[task_id]) for task_id in totals}
        if not tallies:
            raise ConfigError(f"{str(folder)!r} has no judged sample: run `wavebench judge {folder}` first.")
        # Over the samples, not the turns: a sample of several turns costs all of them.
        samples = list(run.folder.completions.samples())
        turns = [turn for key in samples for turn in run.folder.completions.turns(key)]
        prompts, answers = sum(turn.prompt_tokens for turn in turns), sum(turn.completion_tokens for turn in turns)
        return Pilot(run.label, tallies, prompts / len(samples), answers / len(samples))


def spread_between(pilots: Sequence[Pilot]) -> Spread:
    """Of two earlier runs, over the problems that both judged. Raises ConfigError without a common one."""
    first, second = pilots
    common = sorted(first.tallies.keys() & second.tallies.keys())
    if not common:
        raise ConfigError(f"{first.label!r} and {second.label!r} have no problem in common: name two runs of one task.")
    return spread_of([first.tallies[name] for name in common], [second.tallies[name] for name in common])
