"""What keeps a row of HumanEval's form from being scored."""

import keyword
from collections.abc import Iterator

from tasks.data.dataset import Row
from tasks.data.fault import Flaw
from tasks.data.own.python_source import check_flaws, compile_error, functions, module_names, parse
from tasks.prompt_stub import with_body


def humaneval_flaws(row: Row) -> Iterator[Flaw]:
    """A row's flaws, as far as they can be seen without running anything."""
    entry_point, test = str(row["entry_point"]), str(row["test"])
    yield from entry_point_flaws(entry_point)
    yield from prompt_flaws(str(row["prompt"]), str(row["canonical_solution"]), entry_point)
    yield from check_flaws(test, "test")


def entry_point_flaws(entry_point: str) -> Iterator[Flaw]:
    """What is wrong with the name of a Python function that is to be written."""
    if not entry_point.isidentifier() or keyword.iskeyword(entry_point):
        yield Flaw("entry_point", "is not a Python identifier", "write the bare name of the function")
    elif entry_point == "check":
        yield Flaw("entry_point", "is the name that the tests define themselves", "give the function another name")


def prompt_flaws(prompt: str, solution: str, entry_point: str) -> Iterator[Flaw]:
    """What is wrong with a prompt in Python and the solution that continues it; "" for none."""
    if not prompt.strip():
        yield Flaw("prompt", "is empty", "write the head of the function and its docstring")
        return
    stub, whole = with_body(prompt), prompt + solution
    if error := compile_error(stub):
        yield Flaw(
            "prompt",
            f"is no beginning of a Python program ({error})",
            "end it with the head of the function, or with its docstring",
        )
        return
    if solution.strip() and (error := compile_error(whole)):
        yield Flaw(
            "canonical_solution",
            f"does not continue the prompt ({error})",
            "write the body of the function, indented as the prompt asks for",
        )
        return
    trees = [parse(stub), parse(whole if solution.strip() else stub)]
    if entry_point.isidentifier() and entry_point not in {name for tree in trees for name in module_names(tree)}:
        defined = list(dict.fromkeys(name for tree in trees for name in functions(tree)))
        if defined or solution.strip():
            named = f"defines {', '.join(defined)}" if defined else "defines no function"
            yield Flaw(
                "entry_point", f"is not what the prompt defines (it {named})", "write the name of the prompt's function"
            )
