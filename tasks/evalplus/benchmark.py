"""The tasks of HumanEval+ and MBPP+, as data: TASK under the sound oracle, TASK@ORACLE under one of EvalPlus' own."""

from functools import partial
from pathlib import Path

from tasks.benchmark import AnyTask, Benchmark
from tasks.evalplus.dataset import PLUS_DATA, VERSION, PlusData
from tasks.evalplus.oracle import ORACLES
from tasks.evalplus.oracle_0_2_1 import NAME as EARLY


def _load(
    data: PlusData,
    oracle: str,
    style: str | None,
    data_dir: Path | None,
    split: str | None,  # noqa: ARG001 (the only one is checked by its name)
    data_file: Path | None,
) -> AnyTask:
    from tasks.evalplus.task import load_plus

    return load_plus(data, _name(data, oracle), oracle, style, data_dir, data_file)


def _name(data: PlusData, oracle: str) -> str:
    return data.dataset.name if oracle == "sound" else f"{data.dataset.name}@{oracle}"


BENCHMARKS = tuple(
    Benchmark(
        name=_name(data, oracle),
        load=partial(_load, data, oracle),
        version=VERSION,
        dataset=data.dataset,
        family=data.family,
        listed_under=data.dataset.name,
        styles=data.styles,
        splits=("test",),
        unsound=partial(data.unsound, oracle),
        # the scores that others print are those of one of EvalPlus' own oracles
        published=(data.dataset.name, "python") if oracle != "sound" else None,
    )
    for data in PLUS_DATA
    for oracle in (*ORACLES, EARLY)
)
