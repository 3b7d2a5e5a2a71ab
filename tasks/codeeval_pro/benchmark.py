"""HumanEval-Pro and MBPP-Pro as data."""

from functools import partial
from pathlib import Path

from tasks import families
from tasks.benchmark import AnyTask, Benchmark
from tasks.codeeval_pro.dataset import HUMANEVAL_PRO, MBPP_PRO, VERSION
from tasks.data.dataset import DataSet


def _load(
    dataset: DataSet,
    style: str | None,
    data_dir: Path | None,
    split: str | None,  # noqa: ARG001 (the only one is checked by its name)
    data_file: Path | None,
) -> AnyTask:
    from tasks.codeeval_pro.task import load_pro

    return load_pro(dataset, style, data_dir, data_file)


BENCHMARKS = tuple(
    Benchmark(
        name=dataset.name,
        load=partial(_load, dataset),
        version=VERSION,
        dataset=dataset,
        family=families.HUMANEVAL if dataset is HUMANEVAL_PRO else None,
        styles="codeeval-pro",
        splits=("test",),
        published=(dataset.name, "python"),
        solution="new_solution",
    )
    for dataset in (HUMANEVAL_PRO, MBPP_PRO)
)
