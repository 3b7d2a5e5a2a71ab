"""Every number that a card or plot shows, gathered from the finished stages."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.config import DatagenConfig
from datagen.coreset.choose import coverage_radius
from datagen.coreset.selection import Vectors
from datagen.leakage.neighbours import score_table
from datagen.pipeline.select_rows import SelectedRows, SelectionRules
from datagen.pipeline.stages import Pipeline, StageName
from datagen.rows.content_store import read_facts
from datagen.rows.example import Fact, Opinion, TaskType

_CURVE_POINTS = 12
_TOKENS = "tokens: "
_MAP_POINTS = 4000
_MOST_FINDS = 60


@dataclass(slots=True)
class Figures:
    """What is shown. Tables are lists of rows of text or numbers."""

    name: str
    seed: int
    teacher: str
    funnel: list[tuple[str, int]]
    """Functions or rows left after each step."""
    drops: list[tuple[str, str, int]]
    """Step, reason, count."""
    blacklisted: list[tuple[str, int]]
    tasks: list[tuple[str, int, int, int, int]]
    """Task, wanted, judged, accepted by the discriminator, in the data set."""
    languages: list[tuple[str, int]]
    licences: list[tuple[str, int]]
    bug_types: list[tuple[str, int]]
    executions: list[tuple[str, int]]
    agreement: list[tuple[str, int, int, int]]
    """Opinion, rows proven, refuted, not judged."""
    agreement_rate: float | None
    """Of rows with an opinion and a fact, how often they agree."""
    shortfall: list[tuple[str, int]]
    calls: list[tuple[str, int]]
    tokens: list[tuple[str, int, int, str]]
    """Role and model, prompt tokens, completion tokens, cost."""
    core: Mapping[str, Any]
    radius_curve: list[tuple[int, float]]
    """Size of the core set, coverage radius before that pick (KCenterGreedy only)."""
    radius_random: float
    """Coverage radius of a random choice of the same size."""
    leaks: list[tuple[str, int]]
    leak_examples: list[tuple[str, str, str, int]]
    """Problem, check, evidence, rows; the first few."""
    leak_scores: list[tuple[str, str, str, str]]
    leak_missing: Mapping[str, str]
    leak_behaviour: Mapping[str, Any]
    problems: Mapping[str, Any]
    """Facts of the stage that makes problems."""
    problem_drops: list[tuple[str, int]]
    lengths: Mapping[str, list[int]]
    """Characters of input plus output, by task."""
    map_points: NDArray[np.float64] = field(repr=False)
    """(points, 3): two principal axes, and 1 where the function was picked."""


def gather(pipeline: Pipeline, rules: SelectionRules, selected: SelectedRows, name: str) -> Figures:
    """Reads the stages' facts and counts the rows."""
    config = pipeline.config
    pool = Counter((row.task, row.review.opinion, row.execution.fact) for row in pipeline.rows())
    counted = (StageName.COLLECT, StageName.RULES, StageName.DUPLICATES, StageName.SELECT, StageName.TEACH)
    collected, ruled, unique, core, taught = (read_facts(pipeline.folder(stage) / "facts.json") for stage in counted)
    report = read_facts(pipeline.folder(StageName.LEAKAGE) / "report.json")
    problems = read_facts(pipeline.folder(StageName.PROBLEMS) / "facts.json")
    vectors: Vectors = np.load(pipeline.folder(StageName.EMBED) / "vectors.npy", mmap_mode="r")
    picks: Any = np.load(pipeline.folder(StageName.SELECT) / "picks.npz")
    judged, accepted = Counter[TaskType](), Counter[TaskType]()
    for (task, opinion, _), rows in pool.items():
        judged[task] += rows
        accepted[task] += rows * (opinion is Opinion.GOOD)
    taken = Counter(row.task for row in selected.rows)
    leaks = {(f"{leak['check']}, {leak['benchmark']}", leak["example_id"]) for leak in report["leaks"]}
    return Figures(
        name=name,
        seed=config.seed,
        teacher=config.teacher.kind.value,
        funnel=[
            ("functions found", sum(collected["found"].values())),
            ("after the rules", ruled["kept"]),
            ("without duplicates", unique["kept"]),
            ("core set", core["size"]),
            ("rows written", pool.total()),
            ("rows accepted by the discriminator", accepted.total()),
            ("rows that could be taken", sum(selected.available.values())),
            ("rows in the data set", len(selected.rows)),
        ],
        drops=_list_drops(collected, ruled, unique, selected),
        blacklisted=_sort_falling(ruled["blacklisted"]),
        tasks=[
            (task.value, config.mixture.get(task, 0), judged[task], accepted[task], taken[task]) for task in TaskType
        ],
        languages=_sort_falling(Counter(row.language for row in selected.rows)),
        licences=_sort_falling(Counter(row.origin.licence or "not known" for row in selected.rows)),
        bug_types=_sort_falling(Counter(row.bug_type for row in selected.rows if row.bug_type)),
        executions=_sort_falling(Counter(row.execution.fact.value for row in selected.rows)),
        agreement=_count_agreement(pool),
        agreement_rate=_measure_agreement(pool),
        shortfall=[(task.value, count) for task, count in selected.shortfall(rules.mixture).items()],
        calls=_sort_falling({name: count for name, count in taught.items() if not name.startswith(_TOKENS)}),
        tokens=_list_tokens(config, taught),
        core=core,
        radius_curve=_radius_curve(picks["distances"]),
        radius_random=_radius_of_random(vectors, config.seed, core["size"]),
        leaks=sorted(Counter(check for check, _ in leaks).items()),
        leak_examples=_list_leaks(report),
        leak_scores=score_table(name, config.embed.encoder, list(report["scores"].items())),
        leak_missing=report["missing"],
        leak_behaviour=report["behaviour"],
        problems=problems,
        problem_drops=[(reason, count) for reason, count in _sort_falling(problems["dropped"]) if count],
        lengths={
            task.value: [len(row.input) + len(row.output) for row in selected.rows if row.task is task]
            for task in taken
        },
        map_points=_map_points(vectors, picks["picks"]),
    )


