"""Builds the site; the samples of each run by a process of their own, one block of problems in memory at a time."""

import shutil
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

from harness.files.atomic_write import open_whole_folder
from harness.files.progress import progress_bar
from harness.pages.frame import LOOK_FILES, look_file
from harness.processes import map_in_order
from leaderboards.runs.leaderboard import Leaderboard, runs_of
from leaderboards.runs.model_cards import ModelCard
from leaderboards.site.names import prompts_slug, run_slug
from leaderboards.site.pages import Site, write_pages
from leaderboards.site.prompts import write_prompts
from leaderboards.site.samples import SampleOrder, write_samples
from sandbox.errors import WavebenchError

EXTRACTED_SAMPLES = 200_000
"""For how many samples of a site the code is taken out of the answer; about two minutes of one core."""
SHOWN_PROGRAMS = 50_000
"""For how many the program is put together again with its tests, which takes up to a millisecond each."""
_WORTH_PROCESSES_BYTES = 20_000_000
"""Of answers: below that a process of its own takes longer to start than to write its samples."""
MARKER = ".wavebench-site"
"""Marks a folder as a site, which may be rebuilt."""


class SiteError(WavebenchError):
    """The site cannot be written where it was asked for."""


def build_site(
    board: Leaderboard,
    out: Path,
    *,
    title: str,
    published: bool = True,
    workers: int | None = None,
    cards: Mapping[str, ModelCard] | None = None,
    contact: str = "",
) -> int:
    """Writes the whole site into `out`, which must be empty or an earlier site; returns the number of pages.

    `cards` are what the user says of models, `contact` is where results can be submitted.
    """
    if out.exists() and not (out / MARKER).exists() and any(out.iterdir()):
        raise SiteError(f"{str(out)!r} holds other files: choose a new or an empty folder as --out.")
    with open_whole_folder(out) as draft:
        (draft / MARKER).write_text("Built by wavebench; every build replaces the whole folder.\n")
        with as_file(files("leaderboards.site") / "static") as static:
            shutil.copytree(static, draft / "static")
        for name in LOOK_FILES:
            (draft / "static" / name).write_text(look_file(name), encoding="utf-8")
        runs = runs_of(board)
        # Runs with the same wording share their prompts.
        by_slug = {prompts_slug(run): run for run in runs}
        with_prompts = frozenset(slug for slug, run in by_slug.items() if write_prompts(run, draft))
        # Extraction takes most of the time, so on a very large site only some samples of each problem show their code.
        rows = [row for entry in board.entries for row in entry.rows.values()]
        problems = sum(len(row.tallies) * len(row.runs) for row in rows)
        samples = sum(row.n_samples for row in rows)
        extracted = samples if samples <= EXTRACTED_SAMPLES else max(1, EXTRACTED_SAMPLES // problems)
        programs = samples if samples <= SHOWN_PROGRAMS else SHOWN_PROGRAMS // problems
        orders = [SampleOrder(run.path, draft, run_slug(run), extracted, programs) for run in runs]
        strips: dict[str, Mapping[str, str]] = {}
        answers = [run.path / "completions.jsonl" for run in runs]
        worth = sum(each.stat().st_size for each in answers if each.exists()) >= _WORTH_PROCESSES_BYTES
        with progress_bar("Writing samples", len(orders)) as advance:
            written = map_in_order(write_samples, orders, workers if worth else 1, worth_blocks=2)
            for order, found in zip(orders, written, strict=True):
                strips[order.name] = found
                advance()
        return write_pages(Site(board, draft, title, strips, with_prompts, published, cards or {}, contact))
