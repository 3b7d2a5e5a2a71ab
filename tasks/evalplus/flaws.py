"""What keeps a row of EvalPlus' form from being scored."""

import json
from collections.abc import Iterator
from typing import Any, cast

from tasks.data.dataset import Row
from tasks.data.fault import Flaw
from tasks.data.own.python_source import compile_error, functions, parse
from tasks.humaneval.flaws import entry_point_flaws


def plus_flaws(row: Row) -> Iterator[Flaw]:
    """A row's flaws, as far as they can be seen without running anything."""
    entry_point = str(row["entry_point"])
    yield from entry_point_flaws(entry_point)
    reference = f"{row['prompt']}{row['canonical_solution']}"
    if error := compile_error(reference):
        yield Flaw("canonical_solution", f"does not continue the prompt ({error})", "correct prompt or solution")
    elif entry_point not in (defined := functions(parse(reference))):
        named = ", ".join(defined) or "no function"
        yield Flaw("entry_point", f"is not what the reference defines ({named})", "write the name of its function")
    inputs: dict[str, Any] = {name: json.loads(str(row[name])) for name in ("base_input", "plus_input")}
    for name, value in inputs.items():
        if value and not (isinstance(value, list) and all(isinstance(each, list) for each in cast(list[Any], value))):
            yield Flaw(name, "is no list of argument lists", "write one list of arguments for each call")
    if not any(inputs.values()):
        yield Flaw("base_input", "is empty, and so is plus_input", "add inputs: without them every program passes")
    tolerance = json.loads(str(row["atol"]))
    if not isinstance(tolerance, (int, float)) or not 0 <= tolerance < 1:
        yield Flaw("atol", "is no tolerance", "write a number from 0 to below 1")
