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

    rows: list[list[str]] = []
    for known in describe_tasks(data):
        if "error" in known:
            rows.append([known["name"], *[""] * (len(HEADER) - 2), known["error"]])
            continue
        found = known["found"] or "not here: it is downloaded from the hub when needed"
        described = [", ".join(known["styles"]), ", ".join(known["splits"]), known["licence"], known["source"], found]
        rows.append([known["name"], known["version"], str(known["rows"]), *described])
    return tabulate(
        rows, HEADER, tablefmt="simple", disable_numparse=True, maxcolwidths=[None] * 3 + [26, 18, None, 44, 44]
    )
