"""Prints what a check of the machine or of a server found."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

import typer

from harness.cli.options import print_json

if TYPE_CHECKING:
    from sandbox.walls.check_result import CheckResult


def print_findings(results: "Iterable[CheckResult]", as_json: bool) -> NoReturn:
    """Prints each as soon as it is there; ends the command, with an error where something needed failed."""
    found: list[CheckResult] = []
    for result in results:
        found.append(result)
        if not as_json:
            typer.echo(str(result))
    # What nobody needs may be missing.
    healthy = all(result.ok or not result.needed for result in found)
    if as_json:
        print_json({"ok": healthy, "findings": found})
    raise typer.Exit(0 if healthy else 1)
