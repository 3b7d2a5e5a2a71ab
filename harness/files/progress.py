"""How far a step is, on standard error: bars for a terminal, a line every minute for a log."""

import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

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


@contextmanager
def progress_bar(label: str, total: int) -> Generator[Callable[[], None]]:
    """Yields what to call after each finished item of one step."""
    with _show({label: total}) as advance:
        yield lambda: advance(label, 1)


@contextmanager
def show_progress() -> Generator[Advance]:
    """Yields what to call after finished items of steps that come one after another, in numbers not known before."""
    with _show({}) as advance:
        yield advance


@contextmanager
def _show(totals: Mapping[str, int]) -> Generator[Advance]:
    if not sys.stderr.isatty():
        yield _Lines(totals).advance
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    name, count = TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}")
    bar = (name, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    columns = bar if totals else (name, count, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=4) as progress:
        tasks: dict[str, TaskID] = {label: progress.add_task(label, total=total) for label, total in totals.items()}

        def advance(label: str, items: int) -> None:
            if label not in tasks:
                tasks[label] = progress.add_task(str(label), total=None)
            progress.advance(tasks[label], items)

        yield advance


class _Lines:
    """A line where a step without a known total begins, and one a minute while a step lasts."""

    def __init__(self, totals: Mapping[str, int]) -> None:
        self._totals = totals
        self._done = dict.fromkeys(totals, 0)
        self._began = self._printed = time.monotonic()

    def advance(self, label: str, items: int) -> None:
        begins = label not in self._done
        done = self._done[label] = self._done.get(label, 0) + items
        now = time.monotonic()
        if not begins and now - self._printed < SECONDS_PER_LINE:
            return
        self._printed = now
        total = self._totals.get(label)
        count = "" if begins else f": {done:,}" if total is None else f": {done:,} of {total:,}"
        print(f"{now - self._began:7.1f} s  {label}{count}", file=sys.stderr, flush=True)  # noqa: T201
