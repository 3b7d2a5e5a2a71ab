"""Finds somebody's reward function and calls it as its trainer would."""

import asyncio
import importlib
import importlib.util
import inspect
import json
import math
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from tasks.task import Task
from wavebench.rewards.audit.corpus import KnownAnswer
from wavebench.rewards.scale import RewardError

Rewards = list[float | None]
AskReward = Callable[[Sequence[KnownAnswer]], Rewards]
"""One number per answer; None where the function gave none."""

_VERL_WORKERS = 8
"""Threads in which verl's reward loop calls a function that takes one answer."""


def load_function(spec: str) -> Callable[..., Any]:
    """MODULE:NAME, or FILE.py:NAME; a class is made without arguments.

    Raises RewardError, also for whatever the module or the class raises.
    """
    module_name, separator, name = spec.rpartition(":")
    if not separator or not name:
        raise RewardError(f"{spec!r} names no function: write MODULE:FUNCTION, such as my_rewards:score.")
    try:
        if module_name.endswith(".py"):
            file_spec = importlib.util.spec_from_file_location(Path(module_name).stem, module_name)
            assert file_spec
            assert file_spec.loader
            found: Any = importlib.util.module_from_spec(file_spec)
            sys.modules[file_spec.name] = found
            file_spec.loader.exec_module(found)
        else:
            sys.path.append(str(Path.cwd()))
            found = importlib.import_module(module_name)
    except (ImportError, FileNotFoundError) as error:
        raise RewardError(f"{module_name!r} cannot be imported: {error}.") from error
    except (Exception, SystemExit) as error:  # it is anybody's code
        raise RewardError(f"{module_name!r} cannot be imported: it raises {_said(error)}.") from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise RewardError(f"{module_name!r} has no {name!r}: check the name.")
        found = getattr(found, part)
    if inspect.isclass(found):
        try:
            found = found()
        except Exception as error:
            raise RewardError(f"{spec!r} cannot be made without arguments: it raises {_said(error)}.") from error
    if not callable(found):
        raise RewardError(f"{spec!r} is no function.")
    return cast(Callable[..., Any], found)


def asked_as_a_trainer_does(
    function: Callable[..., Any], task: Task[Any], tell: Callable[[str], None] = lambda _: None
) -> AskReward:
    """The function behind one way to call it: TRL's, with columns as lists, or verl's, with one answer at a time.

    `tell` hears of each error that the function raises, perhaps from several threads.
    """
    parameters = inspect.signature(function).parameters
    if "solution_str" in parameters:
        return _as_verl(function, task, tell)
    if "completions" in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return _as_trl(function, task, tell)
    raise RewardError(f"the function takes {', '.join(parameters)}: it needs completions (TRL) or solution_str (verl).")


def columns_of(answers: Iterable[KnownAnswer], task: Task[Any]) -> Mapping[str, list[Any]]:
    """What a data set of the task offers: ids, the tests as code, and the name of the function."""
    problems: list[Any] = [answer.problem for answer in answers]
    return {
        "task": [task.name for _ in problems],
        "task_id": [problem.task_id for problem in problems],
        "entry_point": [getattr(problem, "entry_point", "") for problem in problems],
        "test_code": [
            f"{problem.test}\ncheck({problem.entry_point})"
            if hasattr(problem, "test")
            else "\n".join(getattr(problem, "tests", ()))
            for problem in problems
        ],
    }


def _as_trl(function: Callable[..., Any], task: Task[Any], tell: Callable[[str], None]) -> AskReward:
    def ask(answers: Sequence[KnownAnswer]) -> Rewards:
        asked = [task.prompt(each.problem, []) for each in answers]
        arguments = {
            "prompts": [[{"role": "user", "content": prompt.as_text if prompt else ""}] for prompt in asked],
            "completions": [[{"role": "assistant", "content": each.text}] for each in answers],
            **columns_of(answers, task),
        }
        try:
            values = list(_awaited(function(**arguments)))
        except Exception as error:  # whatever it raises, a training step has lost its rewards
            tell(_said(error))
            return [None] * len(answers)
        return [_number(values[place]) if place < len(values) else None for place in range(len(answers))]

    return ask


def _as_verl(function: Callable[..., Any], task: Task[Any], tell: Callable[[str], None]) -> AskReward:
    def ask_one(answer: KnownAnswer) -> float | None:
        facts = {name: column[0] for name, column in columns_of([answer], task).items()}
        truth = json.dumps({"task": facts["task"], "task_id": facts["task_id"]})
        arguments = {"data_source": f"wavebench/{task.name}", "solution_str": answer.text, "ground_truth": truth}
        try:
            value = _awaited(function(**arguments, extra_info=facts))
            if isinstance(value, Mapping):
                told = cast(Mapping[str, Any], value)
                value = told["score"] if told.get("judged", 1.0) else None
        except Exception as error:
            tell(_said(error))
            return None
        return _number(value)

    def ask(answers: Sequence[KnownAnswer]) -> Rewards:
        with ThreadPoolExecutor(_VERL_WORKERS) as workers:
            return list(workers.map(ask_one, answers))

    return ask


def _awaited(value: Any) -> Any:
    return asyncio.run(value) if inspect.iscoroutine(value) else value


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(number) else number


def _said(error: BaseException) -> str:
    """On one line, as a traceback ends."""
    return " ".join("".join(traceback.format_exception_only(error)).split())
