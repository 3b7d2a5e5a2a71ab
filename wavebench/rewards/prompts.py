"""A task's prompts as rows for a trainer, with what the reward needs to find the problem again."""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from tasks.prompt import Prompt
from tasks.task import Task
from wavebench.opening import load_task
from wavebench.rewards.scale import RewardError

_FOR_TRAINING = frozenset({"train", "validation", "prompt"})
"""Splits that nobody scores a model on."""


class Trainer(StrEnum):
    """Whose form the rows have."""

    TRL = "trl"
    """prompt, task, task_id: also for axolotl and unsloth, which call TRL's reward functions."""
    VERL = "verl"
    """data_source, prompt, ability, reward_model and extra_info."""
    VERIFIERS = "verifiers"
    """name, prompt, task and task_id: the fields of a TaskData."""


def training_prompts(
    task: str | Task[Any],
    trainer: str = Trainer.TRL,
    *,
    style: str = "chat",
    split: str = "",
    data: str | Path = "",
    allow_benchmark: bool = False,
) -> list[dict[str, Any]]:
    """One row per problem, unsound ones left out.

    A model that is trained on a benchmark cannot be scored on it: so benchmarks are refused but for splits that are
    meant for training, such as MBPP's "train", and for rows of one's own (`data`), unless `allow_benchmark` is set.
    Raises WavebenchError.
    """
    if trainer not in tuple(Trainer):
        raise RewardError(f"unknown trainer {trainer!r}: take one of {', '.join(Trainer)}.")
    if isinstance(task, str):
        if not (data or split in _FOR_TRAINING or allow_benchmark):
            raise RewardError(
                f"{task!r} is a benchmark, and a model that is trained on it cannot be scored on it: take a split for "
                f"training (mbpp has train), give rows of your own as data, or say allow_benchmark."
            )
        task = load_task(task, style, split=split, data=data)
    rows = _ROWS[Trainer(trainer)]
    found: list[dict[str, Any]] = []
    for problem in task.problems:
        prompt = task.prompt(problem, [])
        if problem.task_id not in task.unsound and prompt is not None:
            found.append(rows(task, len(found), problem.task_id, prompt))
    return found


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    if prompt.text is not None:
        return [{"role": "user", "content": prompt.text}]
    return [{"role": message.role, "content": message.content} for message in prompt.messages]


def _trl_row(task: Task[Any], _index: int, task_id: str, prompt: Prompt) -> dict[str, Any]:
    asked = prompt.text if prompt.text is not None else _messages(prompt)
    return {"prompt": asked, "task": task.name, "task_id": task_id}


def _verl_row(task: Task[Any], index: int, task_id: str, prompt: Prompt) -> dict[str, Any]:
    names = {"task": task.name, "task_id": task_id}
    return {
        "data_source": f"wavebench/{task.name}",
        "prompt": _messages(prompt),
        "ability": "code",
        "reward_model": {"style": "rule", "ground_truth": json.dumps(names)},
        "extra_info": {"index": index, **names},
    }


def _verifiers_row(task: Task[Any], index: int, task_id: str, prompt: Prompt) -> dict[str, Any]:
    return {"idx": index, "name": task_id, "prompt": _messages(prompt), "task": task.name, "task_id": task_id}


_ROWS: Mapping[Trainer, Any] = {
    Trainer.TRL: _trl_row,
    Trainer.VERL: _verl_row,
    Trainer.VERIFIERS: _verifiers_row,
}
