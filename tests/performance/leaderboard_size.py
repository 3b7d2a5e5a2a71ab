"""How long a large site takes, how much memory, and how large its first page is.

    python tests/performance/leaderboard_size.py [--models 60] [--tasks 8] [--samples 20]

Writes made-up runs over HumanEval's problems into a temporary folder; a made-up task version tells the columns apart.
"""

import argparse
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from leaderboards.runs.leaderboard import make_leaderboard
from leaderboards.runs.record import find_runs, read_record
from leaderboards.site.build import build_site
from tests.leaderboards.made_runs import MadeRun, write_run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=60)
    parser.add_argument("--tasks", type=int, default=8)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="keep runs and site here")
    asked = parser.parse_args()
    place = asked.keep or Path(tempfile.mkdtemp(prefix="wavebench-size-"))
    try:
        if not (place / "runs").exists():
            make_runs(place / "runs", asked.models, asked.tasks, asked.samples)
        measure(place, asked.workers)
    finally:
        if asked.keep is None:
            shutil.rmtree(place)


def make_runs(folder: Path, models: int, tasks: int, samples: int) -> None:
    for model in range(models):
        for task in range(tasks):
            made = MadeRun(
                f"hf:org/coder-{model:02}-{1 + model % 40}b",
                samples=samples,
                temperature=0.8,
                skill=0.2 + 0.6 * model / models,
                seed=task,
                identity={"version": f"1.{task}"},
            )
            write_run(folder / f"model-{model}" / f"task-{task}", made)


def measure(place: Path, workers: int) -> None:
    begin = time.perf_counter()
    folders = find_runs([place / "runs"])
    board = make_leaderboard([read_record(folder) for folder in folders])
    ranked = time.perf_counter()
    print(f"read, folded and ranked {len(folders)} runs: {ranked - begin:.1f} s, {used_up()}")
    pages = build_site(board, place / "site", title="Size", workers=workers)
    samples = sum(row.n_samples for entry in board.entries for row in entry.rows.values())
    index_kb = (place / "site" / "index.html").stat().st_size / 1000
    print(f"built {pages} pages over {samples} samples: {time.perf_counter() - ranked:.1f} s, {used_up()}")
    print(f"together {time.perf_counter() - begin:.1f} s; index page {index_kb:.0f} kB")


def used_up() -> str:
    """CPU seconds, which a busy machine does not stretch, and memory peaks."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_seconds = sum(each.ru_utime + each.ru_stime for each in used)
    own, workers = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"{cpu_seconds:.0f} CPU seconds so far, {own:.0f} MB here, {workers:.0f} MB in the largest worker"


if __name__ == "__main__":
    main()
