"""Whether the statistics keep what they say: intervals cover 95 %, p-values are at most uniform where nothing differs.

    python tests/performance/calibration.py [--repetitions 400] [--problems 2,5,164] [--samples 1,20] [--least 94]

Problems are drawn anew in each repetition. A population says how a problem's true pass rates are distributed, for one
model and for a second one; to be covered are the scores and the difference over all problems that could be drawn.
Most populations hold many problems that always or never pass, as real benchmarks do. Ends with exit code 1 where a
coverage lies below --least by more than chance explains.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[2]))

from harness.statistics.intervals import score_interval
from harness.statistics.mcnemar import mid_p
from harness.statistics.paired import Tally, paired_difference

PROBLEMS = (2, 3, 5, 8, 12, 20, 40, 164)
SAMPLES = (1, 5, 20)
LANGUAGES = 6
"""Problems of one cluster in the clustered cells."""
TRUTH_PROBLEMS = 1_000_000
"""Drawn once to know the true scores."""

Rates = NDArray[np.float64]
Counts = NDArray[np.int64]
Draw = Callable[[np.random.Generator, int], tuple[Rates, Rates]]


@dataclass(frozen=True, slots=True)
class Population:
    """True pass rates of a problem, for two models."""

    name: str
    draw: Draw


@dataclass(frozen=True, slots=True)
class Calibration:
    """Shares over the repetitions of one cell."""

    population: str
    problems: int
    samples: int
    clustered: bool
    k: int
    repetitions: int
    score_coverage: float
    score_width: float
    difference_coverage: float
    difference_width: float
    rejections: float
    """p < 0.05; an error where the true difference is 0."""
    disagreements: int
    """Intervals that exclude 0 although the test does not reject, or the other way."""
    uniform_p: float
    """Of the Kolmogorov-Smirnov test that p-values are uniform; only says something where nothing differs."""

    def __str__(self) -> str:
        return (
            f"{self.population:16} {self.problems:3} {'clusters' if self.clustered else 'problems'}, "
            f"{self.samples:2} samples, pass@{self.k}: score covered {100 * self.score_coverage:5.1f} % "
            f"(width {100 * self.score_width:5.1f}), difference covered {100 * self.difference_coverage:5.1f} % "
            f"(width {100 * self.difference_width:5.1f}), p < 0.05 in {100 * self.rejections:5.1f} %, "
            f"{self.disagreements} disagreements"
        )

    def holds(self, least: float) -> bool:
        """Whether both coverages are at least that, but for three standard errors."""
        slack = 3 * sqrt(least * (1 - least) / self.repetitions)
        return min(self.score_coverage, self.difference_coverage) >= least - slack and not self.disagreements


def mixture(never: float, always: float, a: float, b: float) -> Callable[[np.random.Generator, int], Rates]:
    """Rates that are 0 and 1 with these chances, else from Beta(a, b)."""

    def draw(generator: np.random.Generator, size: int) -> Rates:
        at = generator.random(size)
        return np.where(at < never, 0.0, np.where(at < never + always, 1.0, generator.beta(a, b, size)))

    return draw


def same(never: float, always: float, a: float, b: float) -> Draw:
    """Both models have the same rate on every problem."""

    def draw(generator: np.random.Generator, size: int) -> tuple[Rates, Rates]:
        rates = mixture(never, always, a, b)(generator, size)
        return rates, rates

    return draw


def redrawn(first: tuple[float, float, float, float], second: tuple[float, float, float, float], share: float) -> Draw:
    """The second model's rate differs from the first's on a share of the problems, where it is drawn anew."""

    def draw(generator: np.random.Generator, size: int) -> tuple[Rates, Rates]:
        rates = mixture(*first)(generator, size)
        return rates, np.where(generator.random(size) < share, mixture(*second)(generator, size), rates)

    return draw


def gains(never: float, always: float, a: float, b: float, share: float) -> Draw:
    """The second model has learnt a share of the problems, which the first never solves; elsewhere both are alike."""

    def draw(generator: np.random.Generator, size: int) -> tuple[Rates, Rates]:
        rates = mixture(never, always, a, b)(generator, size)
        learnt = generator.random(size) < share
        return np.where(learnt, 0.0, rates), np.where(learnt, 1.0, rates)

    return draw


WEAK, MIDDLE, STRONG = (0.8, 0.05, 0.5, 2.0), (0.45, 0.35, 1.0, 1.0), (0.05, 0.8, 2.0, 0.5)
POPULATIONS = (
    Population("beta 5 %", same(0.0, 0.0, 0.1, 1.9)),
    Population("beta 50 %", same(0.0, 0.0, 1.0, 1.0)),
    Population("beta 90 %", same(0.0, 0.0, 1.8, 0.2)),
    Population("weak", same(*WEAK)),
    Population("middle", same(*MIDDLE)),
    Population("strong", same(*STRONG)),
    Population("all or nothing", same(0.5, 0.5, 1.0, 1.0)),
    Population("1 in 50 passes", same(0.98, 0.02, 1.0, 1.0)),
    Population("weak to middle", redrawn(WEAK, MIDDLE, 1.0)),
    Population("a tenth redrawn", redrawn(MIDDLE, MIDDLE, 0.1)),
    Population("3 % learnt", gains(0.3, 0.0, 0.3, 2.0, 0.03)),
    Population("10 % learnt", gains(0.6, 0.3, 1.0, 1.0, 0.1)),
)


def calibrate(
    population: Population,
    problems: int,
    samples: int,
    repetitions: int,
    *,
    clustered: bool = False,
    k: int = 1,
    seed: int = 0,
) -> Calibration:
    """One cell; a cluster of languages has the same true rates in half of its problems, and others in the rest."""
    generator = np.random.default_rng([seed, problems, samples, clustered, *population.name.encode()])
    score, difference = _truth(population, k)
    size = problems * LANGUAGES if clustered else problems
    clusters = [number // LANGUAGES for number in range(size)] if clustered else []
    covered, widths, p_values = np.zeros(2), np.zeros(2), list[float]()
    rejections = disagreements = 0
    for _ in range(repetitions):
        rates = _clustered_rates(population, generator, problems) if clustered else population.draw(generator, size)
        first, second = (generator.binomial(samples, each) for each in rates)
        interval = _score(tuple(sorted(first)) if not clustered else tuple(first), samples, k, tuple(clusters))
        ours = tuple((int(a), int(b)) for a, b in zip(first, second, strict=True))
        low, high, p_value = _difference(ours if clustered else tuple(sorted(ours)), samples, k, tuple(clusters))
        ends = ((score, *interval), (difference, low, high))
        covered += [bottom - 1e-9 <= truth <= top + 1e-9 for truth, bottom, top in ends]
        widths += (interval[1] - interval[0], high - low)
        rejections += p_value < 0.05
        disagreements += (low <= 0 <= high) != (p_value >= 0.05)
        single = samples == 1 and not clustered
        p_values.append(_spread(first, second, generator) if single else p_value)
    covered, widths = covered / repetitions, widths / repetitions
    uniform_p = float(stats.kstest(p_values, "uniform").pvalue)
    shares = float(covered[0]), float(widths[0]), float(covered[1]), float(widths[1]), rejections / repetitions
    return Calibration(population.name, problems, samples, clustered, k, repetitions, *shares, disagreements, uniform_p)


@cache
def _truth(population: Population, k: int) -> tuple[float, float]:
    """True pass@k of the first model and the true difference."""
    first, second = population.draw(np.random.default_rng(99), TRUTH_PROBLEMS)
    one, two = (float((1 - (1 - rates) ** k).mean()) for rates in (first, second))
    return one, two - one


def _clustered_rates(population: Population, generator: np.random.Generator, clusters: int) -> tuple[Rates, Rates]:
    own = population.draw(generator, clusters * LANGUAGES)
    shared = [np.repeat(rates, LANGUAGES) for rates in population.draw(generator, clusters)]
    takes_own = generator.random(clusters * LANGUAGES) < 0.5
    return np.where(takes_own, own[0], shared[0]), np.where(takes_own, own[1], shared[1])


@lru_cache(maxsize=100_000)
def _score(passed: tuple[int, ...], samples: int, k: int, clusters: tuple[int, ...]) -> tuple[float, float]:
    interval = score_interval(passed, [samples] * len(passed), k, clusters=clusters)
    return interval.low, interval.high


@lru_cache(maxsize=100_000)
def _difference(
    passed: tuple[tuple[int, int], ...], samples: int, k: int, clusters: tuple[int, ...]
) -> tuple[float, float, float]:
    first, second = ([Tally(samples, pair[side]) for pair in passed] for side in (0, 1))
    result = paired_difference(first, second, k, clusters=clusters)
    return result.difference.low, result.difference.high, result.p_value


def _spread(first: Counts, second: Counts, generator: np.random.Generator) -> float:
    """McNemar's p with its last step spread evenly: it moves in steps, of which mid-p is the middle."""
    gained, lost = int((second > first).sum()), int((second < first).sum())
    step = float(stats.binom.pmf(min(gained, lost), gained + lost, 0.5)) * (1 if gained == lost else 2)
    beyond = 1 - step if gained == lost else mid_p(gained, lost) - step / 2
    return beyond + float(generator.uniform()) * step


def cells(problems: Sequence[int], samples: Sequence[int], repetitions: int) -> Iterator[Calibration]:
    """Every population in every size, apart and clustered; pass@5 where there are 20 samples."""
    for n in problems:
        for m in samples:
            for population in POPULATIONS:
                yield calibrate(population, n, m, repetitions)
                if n <= 40:
                    yield calibrate(population, n, m, repetitions, clustered=True)
                if m == 20:
                    yield calibrate(population, n, m, repetitions, k=5)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=400)
    parser.add_argument("--problems", default=",".join(map(str, PROBLEMS)))
    parser.add_argument("--samples", default=",".join(map(str, SAMPLES)))
    parser.add_argument("--least", type=float, default=94.0, help="Coverage in per cent that every cell must reach.")
    asked = parser.parse_args()
    sizes, counts = ([int(each) for each in text.split(",")] for text in (asked.problems, asked.samples))
    broken = 0
    for cell in cells(sizes, counts, asked.repetitions):
        holds = cell.holds(asked.least / 100)
        broken += not holds
        print(f"{cell}{'' if holds else '  TOO LOW'}", flush=True)
    print(f"{broken} cells below {asked.least:g} %")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
