"""Puts code and tests together into the text that runs.

What an answer left out of the problem's own imports and helpers is put back, and what would clash with the tests is
taken out. bigcode-evaluation-harness does the first for the import helpers alone, and so fails every answer to five of
the 164 Fix problems (CPP/38, Go/10, Go/32, Go/38, Go/50).
"""

from dataclasses import dataclass

from sandbox.languages import language
from tasks.extraction.python import future_first
from tasks.extraction.watched import bounded
from tasks.humanevalpack.go_imports import merged
from tasks.humanevalpack.java_class import in_solution_class
from tasks.humanevalpack.notes import bears_helper
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.repair import repaired
from tasks.humanevalpack.restore import restored, without_tests_names
from tasks.humanevalpack.rust_uses import missing_uses, with_one_main


@dataclass(frozen=True, slots=True)
class Assembled:
    """An answer's code in the form that runs."""

    whole: str
    """The text of the program's main file: code and tests."""
    alone: str
    """The code without the tests, for a program that does not hold them; empty for Python."""


def assembled(problem: PackProblem, code: str, *, verbatim: bool = False) -> Assembled:
    """The code beside its tests, and without them. Raises OverBudgetError, NotReadError.

    `verbatim` takes nothing out of the code and puts nothing back: it stands between the language's own helper and the
    tests. Only Go's imports are merged even then, as no program may have them twice.
    """
    if problem.language == "python":
        return Assembled(future_first(f"{problem.pack_language.helper}{code}\n{problem.test}"), "")
    if verbatim and problem.language != "go":
        return Assembled(f"{_helper(problem)}{code}\n{problem.test}", code)
    # an answer may be any text, and its parsers take long for some
    return bounded("putting the program together", len(code), _assembled, problem, code, verbatim)


def _assembled(problem: PackProblem, code: str, verbatim: bool) -> Assembled:
    fitted = code
    if not verbatim:
        fitted = repaired(code, problem.language)
        if problem.language == "java":
            fitted = in_solution_class(fitted, problem.function)
        # first what the tests define too is taken out, so that a helper of that name is not taken for the answer's own
        fitted = without_tests_names(fitted, problem.test, problem.language)
        fitted = restored(fitted, problem.prompt, problem.function, problem.language)
        if problem.language == "rust":
            fitted = with_one_main(fitted)
            fitted = f"{fitted}\n{missing_uses(fitted, problem.declaration)}".removesuffix("\n")
    if problem.language == "go":
        setup, packages = f"{problem.test_setup}\n{problem.imports}", problem.pack_language.packages
        return Assembled(merged(setup, fitted, problem.test, packages), merged(setup, fitted, "", packages))
    return Assembled(f"{_helper(problem)}{fitted}\n{problem.test}", fitted)


def _helper(problem: PackProblem) -> str:
    """What stands before every program of the language."""
    own = problem.pack_language.helper if bears_helper(problem.task_id) else ""
    return language(problem.language).prelude_text + own
