"""The table of every task that can be asked here."""

from pathlib import Path

from sandbox.errors import WavebenchError
from tasks.facts import facts
from tasks.registry import names

HEADER = ("task", "version", "rows", "styles", "splits", "licence", "source", "found")


def task_table(data: Path | None = None) -> str:
    """One line per task; the default style and split come first."""
    from tabulate import tabulate

    rows = [_row(name, data) for name in names()]
    return tabulate(
        rows, HEADER, tablefmt="simple", disable_numparse=True, maxcolwidths=[None] * 3 + [26, 18, None, 44, 44]
    )


def _row(name: str, data: Path | None) -> list[str]:
    try:
        known = facts(name, data)
    except WavebenchError as error:
        return [name, *[""] * (len(HEADER) - 2), str(error)]
    found = known.found or "not here: the hub is asked when it is needed"
    described = [", ".join(known.styles), ", ".join(known.splits), known.licence, known.source, found]
    return [known.name, known.version, str(known.rows), *described]
