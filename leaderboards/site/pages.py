"""The pages: index, models, problems, comparison. Facts are arranged here; templates only place them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from harness.pages.frame import LETTERS, page_environment
from harness.statistics.clusters import cluster_of
from leaderboards.export.published import PublishedScore, published_scores, same_benchmark
from leaderboards.export.siblings import Sibling, siblings
from leaderboards.export.tables import TableFormat, rank_text, table, unsound_in
from leaderboards.runs.items import ProblemStatistics, items
from leaderboards.runs.leaderboard import Leaderboard, LeaderboardColumn, LeaderboardEntry
from leaderboards.runs.model_cards import ModelCard, card_of
from leaderboards.runs.names import slug
from leaderboards.runs.problems import by_number
from leaderboards.runs.trainings import without_earlier_checkpoints
from leaderboards.site.breakdowns import breakdowns, heat_maps, tasks_by_language
from leaderboards.site.columns import fact_columns
from leaderboards.site.data_file import encode, write_data
from leaderboards.site.learning import learning_curves
from leaderboards.site.names import column_slug, prompts_slug, run_slug
from leaderboards.site.plots import plots
from leaderboards.site.samples import WAITING
from leaderboards.site.table_files import entry_rows, problem_rows, published_rows, write_table
from tasks.verdict import Verdict

_INDENT = re.compile(r"\n\s+")
"""A tenth of a large table is indentation."""
Strips = Mapping[str, Mapping[str, str]]
"""Verdict letters by run and task id."""


@dataclass(frozen=True, slots=True)
class Site:
    """All that pages are made of."""

    board: Leaderboard
    out: Path
    title: str
    strips: Strips
    prompts: frozenset[str]
    """Wordings whose prompts are at hand."""
    published: bool
    cards: Mapping[str, ModelCard] = field(default_factory=dict[str, ModelCard])
    """What the user says of models, by name."""
    contact: str = ""
    """Where results can be submitted, in the user's words or as an address."""


def write_pages(site: Site) -> int:
    """Writes every page and the data files of entries; returns how many pages there are."""
    environment = _environment(site)
    pages = 3
    board = site.board
    unsound = {task_id: why for column in board.columns for task_id, why in unsound_in(board, column).items()}
    ranked = {
        (k, column): sum(column in entry.standings[k].ranks for entry in board.entries)
        for k in board.ks
        for column in board.columns
    }
    # The benchmarks of this board first, each from the best down.
    own = {same_benchmark(column.task)[0] for column in board.columns}
    published: list[PublishedScore] = []
    if site.published:
        published = sorted(
            published_scores(), key=lambda each: (each.benchmark not in own, each.benchmark, -each.value)
        )
    _write(
        site.out / "index.html",
        environment,
        "index",
        root="",
        plots=plots(board, site.cards),
        published=published,
        unsound=unsound,
        ranked=ranked,
    )
    # The tables for programs, beside the pages that show them.
    (site.out / "table.csv").write_text(table(board, TableFormat.CSV) + "\n", encoding="utf-8", errors="replace")
    (site.out / "table.json").write_text(table(board, TableFormat.JSON) + "\n", encoding="utf-8", errors="replace")
    if published:
        write_table(site.out / "published", published_rows(published))
    _write(site.out / "compare.html", environment, "compare", root="")
    maps, details = list(heat_maps(board)), breakdowns(board)
    _write(site.out / "plots.html", environment, "plots", root="", breakdowns=details, heat_maps=maps)
    for entry in site.board.entries:
        write_data(site.out, f"entries/{slug(entry.name)}", _entry_data(site, entry))
        write_table(site.out / "models" / f"{slug(entry.name)}.html", entry_rows(entry))
        _write(
            site.out / "models" / f"{slug(entry.name)}.html",
            environment,
            "model",
            root="../",
            entry=entry,
            languages=tasks_by_language(entry),
        )
        pages += 1
    for column in site.board.columns:
        found = {item.task_id: item for item in _items(board, column)}
        path = site.out / "problems" / column_slug(column) / "index.html"
        _write(path, environment, "problems", root="../../", column=column, items=found, unsound=unsound)
        write_table(path.with_name("problems"), problem_rows(found.values(), unsound))
        pages += 1
        for page in _problem_pages(site, column, found):
            path = site.out / "problems" / column_slug(column) / f"{slug(page['task_id'])}.html"
            _write(path, environment, "problem", root="../../", column=column, **page)
            pages += 1
    return pages


