"""How far each stage is, on standard error: counters for who watches, one line a stage for a log."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def show_progress() -> Generator[Callable[[str, int], None]]:
    """Yields what to call with a stage's name and how many more of its items are done."""
    if sys.stderr.isatty():
        with _counters() as advance:
            yield advance
    else:
        yield _Lines().advance


@contextmanager
def _counters() -> Generator[Callable[[str, int], None]]:
    from rich.console import Console
    from rich.progress import Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=4) as progress:
        bars: dict[str, TaskID] = {}

        def advance(stage: str, items: int) -> None:
            if stage not in bars:
                bars[stage] = progress.add_task(str(stage), total=None)
            progress.advance(bars[stage], items)

        yield advance


class _Lines:
    """A line when a stage begins, so that a log shows what took how long."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._seen: set[str] = set()

    def advance(self, stage: str, items: int) -> None:  # noqa: ARG002 (the progress bars' shape)
        if stage not in self._seen:
            self._seen.add(stage)
            print(f"{time.monotonic() - self._began:7.1f} s  {stage}", file=sys.stderr, flush=True)  # noqa: T201
