"""KCenterGreedy against the textbook loop: the same picks, and how much faster, in the same run.

python tests/performance/kcenter_greedy.py              20,000 x 384 -> 2,000 with five seeds: picks compared
python tests/performance/kcenter_greedy.py --large      100,000 x 384 -> 10,000: time and peak memory
"""

import argparse
import resource
import time

import numpy as np

from datagen.coreset.kcenter import kcenter_greedy
from datagen.coreset.selection import Vectors
from datagen.coreset.textbook import textbook_kcenter


def embeddings_like(seed: int, points: int, dimensions: int = 384) -> Vectors:
    """Unit vectors in clusters of unequal density, as sentence embeddings are."""
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((200, dimensions), dtype=np.float32)
    vectors = generator.standard_normal((points, dimensions), dtype=np.float32)
    vectors *= generator.gamma(1.0, 0.4, (points, 1)).astype(np.float32)
    vectors += centres[generator.integers(0, len(centres), points)]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def product_loop(vectors: Vectors, size: int, first: int, at_most_seconds: float) -> tuple[list[int], float]:
    """The textbook loop at its fastest in numpy: float32, one matrix-vector product a pick."""
    norms = np.einsum("ij,ij->i", vectors, vectors)
    nearest = np.full(len(vectors), np.inf, np.float32)
    picks, pick, begin = [], first, time.perf_counter()
    while len(picks) < size and time.perf_counter() - begin < at_most_seconds:
        picks.append(pick)
        np.minimum(nearest, norms + norms[pick] - 2 * (vectors @ vectors[pick]), out=nearest)
        pick = int(nearest.argmax())
    return picks, time.perf_counter() - begin


def compare_picks() -> None:
    for seed in range(5):
        vectors = embeddings_like(seed, 20_000)
        begin = time.perf_counter()
        fast = kcenter_greedy(vectors, 2_000, seed)
        middle = time.perf_counter()
        book = textbook_kcenter(vectors, 2_000, seed)
        end = time.perf_counter()
        same = fast.picks.tolist() == book.picks.tolist() and fast.radius == book.radius
        rough, seconds = product_loop(vectors, 2_000, seed, 600)
        agree = sum(a == b for a, b in zip(rough, fast.picks.tolist(), strict=True))
        print(
            f"seed {seed}: identical picks and radius: {same}; fast {middle - begin:.2f} s, "
            f"textbook float64 {end - middle:.1f} s, float32 products {seconds:.1f} s ({agree} of 2000 picks agree)",
            flush=True,
        )


def time_large(textbook_seconds: float) -> None:
    vectors = embeddings_like(0, 100_000)
    begin = time.perf_counter()
    fast = kcenter_greedy(vectors, 10_000, 0)
    seconds = time.perf_counter() - begin
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    picks, loop_seconds = product_loop(vectors, 10_000, 0, textbook_seconds)
    whole = loop_seconds / len(picks) * 10_000
    print(f"fast: {seconds:.1f} s, radius {fast.radius:.4f}, peak memory of the process {peak_mb:.0f} MB")
    print(f"numpy's float32 loop: {len(picks)} picks in {loop_seconds:.1f} s, so {whole:.0f} s for 10,000")
    print(f"ratio {whole / seconds:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--textbook-seconds", type=float, default=600.0, help="stop the slow loop after so long")
    arguments = parser.parse_args()
    time_large(arguments.textbook_seconds) if arguments.large else compare_picks()