def _environment(site: Site) -> Environment:
    environment: Any = page_environment("leaderboards.site", "templates")
    filters: dict[str, Callable[[Any], object]] = {
        "percent": lambda share: f"{100 * share:.1f}",
        "points": _points,
        "rank": rank_text,
        "slug": slug,
        "column_slug": column_slug,
        "run_slug": run_slug,
        "as_json": lambda value: Markup(encode(value).decode()),  # escaped for a place between script tags
    }
    curves = learning_curves(site.board)
    names: dict[str, Any] = {
        "site": site,
        "board": site.board,
        "siblings": _siblings(site),
        "cards": {entry.name: card_of(entry.model, site.cards) for entry in site.board.entries},
        "built": date.today().isoformat(),
        "version": version("wavebench"),
        "curves": {entry.name: each for each in curves for entry in each.training.checkpoints.values()},
        "slugs": {entry.name: slug(entry.name) for entry in site.board.entries},
        "facts": fact_columns(site.board.entries, site.cards),
        "letter_of": LETTERS,
        "present": _letters_of,
        "letters": {letter: verdict.value for verdict, letter in LETTERS.items()} | {WAITING: "waiting"},
    }
    environment.filters.update(filters)
    environment.globals.update(names)
    return environment


def _points(share: float) -> str:
    """A difference in points, with a real minus and no sign of a zero."""
    text = f"{100 * share:+.1f}".replace("-", "\u2212")
    return text[1:] if text[1:] == "0.0" else text


def _letters_of(rows: Sequence[tuple[LeaderboardEntry, Mapping[Verdict, int]]]) -> set[str]:
    """The letters of verdicts that occur, which a legend explains."""
    return {LETTERS[verdict] for _, verdicts in rows for verdict in verdicts}


def _siblings(site: Site) -> dict[tuple[str, LeaderboardColumn], list[Sibling]]:
    """What others printed of a measured row, by entry and column."""
    if not site.published:
        return {}
    scores = published_scores()
    return {
        (entry.name, column): found
        for entry in site.board.entries
        for column, row in entry.rows.items()
        if (found := siblings(entry.model, column.task, row.rates[1], scores))
    }


def _write(path: Path, environment: Environment, template: str, **values: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = environment.get_template(f"{template}.html.jinja").render(**values)
    path.write_text(_INDENT.sub("\n", text), encoding="utf-8", errors="replace")


def _entry_data(site: Site, entry: LeaderboardEntry) -> dict[str, Any]:
    """What the model's page and the comparison show: verdict letters by task, run and problem."""
    rows: dict[str, Any] = {}
    for column, row in entry.rows.items():
        clusters = [cluster_of(row.settings.task, task_id) for task_id in row.tallies]
        confirmed = [run.confirmed for run in row.runs if run.confirmed is not None]
        rows[column_slug(column)] = {
            "runs": [
                {
                    "run": run_slug(run),
                    "folder": str(run.path),
                    "prompts": prompts_slug(run) if prompts_slug(run) in site.prompts else "",
                    "strips": site.strips[run_slug(run)],
                }
                for run in row.runs
            ],
            "problems": list(row.tallies),
            # What each problem is evidence together with; null where every problem stands alone.
            "clusters": clusters if len(set(clusters)) < len(clusters) else None,
            "pages": [slug(task_id) for task_id in row.tallies],
            "rates": {str(k): [rate.value, rate.low, rate.high] for k, rate in row.rates.items()},
            # Confirmed passes of each problem; null where not all runs were confirmed.
            "confirmed": None
            if len(confirmed) < len(row.runs)
            else [sum(run[task_id].passed for run in confirmed if task_id in run) for task_id in row.tallies],
        }
    return {"name": entry.name, "slug": slug(entry.name), "rows": rows}


def _items(board: Leaderboard, column: LeaderboardColumn) -> list[ProblemStatistics]:
    """The column's problems; earlier checkpoints of a training do not count as models of their own."""
    rows = [entry.rows[column].unforged for entry in without_earlier_checkpoints(board) if column in entry.rows]
    return items(rows, sorted({task_id for row in rows for task_id in row}, key=by_number))


def _problem_pages(
    site: Site, column: LeaderboardColumn, found: Mapping[str, ProblemStatistics]
) -> Iterator[dict[str, Any]]:
    rows = [(entry, entry.rows[column]) for entry in site.board.entries if column in entry.rows]
    unsound = unsound_in(site.board, column)
    task_ids = sorted({task_id for _, row in rows for task_id in row.tallies}, key=by_number)
    for number, task_id in enumerate(task_ids):
        yield {
            "task_id": task_id,
            "item": found.get(task_id),
            "prompts": next(
                (prompts_slug(run) for _, row in rows for run in row.runs if prompts_slug(run) in site.prompts), ""
            ),
            "unsound": unsound.get(task_id, ""),
            "before": task_ids[number - 1] if number else "",
            "after": task_ids[number + 1] if number + 1 < len(task_ids) else "",
            "answers": [
                {
                    "entry": entry,
                    "tally": (tally := row.tallies.get(task_id)),
                    "forged": tally.passed - row.unforged[task_id].passed if tally else 0,
                    "share": tally.passed / tally.samples if tally else 0.0,
                    "strips": [
                        (place, site.strips[run_slug(run)].get(task_id, "")) for place, run in enumerate(row.runs)
                    ],
                }
                for entry, row in rows
            ],
        }
