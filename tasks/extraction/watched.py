"""Reads long texts in a process of its own, so that what they do to a parser does not happen to the judge.

tree-sitter cannot be bounded by itself: within one of its steps, which nothing interrupts, 8 KiB of `a=>` in Java take
gigabytes and seconds, and 32 KiB of `{a:` in JavaScript overflow the stack. Up to UNWATCHED characters all of that
stays small; longer texts, which are rare, go to one process that waits for the next and is replaced when it dies.
"""

import atexit
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple, cast

from tasks.errors import TaskError
from tasks.extraction.budget import CPU_SECONDS, OverBudgetError, within_budget
from tasks.extraction.outline import forget_outlines
from tasks.extraction.source import forget_sources
from tasks.task import Extraction

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

UNWATCHED = 2048
"""Characters of a model's that are read in this process: nine in ten answers have fewer."""
_LAST_CPU_SECONDS = CPU_SECONDS + 0.1
"""After which the kernel ends the process, where the text keeps it from looking at its budget."""
_MEMORY_BYTES = 1 << 30
_WALL_SECONDS = 120.0
"""Backstop against a process that is stopped; no text can have it wait."""
_OF_THE_TEXT = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
_START = "import sys; sys.path[:] = sys.argv[2:]; from tasks.extraction.watched import serve; serve(int(sys.argv[1]))"


class NotReadError(TaskError):
    """A text could not be read, by no fault of its own: the process that reads was killed, twice."""


def bounded(name: str, length: int, work: Callable[[*Ts], T], *args: *Ts) -> T:
    """`work(*args)`, where `length` characters of the arguments are a model's. `name` is the work's.

    `work` is a module's own function; its arguments and result can be pickled. Raises OverBudgetError, NotReadError.
    """
    if length <= UNWATCHED:
        try:
            return within_budget(name, work, *args)
        except OverBudgetError:
            # A pass of the garbage collector over this large process is charged to the work that it happens to meet.
            return within_budget(name, work, *args)
    return _reader.call(name, work, args)


def bounded_extraction(length: int, extract: Callable[[*Ts], Extraction], *args: *Ts) -> Extraction:
    """As `bounded`; an extraction that is over its budget finds no code, with the reason."""
    try:
        return bounded("finding the code", length, extract, *args)
    except OverBudgetError as error:
        return Extraction("", "over budget", str(error))


def serve(descriptor: int) -> None:
    """The process's own loop: does what arrives on the socket until that closes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    connection = Connection(descriptor)
    with suppress(EOFError, ConnectionError):
        while True:
            connection.send(_answer(*connection.recv()))


def _answer(name: str, work: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    signal.setitimer(signal.ITIMER_PROF, _LAST_CPU_SECONDS)
    try:
        return within_budget(name, work, *args), None
    except Exception as error:
        return None, error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        forget_outlines()
        forget_sources()


class _ExtractionReader:
    """The process that reads, started when first needed. One text at a time, whoever asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def call(self, name: str, work: Callable[..., T], args: tuple[Any, ...]) -> T:
        with self._lock:
            for _ in range(2):
                reply = self._ask(name, work, args)
                if reply is not None:
                    result, error = reply
                    if error is not None:
                        raise error
                    return result
                self._raise_where_the_text_killed_it(name)
        raise NotReadError(f"{name} failed: its process was killed from outside, twice")

    def close(self) -> None:
        """Ends the process."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._connection = self._process = None

    def forget(self) -> None:
        """In a forked copy of this process: the reader is the parent's."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for
        self.__init__()

    def _ask(self, name: str, work: Callable[..., T], args: tuple[Any, ...]) -> tuple[T, Exception | None] | None:
        """The reply; None once the process has ended."""
        connection = self._connection or self._start()
        try:
            connection.send((name, work, args))
            if connection.poll(_WALL_SECONDS):
                return cast("tuple[T, Exception | None]", connection.recv())
        except (EOFError, ConnectionError):
            return None
        except BaseException:  # such as Ctrl-C: the reply, when it comes, is nobody's
            self.close()
            raise
        assert self._process
        self._process.kill()
        return None

    def _start(self) -> Connection:
        # Its own packages first: without `site`, no hook of an editable install runs.
        root = str(Path(__file__).parents[2])
        import_path = [root, *(entry for entry in sys.path if entry not in ("", root))]
        ours, its = socket.socketpair()
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-P", "-c", _START, str(its.fileno()), *import_path],
                pass_fds=[its.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the judge alone
            )
        self._connection = Connection(ours.detach())
        return self._connection

    def _raise_where_the_text_killed_it(self, name: str) -> None:
        assert self._process
        number = -self._process.wait()
        self.close()
        if number == signal.SIGPROF:
            raise OverBudgetError(f"{name} took more than {CPU_SECONDS} s of processor time")
        if number in _OF_THE_TEXT:
            raise OverBudgetError(f"{name} crashed the parser or took more than {_MEMORY_BYTES >> 20} MiB")


_reader = _ExtractionReader()
close_reader = _reader.close
"""Ends the process that reads long texts; the next one starts another."""
atexit.register(close_reader)
os.register_at_fork(after_in_child=_reader.forget)
