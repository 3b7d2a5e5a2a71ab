"""Runs inside the sandbox: tries many functions against many problems, and prints which pairs pass every test.

This text is sent as a program; it never runs in our own process. Each function lives in a namespace of its own; each
problem's tests call it under the problem's name. The time limit of a pair is CPU time of this process.
"""

import json
import os
import signal
import sys
import time
from typing import Any


class _SlowError(BaseException):
    pass


def _give_up(_number: int, _frame: Any) -> None:
    raise _SlowError


def _drop_self(inner: Any) -> Any:
    def bound(*given: Any) -> Any:
        return inner(None, *given)

    return bound


def _swap_arguments(inner: Any) -> Any:
    def swapped(one: Any, other: Any) -> Any:
        return inner(other, one)

    return swapped


def try_functions(functions: list[Any], problems: list[Any], preamble: str, pair_seconds: float) -> None:
    """Prints one JSON line for each function begun, each broken, each pair that passes, and one at the end."""
    # What candidates print, at whatever level, must not mix with our lines.
    out, silent = os.fdopen(os.dup(1), "w"), open("/dev/null", "w")  # noqa: SIM115, PTH123
    os.dup2(silent.fileno(), 1)
    os.dup2(silent.fileno(), 2)
    signal.signal(signal.SIGVTALRM, _give_up)
    prepared: list[Any] = []
    for index, entry_point, reference, tests, required, accepted in problems:
        helpers: dict[str, Any] = {}
        exec(compile(reference, "<reference>", "exec"), helpers)
        prepared.append((index, entry_point, helpers, compile(tests, "<tests>", "exec"), required, accepted))
    sys.stdout = sys.stderr = silent
    for number, code, name, required, accepted, drop_self in functions:
        print(json.dumps(["begin", number]), file=out, flush=True)
        own: dict[str, Any] = {"__name__": "candidate"}
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, pair_seconds)
            exec(compile(preamble + code, "<candidate>", "exec"), own)
            found = own[name]
        except BaseException as error:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            print(json.dumps(["broken", number, type(error).__name__]), file=out, flush=True)
            continue
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        function = _drop_self(found) if drop_self else found
        orders = {"as is": function}
        if required <= 2 <= accepted:
            orders["swapped"] = _swap_arguments(function)
        slow_seconds = 0.0
        for index, entry_point, helpers, tests, problem_required, problem_accepted in prepared:
            if required > problem_accepted or accepted < problem_required:
                continue
            for order, version in orders.items():
                if order == "swapped" and problem_required != 2:
                    continue
                space = dict(helpers)
                space[entry_point] = version
                # A function that is slow on everything gets little time once it has used up its share.
                limit = pair_seconds if slow_seconds < 4 * pair_seconds else pair_seconds / 10
                began = time.process_time()
                try:
                    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
                    exec(tests, space)
                    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
                except BaseException:
                    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
                    slow_seconds += time.process_time() - began
                    continue
                print(json.dumps(["passes", number, index, order]), file=out, flush=True)
                break
    print(json.dumps(["end"]), file=out, flush=True)
