"""The command line: its own options, the commands of this room, and those that other rooms mount."""

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

import typer

from harness.cli.commands.doctor import doctor_command
from harness.cli.commands.evaluate import evaluate_command
from harness.cli.commands.explain import explain_command
from harness.cli.commands.generate import generate_command
from harness.cli.commands.judge import judge_command
from harness.cli.commands.plan import plan_command
from harness.cli.commands.report import report_command
from harness.cli.commands.rows import rows_command
from harness.cli.commands.score import score_command
from harness.cli.commands.serve_check import serve_check_command
from harness.cli.commands.settings import settings_command
from harness.cli.commands.tasks import tasks_command
from harness.cli.commands.toolchains import app as toolchains_app
from harness.cli.errors import stop_on_terminate
from harness.cli.mount import mount_commands

app = typer.Typer(
    help="Scores code models on HumanEval, MBPP and HumanEvalPack in a real sandbox.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
# In the order in which --help lists them: the way of a run first, then what helps with it.
app.command("eval")(evaluate_command)
app.command("generate")(generate_command)
app.command("judge")(judge_command)
app.command("score")(score_command)
app.command("report")(report_command)
app.command("explain")(explain_command)
app.command("rows")(rows_command)
app.command("plan")(plan_command)
app.command("tasks")(tasks_command)
app.command("settings")(settings_command)
app.command("doctor")(doctor_command)
app.command("serve-check")(serve_check_command)
app.add_typer(toolchains_app, name="toolchains")

_PLACES = ("--out", "--keep", "--data", "--config", "--models", "--check")
"""Options that name a file or folder."""


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"wavebench {version('wavebench')}")
        raise typer.Exit


@app.callback()
def main_options(
    verbose: Annotated[
        int,
        typer.Option(
            "-v", "--verbose", count=True, show_default=False, help="Say what is being done; -vv adds tracebacks."
        ),
    ] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say no warnings, only errors.")] = False,
    version: Annotated[  # noqa: ARG001 - its call-back has printed it
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options of every command; they stand before its name."""
    from harness.cli.verbosity import set_verbosity

    set_verbosity(verbose, quiet)


def main(arguments: Sequence[str] | None = None) -> None:
    """The `wavebench` command."""
    stop_on_terminate()
    given = sys.argv[1:] if arguments is None else arguments
    for option, value in pairwise((*given, "-")):
        # An unset variable of a script: as a path it would be the current folder.
        if not value and not option.startswith("-"):
            raise SystemExit(f"The argument behind {option!r} is empty, as of an unset variable: say what it is to be.")
        if option.removesuffix("=") in _PLACES and (option.endswith("=") or not value):
            raise SystemExit(f"{option.removesuffix('=')} is empty: name a file or folder, or leave the option out.")
    mount_commands(app)
    app(args=arguments)
