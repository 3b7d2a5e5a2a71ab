"""Removes duplicate functions: equal ones by content, near-equal ones by MinHash and their exact similarity."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.rows.raw_function import RawFunction
from harness.runs.settings import ConfigError

_ROWS_A_BAND = ((0.7, 4), (0.55, 3), (0.35, 2), (0.0, 1))
"""Permutations in a band of the index, from a threshold on."""
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
    seen: set[str] = set()
    index = _Index(config)
    for function in functions:
        if function.function_id in seen:
            drops.dropped["exact duplicate"] += 1
            continue
        seen.add(function.function_id)
        near_duplicate = index.near_duplicate(function) if config.near else None
        if near_duplicate is not None:
            drops.dropped["near duplicate"] += 1
            if len(drops.examples) < 20:
                drops.examples.append((function.function_id, near_duplicate))
            continue
        drops.kept += 1
        yield function


class _Index:
    """The functions kept so far, searched by similarity. MinHash proposes, the n-grams themselves decide."""

    def __init__(self, config: DuplicatesConfig) -> None:
        lsh: Any = import_module("datasketch").MinHashLSH
        self._config = config
        # Short bands propose much and miss next to nothing: of true neighbours at the threshold less than one in a
        # thousand, at 0.8 one in 20 million. What they propose too much costs one exact comparison each.
        rows = next(rows for least, rows in _ROWS_A_BAND if config.threshold >= least)
        rows = min(rows, config.permutations)
        self._index: Any = lsh(num_perm=config.permutations, params=(config.permutations // rows, rows))
        self._grams: dict[str, NDArray[np.uint64]] = {}

    def near_duplicate(self, function: RawFunction) -> str | None:
        """Id of an indexed function that this one resembles; where there is none, this one is added to the index."""
        grams = token_grams(function.code, self._config.tokens)
        sketch: Any = import_module("datasketch").MinHash(num_perm=self._config.permutations, seed=1)
        sketch.update_batch([gram.encode() for gram in sorted(grams)])
        hashes = hash_grams(grams)
        proposed: list[str] = sorted(self._index.query(sketch))
        near_duplicate = next(
            (other for other in proposed if hashed_jaccard(hashes, self._grams[other]) >= self._config.threshold), None
        )
        if near_duplicate is None:
            self._index.insert(function.function_id, sketch, check_duplication=False)
            self._grams[function.function_id] = hashes
        return near_duplicate


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
