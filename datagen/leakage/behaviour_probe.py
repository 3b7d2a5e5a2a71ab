"""Runs inside the sandbox: tries many functions against many problems, and prints which pairs pass every test.

This text is sent as a program; it never runs in our own process. Each function lives in a namespace of its own; each
problem's tests call it under the problem's name. The time limit of a pair is CPU time of this process.
"""

import json
import os
import sys
import time
from typing import Any

from datagen.execution.patience import OutOfTimeError, allow

_MOST_WAITS = 3
"""A function that waits so often is tried no further."""


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
            allow(pair_seconds)
            exec(compile(preamble + code, "<candidate>", "exec"), own)
            found = own[name]
        except BaseException as error:
            allow(0)
            print(json.dumps(["broken", number, type(error).__name__]), file=out, flush=True)
            continue
        allow(0)
        function = _drop_self(found) if drop_self else found
        orders = {"as is": function}
        if required <= 2 <= accepted:
            orders["swapped"] = _swap_arguments(function)
        slow_seconds, waits = 0.0, 0
        for index, entry_point, helpers, tests, problem_required, problem_accepted in prepared:
            if required > problem_accepted or accepted < problem_required:
                continue
            for order, version in orders.items():
                if waits >= _MOST_WAITS or (order == "swapped" and problem_required != 2):
                    continue
                space = dict(helpers)
                space[entry_point] = version
                # A function that is slow on everything gets little time once it has used up its share.
                limit = pair_seconds if slow_seconds < 4 * pair_seconds else pair_seconds / 10
                began = time.process_time()
                try:
                    allow(limit)
                    exec(tests, space)
                    allow(0)
                except BaseException as error:
                    allow(0)
                    waits += isinstance(error, OutOfTimeError) and error.waited
                    slow_seconds += time.process_time() - began
                    continue
                print(json.dumps(["passes", number, index, order]), file=out, flush=True)
                break
    print(json.dumps(["end"]), file=out, flush=True)
