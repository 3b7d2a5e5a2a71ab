"""From raw code to the table: data, trainings, evaluations, comparison. Each step can be resumed."""

from enum import StrEnum
from pathlib import Path

from datagen.ablation.arms import make_arms, read_arms
from datagen.ablation.config import AblationError, load_ablation
from datagen.ablation.page import write_pages
from datagen.ablation.results import Results, gather
from datagen.ablation.schedule import places, run_steps
from datagen.ablation.steps import Notify, Step, StepPlan, plan_evals, plan_trains, sources
from datagen.pipeline.stages import Progress


class Part(StrEnum):
    """The parts that can run alone, on any machine that has the folder."""

    DATA = "data"
    """The variants, and a new base model."""
    TRAIN = "train"
    """The trainings."""
    EVAL = "eval"
    """The evaluations, of base models too."""
    TABLE = "table"
    """The table and its page."""


def ablate(config_file: Path, out: Path, only: Part | None, progress: Progress, notify: Notify) -> Results | None:
    """The table's contents; None when `only` stops before it.

    Raises WavebenchError where the user has to fix something.
    """
    config, out = load_ablation(config_file), out.resolve()
    arms = make_arms(config, out, progress) if only in (None, Part.DATA) else read_arms(config, out)
    if only is Part.DATA:
        return None
    trains, at_once = plan_trains(config, arms, out), places(config.at_once)
    if only in (None, Part.TRAIN):
        run_steps([step for step in trains if not step.source], config_file, out, at_once, notify)
        run_steps(sources(trains), config_file, out, at_once, notify)
        run_steps([step for step in trains if step.source], config_file, out, at_once, notify)
    if only is Part.TRAIN:
        return None
    evals = plan_evals(config, arms, trains, out)
    if only in (None, Part.EVAL):
        run_steps(evals, config_file, out, at_once, notify)
    if only is Part.EVAL:
        return None
    results = gather(config, arms, StepPlan(trains, evals), out)
    write_pages(out, config, results)
    return results


def run_one(config_file: Path, out: Path, name: str, notify: Notify) -> None:
    """Runs the step whose folder has that name; its data must be there. Raises AblationError when there is none."""
    config, out = load_ablation(config_file), out.resolve()
    arms = read_arms(config, out)
    trains = plan_trains(config, arms, out)
    found: Step | None = next((step for step in (*trains, *sources(trains)) if step.folder(out).name == name), None)
    found = found or next((e for e in plan_evals(config, arms, trains, out) if e.folder(out).name == name), None)
    if found is None:
        raise AblationError(f"{str(config_file)!r} has no step {name!r}: its data or settings have changed since.")
    found.run(out, notify)
