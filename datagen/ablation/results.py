"""From finished steps to the lines of the table: scores, paired differences to the reference, and what they cost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from datagen.ablation.arms import Arms
from datagen.ablation.config import AblationConfig, AblationError
from datagen.ablation.steps import TIME_FILE, EvalStep, StepPlan, TrainStep, sources
from datagen.finetune.output.folder import read_training
from datagen.finetune.output.result import Training
from datagen.rows.content_store import read_facts
from harness.runs.manifest import read_manifest
from harness.runs.run_folder import RunFolder
from harness.runs.verdict_log import read_summaries
from harness.statistics.clusters import cluster_of
from harness.statistics.intervals import Interval, score_interval
from harness.statistics.multiplicity import holm
from harness.statistics.paired import PairedDifference, Tally, paired_difference
from tasks.verdict import Verdict

BASE = "(base model)"
LEVEL = 0.05
Problems = Mapping[tuple[str, str], Tally]
"""Judged and passed samples by task and problem, over all seeds."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One line's score in one column."""

    score: Interval
    """pass@1."""
    spread: tuple[float, float]
    """Lowest and highest score of a seed."""
    paired: PairedDifference | None
    """Minus the reference, on the same problems; None for the reference itself."""
    adjusted_p: float = 1.0
    """After Holm over every difference of the table."""

    @property
    def differs(self) -> bool:
        return self.paired is not None and self.adjusted_p < LEVEL


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """What a line took, over all its seeds."""

    tokens: int
    train_seconds: float
    tokens_per_second: float
    evaluate_seconds: float
    money: float

    @property
    def seconds(self) -> float:
        return self.train_seconds + self.evaluate_seconds


@dataclass(frozen=True, slots=True)
class ComparisonLink:
    """One seed's way from data over weights to scores."""

    seed: int | None
    data_sha256: str
    data_fingerprint: str
    base_sha256: str
    train_folder: str
    weights: str
    """As every run folder's manifest names them."""
    runs: Mapping[str, str]
    """Run folder by task."""


