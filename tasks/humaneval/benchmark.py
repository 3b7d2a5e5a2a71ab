"""HumanEval's rows and its task, as data."""

from pathlib import Path

from tasks import families
from tasks.benchmark import AnyTask, Benchmark
from tasks.humaneval.dataset import HUMANEVAL, VERSION


def _load(style: str | None, data_dir: Path | None, split: str | None, data_file: Path | None) -> AnyTask:  # noqa: ARG001
    from tasks.humaneval.task import load_humaneval

    return load_humaneval(style, data_dir, data_file)


BENCHMARKS = (
    Benchmark(
        name="humaneval",
        load=_load,
        version=VERSION,
        dataset=HUMANEVAL,
        family=families.HUMANEVAL,
        styles="humaneval",
        splits=("test",),
        published=("humaneval", "python"),
    ),
)
