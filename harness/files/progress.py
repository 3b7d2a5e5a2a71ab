"""How far a step is, on standard error: bars for a terminal, a line every minute for a log."""

import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_PER_LINE = 60.0
"""Least time between two lines about one step where standard error is no terminal."""

Advance = Callable[[str, int], None]
"""Called with a step's name and how many more of its items are done."""


def warn(sentence: str) -> None:
    """Logs what is odd but ends nothing, to the logger `wavebench`; it stands on standard error unless -q was given."""
    import logging  # here, for `wavebench --help` needs none of it

    logging.getLogger("wavebench").warning("%s", sentence)


def inform(sentence: str) -> None:
    """Logs what is being done; `wavebench -v` shows it."""
    import logging

    logging.getLogger("wavebench").info("%s", sentence)


@runtime_checkable
class StepProgress(Protocol):
    """What shows how far steps are that come one after another: call it as an `Advance`."""

    def __call__(self, label: str, items: int) -> None: ...

    def expect(self, label: str, total: int) -> None:
        """Says how many items a step has, once that is known: from then on the time left is shown."""
        ...


@contextmanager
def progress_bar(label: str, total: int) -> Generator[Callable[[], None]]:
    """Yields what to call after each finished item of one step."""
    with _show({label: total}) as advance:
        yield lambda: advance(label, 1)


@contextmanager
def show_progress() -> Generator[StepProgress]:
    """Yields what to call after finished items of steps that come one after another, in numbers not known before."""
    with _show({}) as advance:
        yield advance


@contextmanager
def _show(totals: Mapping[str, int]) -> Generator[StepProgress]:
    if not sys.stderr.isatty():
        yield _Lines(totals)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=4) as progress:
        yield _Bars(progress, totals)


class _Bars:
    """A bar for each step; one whose total is not known moves to and fro."""

    def __init__(self, progress: "Progress", totals: Mapping[str, int]) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        for label, total in totals.items():
            self.expect(label, total)

    def expect(self, label: str, total: int) -> None:
        if label in self._tasks:
            self._progress.update(self._tasks[label], total=total)
        else:
            self._tasks[label] = self._progress.add_task(str(label), total=total)

    def __call__(self, label: str, items: int) -> None:
        if label not in self._tasks:
            self._tasks[label] = self._progress.add_task(str(label), total=None)
        self._progress.advance(self._tasks[label], items)


class _Lines:
    """A line where a step begins whose total comes later, one a minute while a step lasts, and one at its known end."""

    def __init__(self, totals: Mapping[str, int]) -> None:
        self._totals = dict(totals)
        self._done = dict.fromkeys(totals, 0)
        self._began = self._printed = time.monotonic()
        self._step_began: dict[str, float] = dict.fromkeys(totals, self._began)

    def expect(self, label: str, total: int) -> None:
        self._totals[label] = total
        self._step_began[label] = time.monotonic()
        if label not in self._done:
            self._done[label] = 0
            self._print(f"{label}: 0 of {total:,}")

    def __call__(self, label: str, items: int) -> None:
        begins = label not in self._done
        done = self._done[label] = self._done.get(label, 0) + items
        total = self._totals.get(label)
        if begins:
            self._step_began[label] = time.monotonic()
            self._print(label)
            return
        now = time.monotonic()
        is_long = now - self._step_began[label] >= SECONDS_PER_LINE
        ends = is_long and done == total
        if now - self._printed < SECONDS_PER_LINE and not ends:
            return
        if total is None:
            self._print(f"{label}: {done:,}")
        else:
            left = (now - self._step_began[label]) / max(done, 1) * max(total - done, 0)
            self._print(f"{label}: {done:,} of {total:,}, about {left:,.0f} s left")

    def _print(self, text: str) -> None:
        self._printed = time.monotonic()
        print(f"{self._printed - self._began:7.1f} s  {text}", file=sys.stderr, flush=True)  # noqa: T201
