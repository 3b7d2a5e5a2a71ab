"""Every task that can be asked here, as a table and as plain values."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.errors import WavebenchError
from tasks.facts import facts
from tasks.registry import names

HEADER = ("task", "version", "rows", "styles", "splits", "licence", "source", "found")


def describe_tasks(data: Path | None = None) -> Iterator[dict[str, Any]]:
    """The facts of every task; of one that cannot be read only its name and the error."""
    for name in names():
        try:
            yield asdict(facts(name, data))
        except WavebenchError as error:
            yield {"name": name, "error": str(error)}


def task_table(data: Path | None = None) -> str:
    """One line per task; the default style and split come first."""
    from tabulate import tabulate

    rows = [_row(known) for known in describe_tasks(data)]
    return tabulate(
        rows, HEADER, tablefmt="simple", disable_numparse=True, maxcolwidths=[None] * 3 + [26, 18, None, 44, 44]
    )


def _row(known: dict[str, Any]) -> list[str]:
    if "error" in known:
        return [known["name"], *[""] * (len(HEADER) - 2), known["error"]]
    found = known["found"] or "not here: it is downloaded from the hub when needed"
    described = [", ".join(known["styles"]), ", ".join(known["splits"]), known["licence"], known["source"], found]
    return [known["name"], known["version"], str(known["rows"]), *described]
