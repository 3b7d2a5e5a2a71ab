"""MBPP's rows, splits and tasks, as data."""

from functools import partial
from pathlib import Path

from tasks import families
from tasks.benchmark import AnyTask, Benchmark
from tasks.data.dataset import DataSet
from tasks.mbpp import notes
from tasks.mbpp.dataset import MBPP, MBPP_SANITIZED, SPLITS, VERSION


def _load(
    dataset: DataSet, style: str | None, data_dir: Path | None, split: str | None, data_file: Path | None
) -> AnyTask:
    from tasks.mbpp.task import load_mbpp

    return load_mbpp(dataset, style, data_dir, split, data_file)


def _benchmark(dataset: DataSet, published: tuple[str, str] | None) -> Benchmark:
    return Benchmark(
        name=dataset.name,
        load=partial(_load, dataset),
        version=VERSION,
        dataset=dataset,
        family=families.MBPP,
        styles="mbpp",
        splits=tuple(SPLITS),
        published=published,
        solution="code",
        unsound=notes.unsound,
    )


BENCHMARKS = (_benchmark(MBPP, ("mbpp", "python")), _benchmark(MBPP_SANITIZED, None))
