"""A back end that lives in another environment: vLLM pins other versions of torch and transformers than ours.

As a program: opens the named models and answers each question with a line of JSON.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import msgspec

from harness.completion import Completion
from harness.model import Model, ModelError, Request, Sampling
from harness.models.options import ModelOptions
from harness.models.registry import open_model

ROOT = Path(__file__).parents[3]


class Question(msgspec.Struct):
    """Opens a model where `spec` is named, and asks the one that is open where there are requests."""

    spec: str = ""
    options: dict[str, Any] = {}
    requests: list[Request] = []
    sampling: Sampling = Sampling()


class Reply(msgspec.Struct):
    refusal: str = ""
    facts: dict[str, str] = {}
    answers: list[Completion] = []


def vllm_python() -> Path | None:
    """The Python of the environment that holds vLLM: this one, or that of `make vllm`; None where there is none."""
    if find_spec("vllm"):
        return Path(sys.executable)
    folder = Path(os.environ.get("WAVEBENCH_VLLM") or ROOT / ".venv-vllm")
    return folder / "bin" / "python" if (folder / ".installed").is_file() else None


def environment_elsewhere() -> dict[str, str]:
    """Of a process in the other environment: this checkout, no hub, and threads that leave the machine to others."""
    quiet = {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE", "VLLM_CPU_KVCACHE_SPACE": "1"}
    return {**os.environ, **quiet, "PYTHONPATH": str(ROOT)}


class ModelElsewhere:
    """Holds a process until it is left."""

    def __init__(self, python: Path, log: Path) -> None:
        with log.open("w") as stream:
            self._process = subprocess.Popen(
                [python, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                env=environment_elsewhere(),
            )
        self._log = log
        self._name = ""
        self._facts: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def name(self) -> str:
        return self._name

    def facts(self) -> Mapping[str, str]:
        return self._facts

    def open(self, spec: str, **options: Any) -> Self:
        """Raises ModelError as the other process does."""
        reply = self._ask(Question(spec, options))
        if reply.refusal:
            raise ModelError(reply.refusal)
        self._name, self._facts = spec, reply.facts
        return self

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        yield from self._ask(Question(requests=list(requests), sampling=sampling)).answers

    def _ask(self, question: Question) -> Reply:
        to, back = self._process.stdin, self._process.stdout
        assert to
        assert back
        to.write(msgspec.json.encode(question) + b"\n")
        to.flush()
        line = back.readline()
        assert line, self._log.read_text()
        return msgspec.json.decode(line, type=Reply)


def main() -> None:
    # Libraries print what they like; the replies have the stream for themselves.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    model: Model | None = None
    for line in sys.stdin.buffer:
        question = msgspec.json.decode(line, type=Question)
        reply = Reply()
        if question.spec:
            try:
                model = open_model(question.spec, ModelOptions(**question.options))
                reply.facts = dict(model.facts())
            except ModelError as error:
                reply.refusal = str(error)
        if model and question.requests:
            reply.answers = list(model.answer(question.requests, question.sampling))
        replies.write(msgspec.json.encode(reply) + b"\n")
        replies.flush()


if __name__ == "__main__":
    main()
