"""Removes duplicate functions: equal ones by content, near-equal ones by MinHash and their exact similarity."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from datagen.rows.raw_function import RawFunction
from harness.runs.settings import ConfigError

_ROWS_A_BAND = ((0.7, 4), (0.55, 3), (0.35, 2), (0.0, 1))
"""Permutations in a band of the index, from a threshold on."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number without pattern: 2 to the 64 over the golden ratio."""
_MOST_EXAMPLES = 20
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class DuplicatesConfig:
    """When a function counts as a duplicate."""

    near: bool = True
    """Drop near-duplicates too, not only equal functions."""
    threshold: float = 0.8
    """Jaccard similarity of token n-grams from which two functions are near-duplicates."""
    tokens: int = 5
    """Length of the n-grams."""
    permutations: int = 128
    """Permutations of MinHash; more are more exact and slower."""

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ConfigError(f"duplicates: threshold = {self.threshold!r} is out of range: above 0, at most 1.")


@dataclass(slots=True)
class Drops:
    """What was dropped, by kind."""

    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter[str])
    examples: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """The first few near-duplicates: dropped id, id of the one that stays."""


def drop_duplicates(functions: Iterable[RawFunction], config: DuplicatesConfig, drops: Drops) -> Iterator[RawFunction]:
    """Each function that resembles none before it, in order; the first of a group stays."""
    rows = list(functions)
    yield from (rows[place] for place in kept_places(rows, [sketch(rows, config)], config, drops))


@dataclass(frozen=True, slots=True)
class Sketches:
    """What is compared first of some functions that lie together."""

    ids: NDArray[np.uint64]
    """(functions,) identity by content."""
    bands: NDArray[np.uint64]
    """(functions, bands) two functions that share one are compared exactly."""


def sketch(functions: Sequence[RawFunction], config: DuplicatesConfig) -> Sketches:
    """Identities and bands of MinHash; needs no other function, so that blocks of them can go to several processes."""
    ids = np.array([int(function.function_id, 16) for function in functions], np.uint64)
    if not config.near:
        return Sketches(ids, np.empty((len(functions), 0), np.uint64))
    # Short bands propose much and miss next to nothing: of true neighbours at the threshold less than one in a
    # thousand, at 0.8 one in 20 million. What they propose too much costs one exact comparison each.
    rows = next(rows for least, rows in _ROWS_A_BAND if config.threshold >= least)
    rows = min(rows, config.permutations)
    draw = np.random.default_rng(1)
    factors = draw.integers(0, 1 << 63, config.permutations, np.uint64) * np.uint64(2) + np.uint64(1)
    shifts = draw.integers(0, 1 << 63, config.permutations, np.uint64)
    bands = np.empty((len(functions), config.permutations // rows), np.uint64)
    for row, function in enumerate(functions):
        hashes = hash_grams(token_grams(function.code, config.tokens))
        # Multiply-shift (Dietzfelbinger et al. 1997): the high half of a product that overflows.
        lowest = ((hashes[:, None] * factors + shifts) >> np.uint64(32)).min(axis=0)
        joined = np.zeros(bands.shape[1], np.uint64)
        for step in range(rows):
            joined = joined * _MIX + lowest[step : step + rows * bands.shape[1] : rows]
        bands[row] = joined
    return Sketches(ids, bands)


def kept_places(
    functions: Sequence[RawFunction], sketches: Iterable[Sketches], config: DuplicatesConfig, drops: Drops
) -> Iterator[int]:
    """Places of the functions that stay, in order. `sketches` are those of all functions, in blocks."""
    blocks = list(sketches)
    ids = np.concatenate([block.ids for block in blocks]) if blocks else np.empty(0, np.uint64)
    _, first = np.unique(ids, return_index=True)
    is_first = np.zeros(len(ids), bool)
    is_first[first] = True
    groups = _shared_groups([block.bands for block in blocks], is_first)
    # Bands that nobody shares need no search; of the others, who was kept with them.
    members: dict[int, list[int]] = {}
    grams: dict[int, NDArray[np.uint64]] = {}
    for place in range(len(ids)):
        if not is_first[place]:
            drops.dropped["exact duplicate"] += 1
            continue
        shared = groups[place][groups[place] >= 0].tolist()
        if shared:
            hashes = hash_grams(token_grams(functions[place].code, config.tokens))
            proposed = sorted({other for group in shared for other in members.get(group, ())})
            like = next((one for one in proposed if hashed_jaccard(hashes, grams[one]) >= config.threshold), None)
            if like is not None:
                drops.dropped["near duplicate"] += 1
                if len(drops.examples) < _MOST_EXAMPLES:
                    drops.examples.append((functions[place].function_id, functions[like].function_id))
                continue
            grams[place] = hashes
            for group in shared:
                members.setdefault(group, []).append(place)
        drops.kept += 1
        yield place


def _shared_groups(blocks: Sequence[NDArray[np.uint64]], is_first: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(functions, bands): a number for each value of a band that several functions share, else -1."""
    groups = np.full((len(is_first), blocks[0].shape[1] if blocks else 0), -1, np.int32)
    begun = 0
    for band in range(groups.shape[1]):
        values = np.concatenate([block[:, band] for block in blocks])[is_first]
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        groups[is_first, band] = np.where(counts[inverse] > 1, inverse + begun, -1)
        begun += len(counts)
    return groups


def token_grams(code: str, length: int) -> frozenset[str]:
    """Every run of `length` tokens; all tokens as one run where there are fewer."""
    tokens = _TOKEN.findall(code)
    last = max(len(tokens) - length, 0)
    return frozenset(" ".join(tokens[begin : begin + length]) for begin in range(last + 1))


def hash_grams(grams: frozenset[str]) -> NDArray[np.uint64]:
    """The n-grams as sorted numbers of 64 bits: 8 bytes each in place of some 100."""
    digests = b"".join(hashlib.blake2b(gram.encode(), digest_size=8).digest() for gram in grams)
    return np.unique(np.frombuffer(digests, np.uint64))


def hashed_jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """Shared over all, of two such arrays."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared over all."""
    return len(one & other) / len(one | other)
