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
            from sandbox.extras import extra_of, install_command

            extra = extra_of(error.name or "")
            if not extra:
                raise  # a module that no extra brings is a defect, and its error goes on
            said = f"This command needs {error.name}, of the extra {extra!r}: {install_command(extra)}"
            raise _end(said, FAILED, error) from error
        except KeyboardInterrupt as error:
            raise _end("Stopped; run the same command again to continue.", STOPPED, error) from error
        except BrokenPipeError:
            raise  # whoever read our output has left; typer ends quietly then
        except OSError as error:
            from harness.files.json_lines import NO_ROOM

            place = f" at {str(error.filename)!r}" if error.filename else ""
            said = f"The system refused{place}: {error.strerror or error}; fix that and run the same command again."
            if error.errno in NO_ROOM:
                said = f"No room left to write{place}: free some space and run the same command again; nothing is lost."
            raise _end(said, FAILED, error) from error

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
