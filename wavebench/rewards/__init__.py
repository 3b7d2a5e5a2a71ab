"""Verdicts as rewards: the judge in the shapes that TRL, verl and verifiers call. See docs/rewards.md."""

from typing import Any

from wavebench.rewards.grade import Grade
from wavebench.rewards.prompts import training_prompts
from wavebench.rewards.remote import RemoteReward
from wavebench.rewards.reward import CodeReward, UnjudgedError
from wavebench.rewards.scale import RewardError, Scale
from wavebench.rewards.trl_columns import Completion
from wavebench.rewards.warm_pool import close_warm_sandboxes, warm_sandbox

__all__ = [
    "CodeReward",
    "Completion",
    "Grade",
    "RemoteReward",
    "RewardError",
    "Scale",
    "UnjudgedError",
    "close_warm_sandboxes",
    "code_reward",
    "compute_score",
    "training_prompts",
    "warm_sandbox",
]

_usual: list[CodeReward] = []
"""The reward behind the functions below, once one of them was called."""


def code_reward(completions: list[Completion], **columns: Any) -> list[float | None]:
    """TRL's reward function with the usual settings: 1 for a confirmed pass, 0 for all else, None if not judged.

    The data set needs the columns task and task_id, or checks of its own; see `CodeReward`. For axolotl:
    `reward_funcs: ["wavebench.rewards.code_reward"]`.
    """
    return _usual_reward()(completions, **columns)


def compute_score(
    data_source: str, solution_str: str, ground_truth: object, extra_info: dict[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    """verl's reward function with the usual settings; see `CodeReward.compute_score`."""
    return _usual_reward().compute_score(data_source, solution_str, ground_truth, extra_info, **options)


def _usual_reward() -> CodeReward:
    if not _usual:
        _usual.append(CodeReward())
    return _usual[0]
