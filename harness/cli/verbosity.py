"""How much is said on standard error: the logger `wavebench` of the standard library, set by -v and -q."""

import logging
import sys
from typing import TextIO

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
"""By how often -v was given."""


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is now: a progress bar puts itself in its place while it is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def set_verbosity(verbose: int, quiet: bool) -> None:
    """Shows warnings; with `quiet` errors alone, with `verbose` also what is being done, twice for tracebacks."""
    logger = logging.getLogger("wavebench")
    logger.setLevel(logging.ERROR if quiet else LEVELS[min(verbose, len(LEVELS) - 1)])
    # Libraries configure the root logger as they like; our sentences stay as they are and are said once.
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(_StandardError())
