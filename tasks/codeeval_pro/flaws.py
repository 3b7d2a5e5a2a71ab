"""What keeps a row of CodeEval-Pro's form from being scored."""

from collections.abc import Iterator

from tasks.data.dataset import Row
from tasks.data.fault import Flaw
from tasks.data.own.python_source import compile_error, functions, parse, proves_nothing, used_names


def pro_flaws(row: Row) -> Iterator[Flaw]:
    """A row's flaws, as far as they can be seen without running anything."""
    texts = {name: str(row[name]) for name in ("raw_problem", "raw_solution", "new_problem", "new_solution")}
    reference = "".join(f"{texts[f'{name}_problem']}{texts[f'{name}_solution']}\n" for name in ("raw", "new"))
    if error := compile_error(reference):
        yield Flaw("new_solution", f"with the rest of the reference is not Python ({error})", "correct it")
        return
    test = str(row["test_code"])
    if error := compile_error(test):
        yield Flaw("test_code", f"is not Python ({error})", "correct the tests")
        return
    defined = functions(parse(reference))
    if not defined or defined[-1] not in used_names(parse(test)):
        yield Flaw("test_code", "does not call the function of new_problem", "call it under its name")
    elif why := proves_nothing(parse(test), defined[-1]):
        yield Flaw("test_code", why, "write assertions, such as assert f(1) == 2")
