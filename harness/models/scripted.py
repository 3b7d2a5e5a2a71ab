"""A model whose answers are written beforehand, for tests and examples."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.options import ModelOptions

Script = Mapping[str, Sequence[str | Sequence[str]]]
"""task id -> one entry per sample: a text, or a list with one text per turn. Samples beyond the last begin again."""


class _ScriptLine(msgspec.Struct, forbid_unknown_fields=True):
    task_id: str
    completions: list[str | list[str]]
    seconds: float = 0.0


class ScriptedModel:
    """Answers from a script and says so in its facts; sleeps `seconds` before each answer."""

    def __init__(self, script: Script, seconds: float | Mapping[str, float] = 0.0, name: str = "scripted") -> None:
        self._script = script
        self._seconds = seconds
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def facts(self) -> Mapping[str, str]:
        encoded = msgspec.json.encode(self._script, order="sorted")
        return {"kind": "scripted", "sha256": hashlib.sha256(encoded).hexdigest()}

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:  # noqa: ARG002 - nothing is drawn
        for request in requests:
            started = time.monotonic()
            # One number for all, or one for each problem.
            seconds = self._seconds
            time.sleep(seconds if isinstance(seconds, float | int) else seconds.get(request.task_id, 0.0))
            samples = self._script.get(request.task_id)
            if not samples:
                raise ModelError(f"the script of {self._name!r} has no answer to {request.task_id!r}: add a row for it")
            sample = samples[request.sample % len(samples)]
            turns = [sample] if isinstance(sample, str) else sample
            if request.turn >= len(turns):
                raise ModelError(
                    f"the script of {self._name!r} has {len(turns)} turns for {request.task_id!r}, sample "
                    f"{request.sample}, but turn {request.turn} (from 0) is asked: give a list with one text per turn"
                )
            text = turns[request.turn]
            yield Completion(
                task_id=request.task_id,
                sample=request.sample,
                turn=request.turn,
                prompt_sha256=request.prompt.sha256,
                completion=text,
                finish_reason="stop" if text else "empty",
                prompt_tokens=0,  # a script has no tokenizer
                completion_tokens=0,
                seconds=time.monotonic() - started,
            )


def open_scripted(target: str, options: ModelOptions) -> ScriptedModel:  # noqa: ARG001 (an `Opener`)
    """Reads a script: JSON Lines of {"task_id", "completions": [...], "seconds"?}."""
    file = Path(target).expanduser()
    if not file.is_file():
        raise ModelError(f"no script at {str(file)!r}: name a JSON Lines file of task_id and completions")
    rows: list[_ScriptLine] = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows.append(msgspec.json.decode(line, type=_ScriptLine))
        except msgspec.MsgspecError as error:
            raise ModelError(
                f'line {number} of {str(file)!r} is not {{"task_id": ..., "completions": [...]}} ({error}): fix it'
            ) from error
    return ScriptedModel(
        script={row.task_id: row.completions for row in rows},
        seconds={row.task_id: row.seconds for row in rows},
        name=f"scripted:{file}",
    )
