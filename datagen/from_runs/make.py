"""From run folders to a folder of training rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from datagen.config import LeakageConfig
from datagen.execution.run_programs import open_cached_sandbox
from datagen.from_runs.forms import write_forms
from datagen.from_runs.gate import as_example, find_leaks, refuse_benchmarks
from datagen.from_runs.samples import SourceRun, read_samples
from datagen.from_runs.select import select
from harness.files.atomic_write import OutputPathError, open_whole_folder, write_whole

_REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class FromRuns:
    """What was made, and what was left out."""

    folder: Path
    runs: tuple[SourceRun, ...]
    samples: int
    problems: int
    answers: int
    pairs: int
    labelled: int
    dropped: Mapping[str, int]
    leaks: Mapping[str, int]
    """Samples that were left out because they leak, by the check that found them."""
    not_checked: Mapping[str, str]
    """Benchmarks that the rows could not be compared with, and why."""


def rows_from_runs(
    folders: Sequence[Path],
    out: Path,
    *,
    data: str = "",
    per_problem: int = 4,
    unconfirmed: bool = False,
    allow_benchmark: bool = False,
    leakage: LeakageConfig | None = None,
) -> FromRuns:
    """Writes trl/, llamafactory/, axolotl/, verl/, pass_rates.jsonl and report.json into `out`.

    `allow_benchmark` makes rows of benchmarks, too, and compares none with them. Raises WavebenchError.
    """
    if out.exists() and not (out / _REPORT).is_file():
        raise OutputPathError(f"{str(out)!r} is there already, and holds no rows of runs: name another folder.")
    samples = [sample for folder in folders for sample in read_samples(folder, data)]
    runs = tuple(dict.fromkeys(sample.run for sample in samples))
    leaking: set[str] = set()
    leaks: dict[str, int] = {}
    not_checked: dict[str, str] = {}
    if not allow_benchmark:
        refuse_benchmarks(runs)
        with open_cached_sandbox() as sandbox:
            report = find_leaks(samples, leakage or LeakageConfig(), sandbox)
        leaking = {leak.example_id for leak in report.leaks}
        leaks, not_checked = dict(report.rows_by_check()), report.missing
    # One leaking answer shows that its problem is a benchmark's: none of its answers is kept.
    tainted = {sample.problem for sample in samples if leaking and as_example(sample).example_id in leaking}
    kept = [sample for sample in samples if sample.problem not in tainted]
    selection = select(kept, per_problem, unconfirmed=unconfirmed)
    dropped = dict(selection.dropped)
    if len(kept) < len(samples):
        dropped["its problem resembles a benchmark's"] = len(samples) - len(kept)
    made = FromRuns(
        folder=out,
        runs=runs,
        samples=len(samples),
        problems=len(selection.rates),
        answers=len(selection.answers),
        pairs=len(selection.pairs),
        labelled=len(selection.labelled),
        dropped=dropped,
        leaks=leaks,
        not_checked=not_checked,
    )
    with open_whole_folder(out) as draft:
        write_forms(selection, draft)
        rates = (
            {"task": rate.problem[0], "data": rate.problem[1], "task_id": rate.problem[2]}
            | {"samples": rate.samples, "passed": rate.passed, "pass_rate": round(rate.rate, 6)}
            for rate in sorted(selection.rates.values(), key=lambda rate: (rate.rate, rate.problem))
        )
        write_whole(draft / "pass_rates.jsonl", (json.dumps(row) + "\n" for row in rates))
        write_whole(draft / _REPORT, json.dumps(asdict(made), indent=1, default=str) + "\n")
    return made
