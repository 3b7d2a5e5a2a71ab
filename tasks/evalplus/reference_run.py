"""Calls a reference with every input and writes what it returned. This file's text runs in the sandbox.

`digest.py` stands above it in the program; the reference is executed in a namespace of its own, as EvalPlus does.
"""

# What problems are about has no type that a checker could know:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

import base64
import io
import json
import marshal
import sys
import time
import zlib
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from copy import deepcopy
from typing import Any

SLICE_CHARACTERS = 60_000
"""How much is written at once: the sandbox keeps the first 64 KiB."""
SHORTEST_CALL_SECONDS = 1e-6


def write_expected(
    reference: str,
    entry_point: str,
    packed_inputs: str,
    not_none: bool,
    start: int,
    is_large: Callable[[Any], bool],
    digest_of: Callable[[Any], tuple[str, str]],
) -> None:
    """Writes one line of JSON: sizes and CPU seconds, and the slice of the packed cases that begins at `start`."""
    base, plus = marshal.loads(zlib.decompress(base64.b85decode(packed_inputs)))
    stdout, sys.stdout = sys.stdout, io.StringIO()  # some references print
    namespace: dict[str, Any] = {}
    exec(compile(reference, "reference.py", "exec", dont_inherit=True), namespace)
    function = namespace[entry_point]
    expected: list[list[tuple[Any, ...]]] = []
    seconds: list[list[float]] = []
    for inputs in (base, plus):
        kept: list[tuple[Any, ...]] = []
        took: list[float] = []
        for arguments in deepcopy(inputs):  # a reference may change what it is called with
            before = time.process_time()
            value = function(*arguments)
            if not_none:
                value = value is not None
            kept.append(digest_of(value) if is_large(value) else (_plain(value),))
            took.append(max(time.process_time() - before, SHORTEST_CALL_SECONDS))
        expected.append(kept)
        seconds.append(took)
    packed = base64.b85encode(zlib.compress(marshal.dumps((base, plus, *expected), 2), 9)).decode()
    facts = {
        "characters": len(packed),
        "digests": any(len(each) == 2 for kept in expected for each in kept),
        "inputs": [len(base), len(plus)],
        "seconds": [round(sum(took), 6) for took in seconds],
        "slowest": round(max((value for took in seconds for value in took), default=0.0), 6),
        "slice": packed[start : start + SLICE_CHARACTERS],
    }
    sys.stdout = stdout
    print(json.dumps(facts))  # noqa: T201 (the program's result)


def _plain(value: Any) -> Any:
    """As marshal writes it: a Counter is equal to the dict of its content."""
    return dict(value) if isinstance(value, (Counter, OrderedDict, defaultdict)) else value
