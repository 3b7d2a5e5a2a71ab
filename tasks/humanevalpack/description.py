"""What of a model's description of a function is passed on to the turn that rebuilds it (OctoPack, section 3)."""

from collections.abc import Sequence

from tasks.extraction.thinking import without_thinking
from tasks.humanevalpack.problem import PackProblem

_LONGEST_KEPT_LINE = 20
"""Characters of a line of the solution that may stand in a description; longer ones give the code away."""


def description(problem: PackProblem, answer: str, stop: Sequence[str]) -> str:
    """The answer cut to the docstring's length and at stop strings, without lines of the solution."""
    text = without_thinking(answer).strip()[: len(problem.docstring)]
    for string in stop:
        text = text.partition(string)[0]
    text = text.rstrip()
    for line in problem.canonical_solution.split("\n"):
        if len(line.strip()) > _LONGEST_KEPT_LINE:
            text = text.replace(line.strip(), "")
    return text
