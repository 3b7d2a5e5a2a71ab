"""What generic answers need of a problem of any benchmark."""

from collections.abc import Iterator
from typing import Any

from datagen.problems.trivial_answers import trivial_answer
from tasks.codeeval_pro.task import ProProblem
from tasks.evalplus.problem import PlusProblem
from tasks.humaneval.task import HumanEvalProblem
from tasks.humanevalpack.problem import PackProblem
from tasks.mbpp.task import MbppProblem
from tests.performance.strategy_parts.javascript import codes_of_javascript
from tests.performance.strategy_parts.strategies import strategies
from tests.performance.strategy_parts.typed import LANGUAGES as TYPED
from tests.performance.strategy_parts.typed import codes_of_typed


def texts_of(problem: Any) -> tuple[str, str, str, str]:
    """What is shown, what stands before an answer, the tests, and the function's name."""
    match problem:
        case HumanEvalProblem():
            tests = f"{problem.test}\ncheck({problem.entry_point})"
            return problem.prompt, f"{problem.prompt}    pass\n", tests, problem.entry_point
        case MbppProblem():
            tests = "\n".join([*problem.imports, problem.setup, *problem.tests])
            # two problems build objects of the solution's own classes
            return problem.text, f"{problem.code}\n", tests, problem.entry_point
        case PlusProblem():
            reference = f"{problem.prompt}{problem.canonical_solution}\n"
            tests = (
                f"_reference, _answer = {{}}, {problem.entry_point}\nexec({reference!r}, _reference)\n"
                f"from copy import deepcopy\nfor _inputs in {problem.base_inputs[:3]!r}:\n"
                f"    _wanted = _reference[{problem.entry_point!r}](*deepcopy(_inputs))\n"
                "    _got = _answer(*deepcopy(_inputs))\n"
                "    try: assert _got == _wanted or set(_got) == set(_wanted)\n"
                "    except TypeError: assert abs(_got - _wanted) < 1e-3\n"
            )
            return problem.prompt, "", tests, problem.entry_point
        case ProProblem():
            return (
                problem.new_problem,
                f"{problem.raw_problem}{problem.raw_solution}\n",
                problem.test_code,
                problem.entry_point,
            )
        case PackProblem():
            return problem.prompt, f"{problem.prompt}    pass\n", problem.test, problem.entry_point
        case _:
            raise TypeError(type(problem))


def codes_of(problem: Any) -> Iterator[tuple[str, str]]:
    """Name and code of each strategy that can be made for it."""
    if problem.language == "javascript":
        yield from codes_of_javascript(problem)
        return
    if problem.language in TYPED:
        yield from codes_of_typed(problem)
        return
    shown, before, tests, entry_point = texts_of(problem)
    for name, body in strategies(shown, tests, entry_point):
        code = trivial_answer(entry_point, body)
        yield name, before + code if isinstance(problem, ProProblem) else code
