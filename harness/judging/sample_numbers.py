"""Numbers the samples of a file so that none hides another, as equal numbers in concatenated files would."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_NAMED = 5


@dataclass(frozen=True, slots=True)
class SampleRow:
    """What numbering needs of one row."""

    task_id: str
    sample: int | None
    """The number that the row gives, if any."""
    turn: int
    content: int
    """Hash of its text."""
    where: str
    """Names the row in sentences."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """The number of each sample of a file."""

    numbers: Mapping[str, Sequence[int | None]] = field(default_factory=dict[str, Sequence[int | None]])
    """By problem, in the order in which its samples begin in the file; None leaves a sample out."""
    renumbered: tuple[str, ...] = ()
    """Problems whose samples had numbers that were negative, skipped or used twice."""
    repeated_rows: int = 0
    """Rows of these problems that repeat the number and the text of an earlier row."""
    left_out: tuple[str, ...] = ()
    """Samples that end before the last turn."""

    def has(self, task_id: str) -> bool:
        """Whether the problem has a sample that is not left out."""
        return any(number is not None for number in self.numbers.get(task_id, ()))

    def remarks(self, path: str) -> Iterator[str]:
        """Sentences for the maker of the file."""
        if self.renumbered:
            repeated = f" ({self.repeated_rows} of the rows repeat an earlier one)" if self.repeated_rows else ""
            yield (
                f"{path!r} has sample numbers that are negative, skipped or used twice, as concatenated files have, in "
                f"{_some(self.renumbered)}: the samples of these problems are numbered in the file's order{repeated}."
            )
        if self.left_out:
            yield (
                f"{path!r} holds samples that end before their last turn, as a stopped run leaves them "
                f"({_some(self.left_out)}): they are left out."
            )


class SampleCounter:
    """Finds which sample of its problem each row belongs to, row after row in the file's order."""

    def __init__(self) -> None:
        self._begun: dict[str, int] = {}
        self._latest: dict[tuple[str, int | None], tuple[int, int]] = {}
        """By problem and number of the row: the latest sample with that number, and its next turn."""

    def place(self, row: SampleRow) -> int:
        """0 for rows of the problem's first sample, and so on: turn 0 begins a sample, a later turn continues it.

        Raises ValueError for a turn that continues no sample.
        """
        key = (row.task_id, row.sample)
        if row.turn == 0:
            sample = self._begun.get(row.task_id, 0)
            self._begun[row.task_id] = sample + 1
            self._latest[key] = (sample, 1)
            return sample
        sample, waited = self._latest.get(key, (0, 0))
        if row.turn != waited:
            raise ValueError(
                f"{row.where}: turn {row.turn} of {row.task_id!r} does not continue a sample in the rows before it: "
                f"put the turns of each sample in order, from 0 on, or remove the row."
            )
        self._latest[key] = (sample, waited + 1)
        return sample


def number_samples(rows: Iterable[SampleRow]) -> Numbering:
    """Keeps the numbers of a problem's samples if they are 0, 1, 2 and so on in any order; otherwise gives new ones.

    Leaves out samples without their last turn. Raises ValueError as `SampleCounter` does.
    """
    counter = SampleCounter()
    given: dict[str, list[int | None]] = {}
    turns: dict[str, list[int]] = {}
    seen: set[tuple[str, int, int, int]] = set()
    repeated: Counter[str] = Counter()
    for row in rows:
        place = counter.place(row)
        if row.turn == 0:
            given.setdefault(row.task_id, []).append(row.sample)
            turns.setdefault(row.task_id, []).append(0)
        turns[row.task_id][place] += 1
        if row.sample is not None:
            same = (row.task_id, row.sample, row.turn, row.content)
            repeated[row.task_id] += same in seen
            seen.add(same)
    longest = max((count for counts in turns.values() for count in counts), default=0)
    numbers: dict[str, Sequence[int | None]] = {}
    renumbered: list[str] = []
    left_out: list[str] = []
    for task_id, named in given.items():
        whole = [count == longest for count in turns[task_id]]
        kept = [number for number, is_whole in zip(named, whole, strict=True) if is_whole]
        if {*kept} != {*range(len(kept))}:
            renumbered += [task_id] if any(number is not None for number in kept) else []
            kept = [*range(len(kept))]
        new = iter(kept)
        numbers[task_id] = [next(new) if is_whole else None for is_whole in whole]
        left_out += [
            f"{task_id} sample {number}" for number, is_whole in zip(named, whole, strict=True) if not is_whole
        ]
    return Numbering(numbers, tuple(renumbered), sum(repeated[task_id] for task_id in renumbered), tuple(left_out))


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}{f' and {more} more' if more > 0 else ''}"
