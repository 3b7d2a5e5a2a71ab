"""Chooses training rows among judged samples: answers to learn from, pairs, and labelled answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from datagen.from_runs.samples import JudgedSample
from tasks.verdict import Verdict

Problem = tuple[str, str, str]
_REJECTABLE = (
    Verdict.WRONG,
    Verdict.FORGED,
    Verdict.ERROR,
    Verdict.TIMEOUT,
    Verdict.OUT_OF_MEMORY,
    Verdict.NOT_COMPILED,
)
"""What a rejected answer may be, the hardest to tell from a right one first."""


@dataclass(frozen=True, slots=True)
class PassRate:
    """How often one problem was solved."""

    problem: Problem
    samples: int
    """Judged ones."""
    passed: int
    """Confirmed passes."""

    @property
    def rate(self) -> float:
        return self.passed / self.samples


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """A right answer and a wrong one to the same problem."""

    chosen: JudgedSample
    rejected: JudgedSample


@dataclass(frozen=True, slots=True)
class SampleSelection:
    """All rows that came of some runs."""

    answers: Sequence[JudgedSample]
    """Confirmed passes, the hardest problems first."""
    pairs: Sequence[PreferencePair]
    labelled: Sequence[tuple[JudgedSample, bool]]
    """Answers with whether they are right."""
    rates: Mapping[Problem, PassRate]
    dropped: Mapping[str, int]
    """How many samples each reason kept out of all rows."""


def select(samples: Iterable[JudgedSample], per_problem: int, *, unconfirmed: bool = False) -> SampleSelection:
    """At most `per_problem` answers, pairs, and labelled answers of either kind for each problem.

    `unconfirmed` takes passes that nothing could confirm for right ones; else they are left out.
    """
    dropped: defaultdict[str, int] = defaultdict(int)
    right: defaultdict[Problem, dict[str, JudgedSample]] = defaultdict(dict)
    wrong: defaultdict[Problem, dict[str, JudgedSample]] = defaultdict(dict)
    counts: defaultdict[Problem, list[int]] = defaultdict(lambda: [0, 0])
    for sample in samples:
        is_right = sample.verdict is Verdict.PASSED and (sample.confirmed is True or unconfirmed)
        counts[sample.problem][0] += 1
        counts[sample.problem][1] += is_right
        kept = right[sample.problem] if is_right else wrong[sample.problem]
        if not sample.whole:
            dropped["the answer was cut or refused"] += 1
        elif not is_right and sample.verdict not in _REJECTABLE:
            unconfirmed_pass = sample.verdict is Verdict.PASSED
            dropped["a pass that nothing confirmed" if unconfirmed_pass else f"verdict {sample.verdict}"] += 1
        elif sample.same_as in kept:
            dropped["the same code as another sample"] += 1
        else:
            kept[sample.same_as] = sample
    rates = {problem: PassRate(problem, *numbers) for problem, numbers in counts.items()}
    hardest_first = sorted(rates, key=lambda problem: (rates[problem].rate, problem))
    answers: list[JudgedSample] = []
    pairs: list[PreferencePair] = []
    labelled: list[tuple[JudgedSample, bool]] = []
    for problem in hardest_first:
        rights = list(right[problem].values())[:per_problem]
        wrongs = _mixed(list(wrong[problem].values()))[:per_problem]
        dropped["beyond the most of one problem"] += len(right[problem]) - len(rights)
        answers += rights
        if rights:
            pairs += [PreferencePair(rights[n % len(rights)], rejected) for n, rejected in enumerate(wrongs)]
        labelled += [*((sample, True) for sample in rights), *((sample, False) for sample in wrongs)]
    return SampleSelection(answers, pairs, labelled, rates, {name: n for name, n in sorted(dropped.items()) if n})


def _mixed(samples: Sequence[JudgedSample]) -> list[JudgedSample]:
    """One of each verdict in turn, so that few rows show many kinds of failure."""
    by_verdict = {verdict: [each for each in samples if each.verdict is verdict] for verdict in _REJECTABLE}
    rounds = range(max(map(len, by_verdict.values()), default=0))
    return [group[n] for n in rounds for group in by_verdict.values() if n < len(group)]