@dataclass(frozen=True, slots=True)
class AblationRow:
    """One variant under one recipe on one base model."""

    base: str
    recipe: str
    variant: str
    rows: int
    """Trained on."""
    held_out_loss: float | None
    """On rows of the reference that no variant trains on; mean over seeds."""
    cells: tuple[Cell, ...]
    cost: TrainingCost
    links: tuple[ComparisonLink, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The whole table."""

    name: str
    reference: str
    columns: tuple[str, ...]
    lines: tuple[AblationRow, ...]
    seeds: tuple[int, ...]


def gather(config: AblationConfig, arms: Arms, plan: StepPlan, out: Path) -> Results:
    """Reads every finished step. Raises AblationError when one is missing."""
    wanted = (*plan.trains, *sources(plan.trains), *plan.evals)
    if open_steps := [step for step in wanted if not step.folder(out).exists()]:
        raise AblationError(f"{len(open_steps)} steps are missing, the first is: {open_steps[0].label}.")
    lines: list[AblationRow] = []
    for base in config.bases:
        trainings = {step: read_training(step.folder(out)) for step in plan.trains if step.base == base}
        before = next((each.loss_before for each in trainings.values()), None)
        untrained = [each for each in plan.evals if each.trained is None and each.base == base]
        lines.append(_line(config, arms, out, base, None, (), before, untrained))
        for name in config.recipes:
            for variant in config.variants:
                mine = {s: t for s, t in trainings.items() if s.recipe == name and s.variant == variant.name}
                if mine:
                    evals = [each for each in plan.evals if each.trained in mine]
                    lines.append(_line(config, arms, out, base, variant.name, tuple(mine.items()), None, evals))
    tasks = [str(each["task"]) for each in config.evaluations]
    # The style tells two columns of one task apart; alone, a task needs none.
    columns = tuple(
        f"{task} {each.get('style', '')}".strip() if tasks.count(task) > 1 else task
        for task, each in zip(tasks, config.evaluations, strict=True)
    )
    return Results(config.name, config.reference, columns, _compare(config, lines, plan, out), config.seeds)


def _line(
    config: AblationConfig,
    arms: Arms,
    out: Path,
    base: str,
    variant: str | None,
    trainings: Sequence[tuple[TrainStep, Training]],
    loss: float | None,
    evals: Sequence[EvalStep],
) -> AblationRow:
    """A line without its differences."""
    losses = [training.loss_after for _, training in trainings if training.loss_after is not None]
    cells: list[Cell] = []
    for column in range(len(config.evaluations)):
        own = [each for each in evals if each.column == column]
        by_seed: dict[int | None, list[EvalStep]] = {}
        for each in own:
            by_seed.setdefault(each.trained.seed if each.trained else None, []).append(each)
        scores = [_score(_problems(steps, out)).value for steps in by_seed.values()]
        cells.append(Cell(_score(_problems(own, out)), (min(scores), max(scores)), None))
    speeds = [training.throughput.tokens_per_second for _, training in trainings]
    steps = [step for step, _ in trainings]
    train_seconds = sum(_seconds(step.folder(out)) for step in (*steps, *sources(steps)))
    evaluate_seconds = sum(_seconds(step.folder(out)) for step in evals)
    cost = TrainingCost(
        tokens=sum(training.throughput.tokens for _, training in trainings),
        train_seconds=train_seconds,
        tokens_per_second=fmean(speeds) if speeds else 0.0,
        evaluate_seconds=evaluate_seconds,
        money=(train_seconds + evaluate_seconds) / 3600 * config.price_per_hour,
    )
    return AblationRow(
        base=base,
        recipe=trainings[0][0].recipe if trainings else "",
        variant=variant or BASE,
        rows=trainings[0][1].rows if trainings else 0,
        held_out_loss=fmean(losses) if losses else loss,
        cells=tuple(cells),
        cost=cost,
        links=tuple(_links(arms, out, base, trainings, evals)),
    )


def _problems(evals: Iterable[EvalStep], out: Path) -> Problems:
    judged: Counter[tuple[str, str]] = Counter()
    passed: Counter[tuple[str, str]] = Counter()
    for step in evals:
        for mark in read_summaries(step.folder(out) / "verdicts.jsonl").values():
            key = (step.config.task, mark.task_id)
            judged[key] += mark.verdict is not Verdict.NOT_JUDGED
            passed[key] += mark.verdict is Verdict.PASSED
    return {key: Tally(count, passed[key]) for key, count in sorted(judged.items()) if count}


def _score(problems: Problems) -> Interval:
    tallies = list(problems.values())
    return score_interval([t.passed for t in tallies], [t.samples for t in tallies], clusters=_clusters(problems))


def _clusters(problems: Iterable[tuple[str, str]]) -> list[str]:
    return [cluster_of(task, task_id) for task, task_id in problems]


def _compare(
    config: AblationConfig, lines: Sequence[AblationRow], plan: StepPlan, out: Path
) -> tuple[AblationRow, ...]:
    """The lines with their differences to the reference of the same base and recipe."""
    found: dict[tuple[int, int], PairedDifference] = {}
    for number, line in enumerate(lines):
        if line.variant == config.reference:
            continue
        for column in range(len(config.evaluations)):
            # The reference under the same recipe where there is one: a variant may have a recipe of its own.
            same = [each for each in lines if each.base == line.base and each.variant == config.reference]
            reference = next((each for each in same if each.recipe == line.recipe), same[0])
            first, second = (_problems(_evals_of(plan, each, column), out) for each in (reference, line))
            common = [key for key in first if key in second]
            found[number, column] = paired_difference(
                [first[key] for key in common], [second[key] for key in common], clusters=_clusters(common)
            )
    adjusted = dict(zip(found, holm([each.p_value for each in found.values()]), strict=True))
    return tuple(
        replace(
            line,
            cells=tuple(
                replace(cell, paired=found.get((number, column)), adjusted_p=adjusted.get((number, column), 1.0))
                for column, cell in enumerate(line.cells)
            ),
        )
        for number, line in enumerate(lines)
    )


def _evals_of(plan: StepPlan, line: AblationRow, column: int) -> list[EvalStep]:
    def belongs(step: EvalStep) -> bool:
        if step.base != line.base or step.column != column:
            return False
        if step.trained is None:
            return line.variant == BASE
        return (step.trained.variant, step.trained.recipe) == (line.variant, line.recipe)

    return [step for step in plan.evals if belongs(step)]


def _seconds(folder: Path) -> float:
    return float(read_facts(folder / TIME_FILE)["seconds"])


def _links(
    arms: Arms,
    out: Path,
    base: str,
    trainings: Sequence[tuple[TrainStep, Training]],
    evals: Sequence[EvalStep],
) -> Iterable[ComparisonLink]:
    for step in [step for step, _ in trainings] or [None]:
        runs = {e.config.task: e.folder(out) for e in evals if e.trained == step}
        manifests = [RunFolder(folder, writable=False).manifest() for folder in runs.values()]
        # Rows that a model's own answers gave are known to the training's manifest alone.
        trained = read_manifest(step.folder(out) / "manifest.json") if step else {}
        data, base_model = trained.get("data", {}), trained.get("base", {"sha256": arms.bases[base].sha256})
        weights = {str(manifest.get("model", {}).get("weights", "")) for manifest in manifests}
        yield ComparisonLink(
            seed=step.seed if step else None,
            data_sha256=str(data.get("sha256", "")),
            data_fingerprint=str(data.get("fingerprint", "")),
            base_sha256=str(base_model["sha256"]),
            train_folder=str(step.folder(out).relative_to(out)) if step else "",
            weights=", ".join(sorted(weights)),
            runs={task: str(folder.relative_to(out)) for task, folder in runs.items()},
        )
