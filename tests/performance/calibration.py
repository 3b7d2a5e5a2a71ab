"""Whether the statistics keep what they say: intervals cover 95 %, p-values are uniform where nothing differs.

    python tests/performance/calibration.py [--repetitions 2000]

Problems are drawn anew in each repetition, their pass rates from a Beta distribution around the true rate; the score
to be covered is that of all problems that could have been drawn. McNemar's p moves in steps; it is uniform once a
step is spread evenly (randomized p), and mid-p is the middle of that step.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[2]))

from harness.statistics.intervals import score_interval
from harness.statistics.mcnemar import mid_p
from harness.statistics.paired import Tally, paired_difference

PROBLEMS = 164
CONCENTRATION = 2.0
"""Of the Beta distribution: how far problems differ in hardness."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Shares over the repetitions; McNemar's rejections are those of mid-p."""

    samples: int
    rate: float
    score_coverage: float
    difference_coverage: float
    rejections: float
    uniform_p: float
    """Of the Kolmogorov-Smirnov test that p-values are uniform."""

    def __str__(self) -> str:
        return (
            f"n = {self.samples:2}, rate {100 * self.rate:2.0f} %: score covered {100 * self.score_coverage:.1f} %, "
            f"difference covered {100 * self.difference_coverage:.1f} %, p < 0.05 in {100 * self.rejections:.1f} %, "
            f"uniform: KS p = {self.uniform_p:.3f}"
        )


def calibrate(samples: int, rate: float, repetitions: int, seed: int = 0) -> Calibration:
    generator = np.random.default_rng([seed, samples, round(100 * rate)])
    scores = differences = rejections = 0
    p_values: list[float] = []
    for _ in range(repetitions):
        skills = generator.beta(CONCENTRATION * rate, CONCENTRATION * (1 - rate), PROBLEMS)
        first, second = (draw(generator, skills, samples) for _ in range(2))
        interval = score_interval([tally.passed for tally in first], [samples] * PROBLEMS)
        result = paired_difference(first, second)
        scores += interval.low <= rate <= interval.high
        differences += result.difference.low <= 0 <= result.difference.high
        rejections += result.p_value < 0.05
        p_values.append(result.p_value if samples > 1 else spread(first, second, generator))
    uniform_p = float(stats.kstest(p_values, "uniform").pvalue)
    return Calibration(
        samples, rate, scores / repetitions, differences / repetitions, rejections / repetitions, uniform_p
    )


def draw(generator: np.random.Generator, skills: np.ndarray, samples: int) -> list[Tally]:
    return [Tally(samples, int(passed)) for passed in generator.binomial(samples, skills)]


def spread(first: list[Tally], second: list[Tally], generator: np.random.Generator) -> float:
    """McNemar's p with its last step spread evenly."""
    gained = sum(b.passed > a.passed for a, b in zip(first, second, strict=True))
    lost = sum(b.passed < a.passed for a, b in zip(first, second, strict=True))
    step = float(stats.binom.pmf(min(gained, lost), gained + lost, 0.5)) * (1 if gained == lost else 2)
    beyond = 1 - step if gained == lost else mid_p(gained, lost) - step / 2
    return beyond + float(generator.uniform()) * step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=2000)
    asked = parser.parse_args()
    for samples in (1, 20):
        for rate in (0.05, 0.5, 0.9):
            print(calibrate(samples, rate, asked.repetitions), flush=True)


if __name__ == "__main__":
    main()
