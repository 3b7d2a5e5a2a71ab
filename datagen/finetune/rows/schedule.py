"""Which rows make up which step, bin and process: all of a training laid out before it begins.

A step holds `batch_rows` rows, packed or not, so that packing changes the speed and not the rows, and the number of
processes not the step. Since all is laid out, a resumed training meets the very same batches.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Bin = tuple[int, ...]
"""Rows, by their number, that share one sequence."""
MicroBatch = tuple[Bin, ...]
"""What one process computes at once; empty where a step has fewer bins than places."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """All micro-batches in order: those of one step lie together, the processes taking turns."""

    micro_batches: tuple[MicroBatch, ...]
    steps: int
    accumulation: int
    """Micro-batches of one process in one step."""

    @property
    def per_step(self) -> int:
        return len(self.micro_batches) // self.steps


def lay_out(
    lengths: Sequence[int],
    *,
    batch_rows: int,
    epochs: int,
    sequence: int,
    micro_batch: int,
    processes: int,
    packing: bool,
    seed: int,
    max_steps: int | None = None,
) -> Schedule:
    """The schedule of rows with these numbers of tokens, each at most `sequence`; every epoch in a new order."""
    steps: list[list[int]] = []
    for epoch in range(epochs):
        order = list(range(len(lengths)))
        random.Random(f"{seed}/{epoch}").shuffle(order)
        # A step never mixes epochs, so the last one of each may be short.
        steps += [order[begin : begin + batch_rows] for begin in range(0, len(order), batch_rows)]
    binned = [pack(step, lengths, sequence) if packing else [(row,) for row in step] for step in steps[:max_steps]]
    most = max(len(bins) for bins in binned)
    accumulation = -(-most // (micro_batch * processes))
    places = accumulation * processes
    spread: list[MicroBatch] = []
    for bins in binned:
        # As evenly as can be: the places' numbers of bins differ by one at most.
        small, larger = divmod(len(bins), places)
        ends = [place * small + min(place, larger) for place in range(places + 1)]
        spread += [tuple(bins[begin:end]) for begin, end in pairwise(ends)]
    return Schedule(tuple(spread), len(binned), accumulation)


def pack(rows: Sequence[int], lengths: Sequence[int], sequence: int) -> list[Bin]:
    """First-fit decreasing: each row, longest first, into the first bin with room."""
    bins: list[list[int]] = []
    rooms: list[int] = []
    for row in sorted(rows, key=lambda row: (-lengths[row], row)):
        place = next((i for i, room in enumerate(rooms) if room >= lengths[row]), None)
        if place is None:
            bins.append([])
            rooms.append(sequence)
            place = len(bins) - 1
        bins[place].append(row)
        rooms[place] -= lengths[row]
    return [tuple(each) for each in bins]
