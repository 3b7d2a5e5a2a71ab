"""How far a step is, on standard error; silent where nobody watches."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager


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
    """Yields what to call after each finished sample."""
    if not sys.stderr.isatty():
        yield lambda: None
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
        bar = progress.add_task(label, total=total)
        yield lambda: progress.advance(bar)
