"""Mounts the sub-commands of other rooms and packages, without importing them before they are asked for."""

import ast
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import typer

from harness.cli.errors import report_errors
from sandbox.extras import entry_points_of

COMMANDS = "wavebench.commands"
"""Entry points of this group are typer apps, or functions that typer can wrap; their name is the command's."""

_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def mount_commands(app: typer.Typer) -> None:
    """Adds one command per entry point; a name that `app` already has keeps its own command."""
    own = {each.name for each in (*app.registered_commands, *app.registered_groups)}
    for point in entry_points_of(COMMANDS):
        if point.name not in own:
            # The mounted app reads its own --help and options, so ours must not.
            app.command(point.name, help=_read_help(point), context_settings=_PASS_ON, add_help_option=False)(
                report_errors(_load_when_called(point))
            )


def _read_help(point: EntryPoint) -> str:
    """A command's help from its source; parsed, not imported, so that `wavebench --help` imports no command."""
    outermost, *inner = point.module.split(".")
    with suppress(OSError, SyntaxError, ValueError):
        spec = find_spec(outermost)  # to look up an inner module would import the outer ones
        if spec is None or spec.origin is None:
            return ""
        file = Path(spec.origin).parent.joinpath(*inner).with_suffix(".py") if inner else Path(spec.origin)
        for node in ast.parse(file.read_bytes()).body:
            match node:
                case ast.FunctionDef(name=point.attr):
                    return (ast.get_docstring(node) or "").partition("\n")[0]
                case ast.Assign(targets=[ast.Name(id=point.attr)], value=ast.Call(keywords=options)):
                    return next((str(ast.literal_eval(each.value)) for each in options if each.arg == "help"), "")
                case _:
                    continue
    return ""


def _load_when_called(point: EntryPoint) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        loaded = point.load()
        if isinstance(loaded, typer.Typer):
            mounted = loaded
        else:
            mounted = typer.Typer(add_completion=False)
            mounted.command()(loaded)
        # typer types its command by a private class; only calling it matters here.
        command = cast(Callable[..., Any], typer.main.get_command(mounted))
        code = command(args=context.args, prog_name=f"wavebench {point.name}", standalone_mode=False)
        if isinstance(code, int) and code:
            raise typer.Exit(code)

    return run