def _sort_falling(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _list_drops(
    collected: Mapping[str, Any], ruled: Mapping[str, Any], unique: Mapping[str, Any], selected: SelectedRows
) -> list[tuple[str, str, int]]:
    steps = (
        ("collect", collected["skipped"]),
        ("rules", ruled["dropped"]),
        ("duplicates", unique["dropped"]),
        ("selection", selected.dropped),
    )
    return [(step, reason, count) for step, counts in steps for reason, count in _sort_falling(counts) if count]


_Pool = Mapping[tuple[TaskType, Opinion, Fact], int]
"""How many rows of the pool have that task, verdict and execution."""


def _count_agreement(pool: _Pool) -> list[tuple[str, int, int, int]]:
    counts = Counter[tuple[Opinion, Fact]]()
    for (_, opinion, fact), rows in pool.items():
        counts[opinion, fact] += rows
    return [
        (each.value, counts[each, Fact.PROVEN], counts[each, Fact.REFUTED], counts[each, Fact.NOT_JUDGED])
        for each in Opinion
    ]


def _measure_agreement(pool: _Pool) -> float | None:
    both = {
        (opinion is Opinion.GOOD, fact is Fact.PROVEN): 0
        for _, opinion, fact in pool
        if opinion is not Opinion.UNPARSEABLE and fact in (Fact.PROVEN, Fact.REFUTED)
    }
    for (_, opinion, fact), rows in pool.items():
        if opinion is not Opinion.UNPARSEABLE and fact in (Fact.PROVEN, Fact.REFUTED):
            both[opinion is Opinion.GOOD, fact is Fact.PROVEN] += rows
    alike = sum(rows for (good, proven), rows in both.items() if good == proven)
    return alike / sum(both.values()) if both else None


def _list_tokens(config: DatagenConfig, taught: Mapping[str, int]) -> list[tuple[str, int, int, str]]:
    teacher = config.teacher
    rows: list[tuple[str, int, int, str]] = []
    for name, role in (("generator", teacher.generator), ("discriminator", teacher.discriminator)):
        prompt, completion = (taught.get(f"{_TOKENS}{name} {kind}", 0) for kind in ("prompt", "completion"))
        if prompt or completion:
            model = role.model or teacher.generator.model
            cost = f"{(prompt * role.price_prompt + completion * role.price_completion) / 1e6:.2f}"
            has_price = role.price_prompt or role.price_completion
            rows.append((f"{name} {model}", prompt, completion, cost if has_price else "no price given"))
    return rows


def _radius_curve(distances: NDArray[np.float64]) -> list[tuple[int, float]]:
    usable = np.flatnonzero(np.isfinite(distances))
    if len(usable) < 2:
        return []
    places = np.geomspace(max(int(usable[0]), 1), int(usable[-1]), _CURVE_POINTS).tolist()
    return [(place, float(distances[place])) for place in sorted({round(place) for place in places})]


def _radius_of_random(vectors: Vectors, seed: int, size: int) -> float:
    """What as many functions cover that are drawn at random."""
    return coverage_radius(vectors, np.random.default_rng([seed, 1]).permutation(len(vectors))[:size])


def _list_leaks(report: Mapping[str, Any]) -> list[tuple[str, str, str, int]]:
    """Different finds, and how many rows each stands for."""
    return [
        (*find, rows)
        for find, rows in sorted(
            Counter((leak["task_id"], leak["check"], leak["evidence"]) for leak in report["leaks"]).items()
        )
    ][:_MOST_FINDS]


def _map_points(vectors: Vectors, picks: NDArray[np.int64]) -> NDArray[np.float64]:
    """The two principal axes, of a fixed stride of the points so that large sets stay quick to draw."""
    stride = max(1, len(vectors) // _MAP_POINTS)
    kept = vectors[::stride].astype(np.float64)
    centred = kept - kept.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    picked = np.zeros(len(vectors))
    picked[picks] = 1
    flat = centred @ axes[:, -1:-3:-1] if axes.shape[1] > 1 else np.zeros((len(kept), 2))
    return np.column_stack([flat, picked[::stride]])
