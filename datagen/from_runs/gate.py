"""Keeps benchmarks out of training rows: whole runs, and problems that copy a benchmark's."""

from collections.abc import Sequence
from contextlib import nullcontext

from datagen.config import LeakageConfig
from datagen.from_runs.samples import JudgedSample, SourceRun
from datagen.leakage.benchmark import load_benchmarks
from datagen.leakage.check import LeakReport, check_leakage
from datagen.rows.example import Example, TaskType
from datagen.rows.raw_function import Origin
from sandbox.errors import WavebenchError
from sandbox.sandbox import Sandbox


class BenchmarkRowsError(WavebenchError):
    """Rows would be made of the problems that models are scored on."""


def refuse_benchmarks(runs: Sequence[SourceRun]) -> None:
    """Raises BenchmarkRowsError where a run is of a benchmark's own problems."""
    for run in runs:
        if run.is_benchmark:
            raise BenchmarkRowsError(
                f"{run.name!r} is a run of {run.task!r}, and a model that is trained on it cannot be scored on it: "
                f"make runs of your own problems (--data FILE) or of a split for training, or say --allow-benchmark."
            )


def find_leaks(samples: Sequence[JudgedSample], config: LeakageConfig, sandbox: Sandbox) -> LeakReport:
    """Compares the samples with the benchmarks by text, shared tokens and behaviour; see `datagen.leakage`.

    `Leak.example_id` is that of `as_example`.
    """
    rows = {example.example_id: example for example in map(as_example, samples)}
    return check_leakage(list(rows.values()), load_benchmarks(config), config, None, lambda: nullcontext(sandbox))


def as_example(sample: JudgedSample) -> Example:
    """The sample as a row that the leakage checks know."""
    return Example(
        task=TaskType.GENERATION,
        instruction="\n".join(message["content"] for message in sample.prompt),
        input="",
        output=sample.code,
        language=sample.language,
        function_id="/".join(sample.problem),
        function_name="",
        origin=Origin(sample.run.name, sample.task_id),
        teacher=sample.run.model,
        wording="",
        core_rank=0,
    )
