"""Verdicts as EvalPlus writes them: the entries of its eval_results.json."""

import re
from typing import Any

from tasks.evalplus.oracle import BASE
from tasks.evalplus.problem import PlusProblem
from tasks.verdict import Verdict

_PLACE = re.compile(rf"\b({BASE}|plus) input (\d+) of ")


def eval_result(
    problem: PlusProblem, solution: str, verdict: Verdict, base: bool | None, detail: str
) -> dict[str, Any]:
    """One sample's entry. Further inputs are not tried once a base one has failed: then their status is fail, too."""
    failed = "timeout" if verdict is Verdict.TIMEOUT else "fail"
    passed = verdict is Verdict.PASSED
    entry: dict[str, Any] = {
        "task_id": problem.task_id,
        "solution": solution,
        "base_status": "pass" if base else failed,
        "plus_status": "pass" if passed else failed if base else "fail",
        "base_fail_tests": [],
        "plus_fail_tests": [],
    }
    if not passed and (place := _PLACE.search(detail)):
        inputs = problem.base_inputs if place[1] == BASE else problem.plus_inputs
        arguments: Any = inputs[int(place[2]) - 1]
        # as `mbpp_serialize_inputs` of EvalPlus has them: what JSON lacks becomes a list or a text
        number = problem.task_id.rpartition("/")[2] if problem.benchmark == "mbpp" else ""
        if number == "115":
            arguments = [[list(item) for item in arguments[0]]]
        elif number in ("124", "252"):
            arguments = [str(argument) for argument in arguments]
        entry[f"{place[1]}_fail_tests"] = [arguments]
    return entry
