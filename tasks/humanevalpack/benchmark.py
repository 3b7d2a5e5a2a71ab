"""HumanEvalPack's tasks as data: humanevalpack-SCENARIO-LANGUAGE and humanevalpack-translate-SOURCE-TARGET."""

from collections.abc import Mapping
from functools import partial
from itertools import permutations
from pathlib import Path

from tasks import families
from tasks.benchmark import AnyTask, Benchmark
from tasks.humanevalpack import notes
from tasks.humanevalpack.dataset import HUMANEVALPACK, ID_PREFIXES, LANGUAGES, STYLES, VERSION
from tasks.humanevalpack.scenario import SCENARIOS, Scenario


def _load(
    scenario: Scenario,
    code: str,
    source: str,
    style: str | None,
    data_dir: Path | None,
    split: str | None,  # noqa: ARG001 (the only one is checked by its name)
    data_file: Path | None,
) -> AnyTask:
    from tasks.humanevalpack.task import load_humanevalpack

    return load_humanevalpack(scenario.name, code, style, data_dir, data_file, source)


def _unsound_translations(code: str, source: str) -> Mapping[str, str]:
    """As `Benchmark.unsound`: known by the ids alone, which differ in the language's name."""
    known = notes.unsound()
    found = dict(known)
    for task_id, why in known.items():
        prefix, _, number = task_id.partition("/")
        if prefix == ID_PREFIXES[source]:
            target = f"{ID_PREFIXES[code]}/{number}"
            found[target] = f"{known[target]} " if target in known else ""
            found[target] += f"Its source is {task_id}: {why}"
    return found


BENCHMARKS = tuple(
    Benchmark(
        name=f"humanevalpack-{scenario.name}-{code}",
        load=partial(_load, scenario, code, ""),
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
    if scenario.name != "translate"
    for code in LANGUAGES
)
TRANSLATIONS = tuple(
    Benchmark(
        name=f"humanevalpack-translate-{source}-{code}",
        load=partial(_load, SCENARIOS["translate"], code, source),
        version=VERSION,
        dataset=HUMANEVALPACK[code],
        family=families.HUMANEVAL,
        group=f"humanevalpack-translate-to-{code}",
        styles=STYLES,
        turns=SCENARIOS["translate"].turn_names,
        splits=("test",),
        shows_bug=False,
        unsound=partial(_unsound_translations, code, source),
    )
    for code, source in permutations(LANGUAGES, 2)
)
