"""The steps of an ablation: trainings and evaluations, each with a folder named by the hash of all that decides it."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from datagen.ablation.arms import Arms, recipe
from datagen.ablation.config import AblationConfig, AblationError
from datagen.finetune.config import SPEED_FIELDS, FinetuneConfig
from datagen.finetune.output.saving import MODEL
from datagen.rows.content_store import run_stage, stage_folder, write_facts
from harness.runs.config import ASKING_FIELDS, JUDGING_FIELDS, RunConfig
from harness.runs.run import load_task
from harness.runs.run_folder import TaskIdentity, identify
from harness.runs.settings import read_settings

TIME_FILE = "step.json"
_PATHS = frozenset({"base", "data", "held_out_data"})
"""Known by hash."""
Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainStep:
    """One training."""

    base: str
    recipe: str
    variant: str
    seed: int
    config: FinetuneConfig
    settings: str
    """All that decides it, as JSON."""

    @property
    def label(self) -> str:
        return f"train {self.variant} on {self.base}, recipe {self.recipe}, seed {self.seed}"

    def folder(self, out: Path) -> Path:
        return stage_folder(out, "train", 1, self.settings, ())

    def run(self, out: Path, notify: Notify) -> None:
        """Trains, or goes on with what an earlier start left."""
        from datagen.finetune.finetune import finetune

        def build(draft: Path) -> None:
            _forget_elsewhere(draft, ("base", "data", "held_out_data"), self.config)
            began = time.monotonic()
            finetune(self.config, draft, notify)
            write_facts(draft / TIME_FILE, {"seconds": time.monotonic() - began})

        run_stage(out, "train", 1, self.settings, (), build)


@dataclass(frozen=True, slots=True)
class EvalStep:
    """One run of one model on one task."""

    column: int
    """Place of the evaluation in the configuration; the tasks of a family share one."""
    base: str
    trained: TrainStep | None
    """None evaluates the base model itself."""
    config: RunConfig
    """Its model is the folder where the model lies, or will."""
    settings: str

    @property
    def label(self) -> str:
        what = f"{self.trained.variant} on {self.base}, seed {self.trained.seed}" if self.trained else self.base
        return f"evaluate {what}, {self.config.task}"

    def folder(self, out: Path) -> Path:
        return stage_folder(out, "eval", 1, self.settings, ())

    def run(self, out: Path, notify: Notify) -> None:
        """Generates, judges and scores by the harness; what could not be judged leaves the step open."""
        from harness.evaluate import evaluate
        from harness.scoring.score_table import refuse_incomplete, remarks

        def build(draft: Path) -> None:
            _forget_elsewhere(draft, ("model",), self.config)
            began = time.monotonic()
            score = evaluate(self.config, draft)
            for remark in remarks(draft, score):
                notify(remark)
            refuse_incomplete({draft: score})
            write_facts(draft / TIME_FILE, {"seconds": time.monotonic() - began})

        if self.trained and not self.trained.folder(out).exists():
            raise AblationError(
                f"Not trained yet: {self.trained.label}; run `wavebench ablate ... --only train` first."
            )
        run_stage(out, "eval", 1, self.settings, (), build)


Step = TrainStep | EvalStep


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Every step, those that need another after it."""

    trains: tuple[TrainStep, ...]
    evals: tuple[EvalStep, ...]


def plan_trains(config: AblationConfig, arms: Arms) -> tuple[TrainStep, ...]:
    """Every training."""
    steps: list[TrainStep] = []
    # Neither what changes speed alone nor where files lie decides the weights; files are known by their hashes.
    deciding = {each.name for each in fields(FinetuneConfig)} - SPEED_FIELDS - _PATHS - {"scratch"}
    reference = arms.variants[config.reference].source
    for (base, model), name, variant, seed in product(
        arms.bases.items(), config.recipes, config.variants, config.seeds
    ):
        if variant.recipe not in ("", name):
            continue
        data = arms.variants[variant.name].source
        own = replace(
            recipe(config, name),
            base=f"hf:{model.folder}",
            data=data.path,
            held_out_data=reference.path,  # the same rows measure every variant
            limit=arms.limit(config, variant),
            seed=seed,
        )
        values: Mapping[str, Any] = msgspec.to_builtins(own)
        settings = [{each: values[each] for each in deciding}, model.sha256, data.sha256, reference.sha256]
        steps.append(TrainStep(base, name, variant.name, seed, own, json.dumps(settings, sort_keys=True)))
    return tuple(steps)


def plan_evals(config: AblationConfig, arms: Arms, trains: Sequence[TrainStep], out: Path) -> tuple[EvalStep, ...]:
    """Every evaluation, base models first. Raises WavebenchError when a task's rows are not at hand."""
    evals: list[EvalStep] = []
    for base, model in arms.bases.items():
        evals += _evals(config, base, None, f"hf:{model.folder}", ["base", model.sha256])
    for step in trains:
        folder = step.folder(out)
        evals += _evals(config, step.base, step, f"hf:{folder / MODEL}", ["trained", folder.name])
    return tuple(evals)


def _evals(
    config: AblationConfig, base: str, trained: TrainStep | None, model: str, identity: list[str]
) -> Iterator[EvalStep]:
    for column, evaluation in enumerate(config.evaluations):
        for run in config.runs_of(evaluation, model):
            values: Mapping[str, Any] = msgspec.to_builtins(run)
            deciding = (ASKING_FIELDS | JUDGING_FIELDS) - {"model", "style"}
            task = msgspec.to_builtins(_identity(run.task, run.style, run.split, run.data))
            settings = [{name: values[name] for name in deciding}, task, identity]
            yield EvalStep(column, base, trained, run, json.dumps(settings, sort_keys=True))


@cache
def _identity(task: str, style: str, split: str, data: str) -> TaskIdentity:
    """Rows and wording by their hashes; the same for every model of the ablation."""
    return identify(load_task(RunConfig("none", task, style=style, split=split, data=data)))


def _forget_elsewhere(draft: Path, paths: tuple[str, ...], config: FinetuneConfig | RunConfig) -> None:
    """Drops a draft that was begun where the same data or model lay at another path, as on another machine."""
    file = draft / "config.toml"
    if file.exists():
        earlier = read_settings(file)
        if any(earlier.get(name, "") != getattr(config, name) for name in paths):
            shutil.rmtree(draft)
            draft.mkdir()
