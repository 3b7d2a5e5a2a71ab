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
from datagen.ablation.config import AblationConfig, AblationError, SampledRows
from datagen.finetune.config import SPEED_FIELDS, FinetuneConfig, TrainingMethod
from datagen.finetune.output.saving import MODEL
from datagen.rows.content_store import run_stage, stage_folder, write_facts
from harness.runs.config import ASKING_FIELDS, JUDGING_FIELDS, RunConfig
from harness.runs.run import load_task
from harness.runs.run_folder import TaskIdentity, identify
from harness.runs.settings import read_settings

TIME_FILE = "step.json"
_RUN, _ROWS = "run", "rows"
"""Folders of a SampleStep."""
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
    source: "SampleStep | None" = None
    """Where its rows come from, unless they were there before; it goes on from the model that was sampled."""

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
class SampleStep:
    """Answers of a trained model to the problems of [sampling], and the rows that the verdicts over them give."""

    trained: TrainStep
    config: RunConfig
    rows: SampledRows
    settings: str

    @property
    def label(self) -> str:
        return f"sample {self.trained.variant} on {self.trained.base}, {self.config.task}, seed {self.trained.seed}"

    def folder(self, out: Path) -> Path:
        return stage_folder(out, "rows", 1, self.settings, ())

    def run(self, out: Path, notify: Notify) -> None:
        """Evaluates the model and makes rows of the run; what could not be judged leaves the step open."""
        from datagen.from_runs.make import rows_from_runs

        def build(draft: Path) -> None:
            _forget_elsewhere(draft / _RUN, ("model", "data"), self.config)
            began = time.monotonic()
            _evaluate(self.config, draft / _RUN, self.folder(out) / _RUN, notify)
            made = rows_from_runs(
                [draft / _RUN],
                draft / _ROWS,
                per_problem=self.rows.per_problem,
                unconfirmed=self.rows.unconfirmed,
                leakage=self.rows.leakage,
            )
            left_out = "".join(f", {count:,} left out: {reason}" for reason, count in made.dropped.items())
            notify(f"{made.answers:,} confirmed answers, {made.pairs:,} pairs, {made.labelled:,} labelled{left_out}")
            write_facts(draft / TIME_FILE, {"seconds": time.monotonic() - began})

        run_stage(out, "rows", 1, self.settings, (), build)


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

        def build(draft: Path) -> None:
            _forget_elsewhere(draft, ("model",), self.config)
            began = time.monotonic()
            _evaluate(self.config, draft, self.folder(out), notify)
            write_facts(draft / TIME_FILE, {"seconds": time.monotonic() - began})

        if self.trained and not self.trained.folder(out).exists():
            raise AblationError(
                f"Not trained yet: {self.trained.label}; run `wavebench ablate ... --only train` first."
            )
        run_stage(out, "eval", 1, self.settings, (), build)


Step = TrainStep | SampleStep | EvalStep


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Every step, those that need another after it."""

    trains: tuple[TrainStep, ...]
    evals: tuple[EvalStep, ...]


def sources(trains: Sequence[TrainStep]) -> list[SampleStep]:
    """Where rows come from; each once, whatever number of trainings takes them."""
    return list(dict.fromkeys(step.source for step in trains if step.source))


def plan_trains(config: AblationConfig, arms: Arms, out: Path) -> tuple[TrainStep, ...]:
    """Every training, those on rows of their own answers after those that they go on from."""
    steps: list[TrainStep] = []
    # Neither what changes speed alone nor where files lie decides the weights; files are known by their hashes.
    deciding = {each.name for each in fields(FinetuneConfig)} - SPEED_FIELDS - _PATHS - {"scratch"}
    reference = arms.variants[config.reference].source
    for (base, model), name, variant, seed in product(
        arms.bases.items(), config.recipes, config.variants, config.seeds
    ):
        if variant.recipe not in ("", name) or variant.after:
            continue
        data = arms.variants[variant.name].source
        own = replace(
            recipe(config, name, variant),
            base=f"hf:{model.folder}",
            data=data.path,
            held_out_data=reference.path,  # the same rows measure every variant
            limit=arms.limit(config, variant),
            seed=seed,
        )
        values: Mapping[str, Any] = msgspec.to_builtins(own)
        settings = [{each: values[each] for each in deciding}, model.sha256, data.sha256, reference.sha256]
        steps.append(TrainStep(base, name, variant.name, seed, own, json.dumps(settings, sort_keys=True)))
    for first, variant in product(tuple(steps), config.variants):
        if variant.after != first.variant or variant.recipe not in ("", first.recipe):
            continue
        source = _sampling(config, first, out)
        rows = source.folder(out) / _ROWS
        own = replace(
            recipe(config, first.recipe, variant),
            base=f"hf:{first.folder(out) / MODEL}",
            data=str(rows / "trl" / "sft.jsonl" if variant.method is TrainingMethod.SFT else rows),
            held_out_data=reference.path,
            limit=variant.limit,
            seed=first.seed,
        )
        values = msgspec.to_builtins(own)
        settings = [{each: values[each] for each in deciding}, source.folder(out).name, reference.sha256]
        text = json.dumps(settings, sort_keys=True)
        steps.append(TrainStep(first.base, first.recipe, variant.name, first.seed, own, text, source))
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


def _sampling(config: AblationConfig, trained: TrainStep, out: Path) -> SampleStep:
    """Raises AblationError where the prompts of [sampling] cannot be worded again by a trainer."""
    folder = trained.folder(out)
    (run, *more) = config.runs_of(config.sampling, f"hf:{folder / MODEL}")
    task = load_task(run)
    prompt = task.prompt(task.problems[0], [])
    if more or prompt is None or prompt.text is not None:
        raise AblationError(
            f"[sampling] asks {config.sampling['task']!r} in the style {task.style!r}: take one task in a chat style, "
            f"whose messages the trainers can word again."
        )
    values: Mapping[str, Any] = msgspec.to_builtins(run)
    deciding = (ASKING_FIELDS | JUDGING_FIELDS) - {"model", "style"}
    identity = msgspec.to_builtins(_identity(run.task, run.style, run.split, run.data))
    settings = [
        {name: values[name] for name in deciding},
        identity,
        folder.name,
        msgspec.to_builtins(config.sampled_rows),
    ]
    return SampleStep(trained, run, config.sampled_rows, json.dumps(settings, sort_keys=True))


def _evaluate(config: RunConfig, folder: Path, lasting: Path, notify: Notify) -> None:
    """Into `folder`; what is said of it names `lasting`, where it stays once the step is done."""
    from harness.evaluate import evaluate
    from harness.scoring.score_table import refuse_incomplete, remarks

    score = evaluate(config, folder)
    for remark in remarks(lasting, score):
        notify(remark)
    refuse_incomplete({folder: score})


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
