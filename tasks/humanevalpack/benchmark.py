"""HumanEvalPack's rows and its tasks, humanevalpack-SCENARIO-LANGUAGE, as data."""

from functools import partial
from pathlib import Path

from tasks import families
from tasks.benchmark import AnyTask, Benchmark
from tasks.humanevalpack import notes
from tasks.humanevalpack.dataset import HUMANEVALPACK, LANGUAGES, STYLES, VERSION
from tasks.humanevalpack.scenario import SCENARIOS, Scenario


def _load(
    scenario: Scenario,
    code: str,
    style: str | None,
    data_dir: Path | None,
    split: str | None,  # noqa: ARG001 (the only one is checked by its name)
    data_file: Path | None,
) -> AnyTask:
    from tasks.humanevalpack.task import load_humanevalpack

    return load_humanevalpack(scenario.name, code, style, data_dir, data_file)


BENCHMARKS = tuple(
    Benchmark(
        name=f"humanevalpack-{scenario.name}-{code}",
        load=partial(_load, scenario, code),
        version=VERSION,
        dataset=HUMANEVALPACK[code],
        family=families.HUMANEVAL,
        group=f"humanevalpack-{scenario.name}",
        styles=STYLES,
        turns=scenario.turn_names,
        splits=("test",),
        published=(f"humaneval{scenario.name}", code) if scenario.published else None,
        shows_bug=scenario.shows_bug,
        unsound=notes.unsound,
    )
    for scenario in SCENARIOS.values()
    for code in LANGUAGES
)
