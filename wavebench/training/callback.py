"""A callback for transformers' and TRL's Trainer: every so many steps, the weights are evaluated by another process."""

import json
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from leaderboards.runs.curve import CurvePoint, learning_curve, write_curve
from sandbox.errors import WavebenchError


class EvaluationFailedError(WavebenchError):
    """An evaluation ended with an error; the training itself has gone on."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Weights that wait for their evaluation."""

    step: int
    weights: Path


class EvaluationCallback(TrainerCallback):
    """Evaluates the model every `every` steps, and holds the training up only while its weights are saved.

    Each evaluation is `wavebench eval` in a process of its own, one after another, into a run folder step-N below
    `out`; the weights are removed afterwards. At the end of the training the callback waits for what is left and
    writes curve.json. The same training again goes on with evaluations that were cut off.
    """

    def __init__(
        self,
        tokenizer: Any,
        out: str | Path,
        every: int = 500,
        task: str = "humaneval",
        *,
        environment: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        """`environment`: variables of the evaluations, such as {"CUDA_VISIBLE_DEVICES": "1"} for a GPU of their own.

        settings: any setting of `RunConfig` by its name: limit, samples, style, max_tokens, data...
        """
        self.tokenizer = tokenizer
        self.out = Path(out).expanduser().resolve()
        self.every = every
        self.task = task
        self.environment = {**os.environ, **(environment or {})}
        self.settings = settings
        self.failed: dict[int, str] = {}
        """By step the last words of evaluations that ended with an error."""
        self._waiting: deque[_Waiting] = deque()
        self._running: tuple[_Waiting, subprocess.Popen[str]] | None = None

    @property
    def curve(self) -> list[CurvePoint]:
        """The evaluations that are done, by their step."""
        return learning_curve(self.out)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Saves the weights when it is time, and starts the next evaluation when the last one is done."""
        if not state.is_world_process_zero:
            return
        if state.global_step % self.every == 0:
            folder = self._weights(state.global_step)
            draft = folder.with_name(f"{folder.name}.partial")
            shutil.rmtree(draft, ignore_errors=True)
            kwargs["model"].save_pretrained(draft)
            self.tokenizer.save_pretrained(draft)
            # Under its own name only once it is whole: a training that is cut off leaves no half weights.
            shutil.rmtree(folder, ignore_errors=True)
            draft.replace(folder)
            self._waiting.append(_Waiting(state.global_step, folder))
        self._go_on(wait=False)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Waits for the evaluations that are left. Raises EvaluationFailedError when one has failed."""
        if not state.is_world_process_zero:
            return
        while self._waiting or self._running:
            self._go_on(wait=True)
        if self.curve:
            write_curve(self.out)
        if self.failed:
            step, words = next(iter(self.failed.items()))
            raise EvaluationFailedError(
                f"{len(self.failed)} evaluations failed, the first at step {step}: {words} Its weights are in "
                f"{str(self._weights(step))!r}: evaluate them by hand."
            )

    def _weights(self, step: int) -> Path:
        return self.out / "weights" / f"step-{step}"

    def _go_on(self, *, wait: bool) -> None:
        """Notes the end of the running evaluation, if it has ended or `wait` is set, and starts the next one."""
        if self._running:
            waiting, process = self._running
            if not wait and process.poll() is None:
                return
            _, words = process.communicate()
            self._running = None
            if process.returncode:
                self.failed[waiting.step] = (words.strip().splitlines() or ["it said nothing."])[-1]
            else:
                shutil.rmtree(waiting.weights)
                write_curve(self.out)
        if self._waiting:
            waiting = self._waiting.popleft()
            folder = self.out / f"step-{waiting.step}"
            model = ["--model", f"hf:{waiting.weights}"]
            adapter = waiting.weights / "adapter_config.json"
            if adapter.is_file():  # only the adapter was saved: it names its base
                base = str(json.loads(adapter.read_text())["base_model_name_or_path"])
                model = ["--model", f"hf:{base}", "--adapter", str(waiting.weights)]
            chosen = [word for name, value in self.settings.items() for word in ("--set", f"{name}={value}")]
            command = [sys.executable, "-m", "wavebench", "eval", *model, "--task", self.task, "--out", str(folder)]
            process = subprocess.Popen(
                [*command, *chosen], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            self._running = waiting, process
