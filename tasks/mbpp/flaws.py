"""What keeps a row of MBPP's form from being scored, whole or sanitized."""

from collections.abc import Iterator

from tasks.data.dataset import Row
from tasks.data.fault import Flaw
from tasks.data.own.python_source import compile_error, functions, module_names, parse, proves_nothing, used_names

_MOST_DIGITS = 9


def mbpp_flaws(row: Row) -> Iterator[Flaw]:
    """A row's flaws, as far as they can be seen without running anything."""
    number = row["task_id"]
    if not isinstance(number, int) or not 0 <= number < 10**_MOST_DIGITS:
        yield Flaw("task_id", "is no number", "number the problems, as 11 or 512: splits of MBPP go by numbers")
    text = "text" if "text" in row else "prompt"
    if not str(row[text]).strip():
        yield Flaw(text, "is empty", "say in words what the function should do")
    code = str(row["code"])
    if not code.strip():
        yield Flaw("code", "is empty", "add a solution: it says which function the tests call")
        return
    if error := compile_error(code):
        yield Flaw("code", f"is not Python ({error})", "correct the solution")
        return
    before = [column for column in ("test_setup_code", "test_imports") if column in row]
    for column in before:
        if error := compile_error("\n".join(_texts(row, column))):
            yield Flaw(column, f"is not Python ({error})", "correct it")
            return
    setup = "\n".join(text for column in before for text in _texts(row, column))
    yield from _test_flaws("test_list", _texts(row, "test_list"), setup, code)
    if challenges := _texts(row, "challenge_test_list"):
        yield from _test_flaws("challenge_test_list", challenges, setup, code)


def _test_flaws(column: str, tests: list[str], setup: str, code: str) -> Iterator[Flaw]:
    if not any(test.strip() for test in tests):
        yield Flaw(column, "is empty", "add assertions, each a text of its own")
        return
    if error := compile_error("\n".join(tests)):
        yield Flaw(column, f"is not Python ({error})", "write each assertion as a text of its own")
        return
    defined = module_names(parse(code))
    used = used_names(parse("\n".join([setup, *tests])))
    if not used & set(defined):
        named = ", ".join(functions(parse(code))) or "nothing"
        yield Flaw(column, f"calls nothing of what code defines ({named})", "call the function under its name in code")
        return
    entry_point = next((name for name in functions(parse(code)) if name in used), "")
    for test in tests:
        if not compile_error(test) and test.strip() and (why := proves_nothing(parse(test), entry_point)):
            yield Flaw(column, f"{why}: {test!r:.60}", "write assertions, such as assert f(1) == 2")
            return


def _texts(row: Row, column: str) -> list[str]:
    value = row.get(column, [])
    return value if isinstance(value, list) else [str(value)]
