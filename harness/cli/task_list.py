"""Every task that can be asked here, as a table and as plain values."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from os.path import commonprefix
from pathlib import Path
from typing import Any

from sandbox.errors import WavebenchError
from tasks.facts import facts
from tasks.registry import benchmark, groups, names

HEADER = ("task", "version", "rows", "styles", "splits", "licence", "source", "found")
FAMILY_HEADER = ("tasks", "rows", "style", "data", "licence")
_LONGEST_LICENCE = 12


def describe_tasks(data: Path | None = None, wanted: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The facts of the wanted tasks, by default of all; of one that cannot be read only its name and the error."""
    for name in wanted or names():
        try:
            yield asdict(facts(name, data))
        except WavebenchError as error:
            yield {"name": name, "error": str(error)}


def family_table(data: Path | None = None) -> str:
    """One line per family of tasks, which differ in language or oracle alone: fits a screen of 80 by 24."""
    from tabulate import tabulate

    families: dict[str, list[dict[str, Any]]] = {}
    for known in describe_tasks(data):
        name = known["name"]
        try:
            row = benchmark(name)
            families.setdefault(row.listed_under or row.group or name, []).append(known)
        except WavebenchError:
            families.setdefault(name, []).append(known)
    rows: list[list[str]] = []
    for name, members in families.items():
        first = next((known for known in members if "error" not in known), None)
        # a group is a name that commands take, and says what its tasks differ in
        group = name in groups()
        tasks = name if group else _together([known["name"] for known in members])
        if first is None:
            rows.append([tasks, "", "", "cannot be read", ""])
            continue
        places = {known.get("found", "").partition(":")[0] or "absent" for known in members}
        licence = first["licence"].partition(";")[0][:_LONGEST_LICENCE]
        count = f"{len(members)} x {first['rows']}" if group else str(first["rows"])
        rows.append([tasks, count, first["styles"][0], ", ".join(sorted(places)), licence])
    table = tabulate(rows, FAMILY_HEADER, tablefmt="simple", disable_numparse=True)
    return f"{table}\n`wavebench tasks NAME` says all about a task or a family; `--json` about all."


def task_table(data: Path | None = None, wanted: Sequence[str] = ()) -> str:
    """One line per task, by default for all of them; the default style and split come first."""
    from tabulate import tabulate

    rows: list[list[str]] = []
    for known in describe_tasks(data, wanted):
        if "error" in known:
            rows.append([known["name"], *[""] * (len(HEADER) - 2), known["error"]])
            continue
        found = known["found"] or "not here: it is downloaded when needed"
        described = [", ".join(known["styles"]), ", ".join(known["splits"]), known["licence"], known["source"], found]
        rows.append([known["name"], known["version"], str(known["rows"]), *described])
    return tabulate(
        rows, HEADER, tablefmt="simple", disable_numparse=True, maxcolwidths=[None] * 3 + [26, 18, None, 44, 44]
    )


def _together(tasks: Sequence[str]) -> str:
    """Names in one word: mbpp-plus[@head|@0.3.1] for mbpp-plus and its variants, otherwise as a shell reads it."""
    shared = commonprefix(tasks)  # noqa: RUF071 (names, no paths)
    if shared in tasks:
        variants = "|".join(task.removeprefix(shared) for task in tasks if task != shared)
        return f"{shared}[{variants}]" if variants else shared
    shared = shared[: shared.rfind("-") + 1]
    return f"{shared}{{{','.join(task.removeprefix(shared) for task in tasks)}}}"
