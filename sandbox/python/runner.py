"""Runs a Python program inside its sample process and proves that its last line was reached.

The program is executed as a module named `program`, never as `__main__`: every upstream harness does the same, so a
guarded main block stays asleep. Candidate and tests share this interpreter, so the proof stops early exits, not an
adversary; the split mode does that.
"""

import contextlib
import linecache
import marshal
import os
import sys
import traceback
import types

from sandbox.zygote.preload import WARM_UP_ROUNDS
from sandbox.zygote.sample_kind import PYTHON_MAIN

_TRACEBACK_LINES = -20
_CHAIN = 16
"""How many exceptions of a chain are printed, the last of it: more would push the end out of what is captured."""


def run_python(source: str, compiled: bytes, proof_descriptor: int, proof: bytes) -> None:
    """Executes a program; writes `proof` after its last line. Does not return.

    `compiled` is what `sandbox.python.precompile.whole_code` gave for it, or empty.
    """
    module = _new_module()
    code, began = 1, False
    try:
        if compiled:
            candidate, tests = load_whole_code(compiled)
            began = True
            exec(candidate, module.__dict__)
            exec(tests, module.__dict__)
        else:
            program = compile(source, PYTHON_MAIN, "exec", dont_inherit=True)
            began = True
            exec(program, module.__dict__)
        sys.stdout.flush()
        os.write(proof_descriptor, proof)
        code = 0
    except SystemExit as leave:  # as the interpreter itself takes it
        if leave.code is None:
            code = 0
        elif isinstance(leave.code, int):
            code = leave.code & 0xFF
        else:
            print(leave.code, file=sys.stderr)  # noqa: T201
    except BaseException as error:
        _report(error, source, began=began)
    finally:  # whatever the program has done to what the lines above use
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):  # the program may have closed or replaced it
                stream.flush()
        os._exit(code)


def load_whole_code(compiled: bytes) -> tuple[types.CodeType, types.CodeType]:
    """Candidate and tests: what `sandbox.python.precompile.whole_code` wrote one behind the other."""
    end = 4 + int.from_bytes(compiled[:4], "little")
    return marshal.loads(memoryview(compiled)[4:end]), marshal.loads(memoryview(compiled)[end + 4 :])


def warm_up() -> None:
    """Begins programs here, in the process that samples are forked from; see `sandbox.zygote.preload`."""
    for _ in range(WARM_UP_ROUNDS):
        _new_module()
        del sys.path[0]
    del sys.modules["program"]


def _new_module() -> types.ModuleType:
    module = types.ModuleType("program")
    sys.modules["program"] = module
    sys.path.insert(0, os.getcwd())
    return module


def _report(error: BaseException, source: str, *, began: bool) -> None:
    """Prints the traceback as Python would, from the program's own first frame on.

    Where that fails, its name alone, in a form that is not mistaken for the compiler's once the program `began`.
    """
    try:
        linecache.cache[PYTHON_MAIN] = (len(source), None, source.splitlines(keepends=True), PYTHON_MAIN)
        trace = error.__traceback__.tb_next if error.__traceback__ else None
        last = error
        for _ in range(_CHAIN - 1):
            before = last.__cause__ or (None if last.__suppress_context__ else last.__context__)
            if before is None:
                break
            last = before
        else:
            last.__cause__ = last.__context__ = None
        traceback.print_exception(type(error), error, trace, limit=_TRACEBACK_LINES)
    except BaseException:
        head = f'\nTraceback (most recent call last):\n  File "{PYTHON_MAIN}", line 1, in <module>\n' if began else "\n"
        os.write(2, f"{head}{type(error).__name__}\n".encode(errors="replace"))
