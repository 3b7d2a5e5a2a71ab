"""Ends every command with one sentence instead of a traceback, and with the right exit code."""

import functools
import signal
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from sandbox.errors import WavebenchError

P = ParamSpec("P")
T = TypeVar("T")

FAILED = 1
STOPPED = 130
"""What a shell expects of a program that Ctrl-C ended."""


def report_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Wraps a command: what the user can fix is one sentence on standard error; a defect keeps its traceback.

    `wavebench -vv` shows the traceback of the former too.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except WavebenchError as error:
            raise _end(str(error), FAILED, error) from error
        except ModuleNotFoundError as error:
            raise _end(_name_extra(error), FAILED, error) from error
        except KeyboardInterrupt as error:
            raise _end("Stopped; run the same command again to continue.", STOPPED, error) from error
        except BrokenPipeError:
            raise  # whoever read our output has left; typer ends quietly then
        except OSError as error:
            raise _end(_describe_system_error(error), FAILED, error) from error

    return run


def stop_on_terminate() -> None:
    """Makes SIGTERM, as schedulers send it, end a command like Ctrl-C does: everything closed, nothing lost."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _end(sentence: str, code: int, error: BaseException) -> typer.Exit:
    import logging

    # At the level of -vv: a sentence is enough for whoever can fix it.
    logging.getLogger("wavebench").debug("%s", type(error).__name__, exc_info=error)
    typer.echo(sentence, err=True)
    return typer.Exit(code)


def _name_extra(error: ModuleNotFoundError) -> str:
    """What to install; a module that no extra brings is a defect, and its error goes on."""
    from sandbox.extras import extra_of, install_command

    extra = extra_of(error.name or "")
    if not extra:
        raise error
    return f"This command needs {error.name}, of the extra {extra!r}: {install_command(extra)}"


def _describe_system_error(error: OSError) -> str:
    from harness.files.json_lines import NO_ROOM

    place = f" at {str(error.filename)!r}" if error.filename else ""
    if error.errno in NO_ROOM:
        return f"No room left to write{place}: free some space and run the same command again; nothing is lost."
    return f"The system refused{place}: {error.strerror or error}; fix that and run the same command again."
