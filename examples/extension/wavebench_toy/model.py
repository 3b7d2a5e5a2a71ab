"""A back end that knows the answers: `toy:2` answers the first two problems right and the others not at all."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.options import ModelOptions
from wavebench_toy.task import PROBLEMS


@dataclass(frozen=True, slots=True)
class ToyModel:
    """Answers the first `right` problems of the toy task."""

    right: int

    @property
    def name(self) -> str:
        return f"toy:{self.right}"

    def facts(self) -> Mapping[str, str]:
        return {"kind": "toy"}

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        known = {problem.task_id: problem.solution for problem in PROBLEMS[: self.right]}
        for request in requests:
            code = known.get(request.task_id)
            yield Completion(
                task_id=request.task_id,
                sample=request.sample,
                turn=request.turn,
                prompt_sha256=request.prompt.sha256,
                completion=f"Here it is:\n```sh\n{code}\n```\n" if code else "I do not know.",
                finish_reason="stop",
                prompt_tokens=0,
                completion_tokens=0,
                seconds=0.0,
            )


def open_toy(target: str, options: ModelOptions) -> ToyModel:
    """The model that `toy:TARGET` names."""
    if not target.isdecimal():
        raise ModelError(f"'toy:{target}' is no toy model: say how many problems it answers, as in toy:2")
    return ToyModel(int(target))
