"""pass@k, the chance that at least one of k samples passes (Chen et al. 2021, eq. 1)."""

from collections.abc import Sequence
from functools import lru_cache
from math import comb, fsum

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=65_536)
def pass_at_k(n: int, c: int, k: int) -> float:
    """The unbiased estimate 1 - C(n-c, k) / C(n, k) for one problem with n samples of which c pass.

    Exact: integers up to the one division. Raises ValueError unless 0 <= c <= n and 1 <= k <= n.
    """
    if not 0 <= c <= n:
        raise ValueError(f"c={c!r} of n={n!r} samples cannot pass: give 0 <= c <= n")
    if not 1 <= k <= n:
        raise ValueError(f"pass@{k} cannot be estimated from {n!r} samples: give 1 <= k <= n")
    draws = comb(n, k)
    return (draws - comb(n - c, k)) / draws


@lru_cache(maxsize=65_536)
def pass_hat_k(n: int, c: int, k: int) -> float:
    """pass^k, the chance that all of k samples pass: the unbiased estimate C(c, k) / C(n, k) (Yao et al. 2024, eq. 1).

    Raises ValueError unless 0 <= c <= n and 1 <= k <= n.
    """
    return 1 - pass_at_k(n, n - c, k)


def estimates(correct: Sequence[int], samples: Sequence[int], k: int) -> NDArray[np.float64]:
    """pass@k of each problem; the number of samples may differ between problems."""
    pairs = zip(samples, correct, strict=True)
    return np.array([pass_at_k(int(n), int(c), k) for n, c in pairs], dtype=np.float64)


def mean_pass_at_k(correct: Sequence[int], samples: Sequence[int], k: int) -> float:
    """pass@k of a benchmark: the mean over its problems. Raises ValueError when there is none."""
    values = estimates(correct, samples, k).tolist()
    if not values:
        raise ValueError("pass@k of no problem is undefined: give at least one")
    return fsum(values) / len(values)
