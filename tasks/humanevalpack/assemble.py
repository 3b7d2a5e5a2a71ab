"""Puts code and tests together into the text that runs, a function for each language.

What an answer left out of the problem's own imports and helpers is put back, and what would clash with the tests is
taken out. bigcode-evaluation-harness does the first for the import helpers alone, and so fails every answer to five of
the 164 Fix problems (CPP/38, Go/10, Go/32, Go/38, Go/50).
"""

from collections.abc import Callable

from sandbox.languages import language
from tasks.extraction.watched import bounded
from tasks.humanevalpack.go_imports import merged
from tasks.humanevalpack.java_class import in_solution_class
from tasks.humanevalpack.notes import bears_helper
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.restore import restored, without_tests_names
from tasks.humanevalpack.rust_uses import missing_uses, with_one_main


def assembled(problem: PackProblem, code: str) -> str:
    """The text of the program's main file. Raises OverBudgetError, NotReadError."""
    if problem.language == "python":
        return _python(problem, code)
    return bounded("putting the program together", len(code), _assembled, problem, code)


def _assembled(problem: PackProblem, code: str) -> str:
    return _ASSEMBLE[problem.language](problem, code)


def _python(problem: PackProblem, code: str) -> str:
    return f"{problem.pack_language.helper}{code}\n{problem.test}"


def _javascript(problem: PackProblem, code: str) -> str:
    return f"{_fitted(problem, code)}\n{problem.test}"


def _java(problem: PackProblem, code: str) -> str:
    return f"{_fitted(problem, in_solution_class(code, problem.function))}\n{problem.test}"


def _go(problem: PackProblem, code: str) -> str:
    setup = f"{problem.test_setup}\n{problem.imports}"
    return merged(setup, _fitted(problem, code), problem.test, problem.pack_language.packages)


def _cpp(problem: PackProblem, code: str) -> str:
    helper = problem.pack_language.helper if bears_helper(problem.task_id) else ""
    return f"{language('cpp').prelude_text}{helper}{_fitted(problem, code)}\n{problem.test}"


def _rust(problem: PackProblem, code: str) -> str:
    fitted = with_one_main(_fitted(problem, code))
    return f"{fitted}\n{missing_uses(fitted, problem.declaration)}{problem.test}"


def _fitted(problem: PackProblem, code: str) -> str:
    return _restored(problem, without_tests_names(code, problem.test, problem.language))


def _restored(problem: PackProblem, code: str) -> str:
    return restored(code, problem.prompt, problem.function, problem.language)


_ASSEMBLE: dict[str, Callable[[PackProblem, str], str]] = {
    "javascript": _javascript,
    "java": _java,
    "go": _go,
    "cpp": _cpp,
    "rust": _rust,
}
