"""Prints what a check of the machine or of a server found."""

from collections.abc import Iterable
from typing import NoReturn, Protocol

import typer

from harness.cli.options import print_json


class CheckedThing(Protocol):
    """One thing tried; `str` of it is its line for people."""

    @property
    def ok(self) -> bool: ...

    @property
    def needed(self) -> bool:
        """Whether nothing works without it."""
        ...


def print_findings(findings: Iterable[CheckedThing], as_json: bool) -> NoReturn:
    """Prints each as soon as it is made; ends the command, with an error where something needed failed."""
    found: list[CheckedThing] = []
    for finding in findings:
        found.append(finding)
        if not as_json:
            typer.echo(str(finding))
    healthy = all(finding.ok or not finding.needed for finding in found)
    if as_json:
        print_json({"ok": healthy, "findings": found})
    raise typer.Exit(0 if healthy else 1)
