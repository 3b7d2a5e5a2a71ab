"""How much of a paired difference's standard error comes from the problems, and how much from the samples.

The estimators are those of eval-arena (Wang 2025, arXiv:2512.21326, "Measuring all the noises of LLM evals").
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

from harness.statistics.intervals import grouped
from harness.statistics.paired import Tally
from harness.statistics.pass_at_k import estimates


@dataclass(frozen=True, slots=True)
class PairedNoise:
    """Standard errors of a difference in pass@1, as shares of 1; the parts' squares add up to that of the whole."""

    whole: float
    problems: float | None
    """What would remain with endless samples of each problem (SE_x). None where a problem has one sample only."""
    samples: float | None
    """What would remain with endless problems of this kind, at this number of samples."""


def paired_noise(
    first: Sequence[Tally], second: Sequence[Tally], clusters: Sequence[Hashable] = ()
) -> PairedNoise | None:
    """The noise of pass@1 of `second` minus that of `first` over the same problems; None below two clusters.

    `clusters[i]` names what problem i belongs to.
    """
    rates = [
        estimates([tally.passed for tally in side], [tally.samples for tally in side], 1) for side in (first, second)
    ]
    sums, sizes = grouped(rates[1] - rates[0], clusters)
    count, problems = len(sums), float(sizes.sum())
    if count < 2:
        return None
    spread = sums - sizes * float(sums.sum() / problems)
    variance = float((spread**2).sum()) * count / (count - 1) / problems**2
    if any(tally.samples < 2 for tally in (*first, *second)):
        return PairedNoise(sqrt(variance), None, None)
    # The unbiased variance of a problem's mean over n samples, of which c pass, is (c/n)(1 - c/n) / (n - 1).
    of_samples = sum(
        float(rate) * (1 - float(rate)) / (tally.samples - 1)
        for side, found in zip((first, second), rates, strict=True)
        for tally, rate in zip(side, found, strict=True)
    )
    of_samples /= problems**2
    # An estimate below 0 says that the samples explain all of it.
    return PairedNoise(sqrt(variance), sqrt(max(0.0, variance - of_samples)), sqrt(min(of_samples, variance)))
