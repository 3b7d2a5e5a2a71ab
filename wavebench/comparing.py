"""Two run folders, problem by problem."""

from collections.abc import Sequence
from pathlib import Path

from leaderboards.compare.comparison import Comparison
from leaderboards.compare.comparison import compare_runs as compare_records
from leaderboards.compare.pairing import pair_runs
from leaderboards.runs.problems import traits_of
from leaderboards.runs.settings import IncomparableError, refuse_mismatches


def compare_runs(a: str | Path, b: str | Path, k: int = 1, *, allow_different: Sequence[str] = ()) -> Comparison:
    """The paired difference of two runs of one task, `b` against `a`, over the problems that both have.

    a, b: run folders.
    k: compares pass@k; every common problem needs at least k judged samples in both runs.
    allow_different: settings that may differ, such as ["style", "sampling"]; they are marked in `mismatches`.

    `paired.difference` is in shares of 1 (0.05 is five points) with its 95 % interval, `paired.p_value` its two-sided
    test; `won` and `lost` name the problems. Raises WavebenchError where a folder is no run, or the runs cannot be
    compared: other tasks, data, styles or sampling.
    """
    pairs = pair_runs([Path(a).expanduser(), Path(b).expanduser()])
    if len(pairs) != 1:
        tasks = ", ".join(first.task.name for first, _ in pairs)
        raise IncomparableError(f"{str(a)!r} and {str(b)!r} hold runs of {tasks}: name the folders of one task.")
    ((first, second),) = pairs
    mismatches = refuse_mismatches(first, second, allow_different)
    return compare_records(first, second, k, traits=traits_of(second), mismatches=mismatches)
