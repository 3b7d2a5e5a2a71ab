"""The leaderboard as text: terminal, Markdown, CSV, LaTeX, JSON."""

import csv
import io
from dataclasses import asdict
from enum import StrEnum
from typing import Any

import msgspec

from harness.scoring.answer_counts import MOVING_SHARE
from harness.statistics.intervals import Interval
from harness.statistics.percent import percent
from harness.statistics.ranks import RankRange
from leaderboards.runs.leaderboard import Leaderboard, LeaderboardColumn, LeaderboardEntry
from leaderboards.runs.row import ModelRow
from sandbox.errors import WavebenchError


class TableError(WavebenchError):
    """A table that these runs do not allow."""


class TableFormat(StrEnum):
    """How the table is written."""

    TEXT = "text"
    """For the terminal."""
    MD = "md"
    """Markdown, as GitHub renders it."""
    CSV = "csv"
    """One line per model and task, every number of its own."""
    LATEX = "latex"
    """A booktabs tabular."""
    JSON = "json"
    """Everything, with intervals, methods, verdicts, settings and manifest hashes."""


_TABULATE = {TableFormat.TEXT: "simple", TableFormat.MD: "github", TableFormat.LATEX: "latex_booktabs"}
CSV_HEADER = (
    *(
        "name",
        "model",
        "task",
        "version",
        "data",
        "style",
        "sampling",
        "max_tokens",
        "k",
        "value",
        "low",
        "high",
        "method",
    ),
    *("best_rank", "worst_rank", "problems", "samples", "not_judged", "runs", "run_sha256"),
    *("confirmed", "confirmed_low", "confirmed_high", "forged", "sound", "sound_low", "sound_high", "unsound"),
    "extraction",
    "lost_answers",
)


_BY_TASK = " No model has every task, so none is ranked over all; the site and JSON hold the ranks within each task."
_CONFIRMED = (
    "After the slash: confirmed pass@k, which also passes with the tests in a process that never holds the answer. "
    "Tasks without it are in languages that do not allow that, or were not confirmed."
)
_FORGED = (
    "FORGED passes succeed only when the sample shares a process with its tests: pass@k includes them, as the "
    "benchmark's own protocol does; ranks and confirmed pass@k count them as failures."
)


def table(board: Leaderboard, output: TableFormat, k: int = 1) -> str:
    """The board under pass@k in that format."""
    from tabulate import tabulate

    if output is TableFormat.CSV:
        return _csv(board)
    if output is TableFormat.JSON:
        return msgspec.json.format(msgspec.json.encode(board_json(board)), indent=2).decode()
    # Models down, tasks across; the average leads where there are several tasks.
    if k not in board.ks:
        raise TableError(f"No run here has pass@{k}: choose one of {', '.join(map(str, board.ks))} as --k.")
    several = len(board.columns) > 1 and board.averaged
    titles: list[str] = []
    for column in board.columns:
        titles.append(column.label + (" / confirmed" if _is_confirmed(board, column) else ""))
        if unsound_in(board, column):
            titles.append("sound")
    lead = ["average / confirmed"] if several else []
    header = [*(["rank"] if board.averaged else []), "model", *lead, *titles]
    rows: list[list[str]] = []
    for entry in board.entries:
        standing = entry.standings[k]
        rank = [rank_text(standing.average_rank)] if board.averaged else []
        mark = f" [{entry.forged} FORGED]" if entry.forged else ""
        averages = [_beside(standing.average, standing.confirmed_average)] if several else []
        cells = [cell for column in board.columns for cell in _cells(board, column, entry.rows.get(column), k)]
        rows.append([*rank, entry.name + mark, *averages, *cells])
    text = tabulate(rows, header, tablefmt=_TABULATE[output], disable_numparse=True)
    notes = _footnotes(board, k)
    if output is TableFormat.LATEX:
        return "\n".join([*(f"% {line}" for line in notes if line), text])
    return "\n".join([text, *notes])


def board_json(board: Leaderboard) -> dict[str, Any]:
    """The board as JSON values; fractions of 1, not per cent."""
    return {
        "ks": board.ks,
        "tasks": [asdict(column) for column in board.columns],
        "entries": [
            {
                "name": entry.name,
                "model": entry.model,
                "note": entry.note,
                "standings": {
                    str(k): {
                        "average": asdict(standing.average) if standing.average else None,
                        "confirmed_average": standing.confirmed_average,
                        "average_rank": asdict(standing.average_rank) if standing.average_rank else None,
                    }
                    for k, standing in entry.standings.items()
                },
                "rows": [_row_json(entry, column, row) for column, row in entry.rows.items()],
            }
            for entry in board.entries
        ],
        "remarks": board.remarks,
    }


def rank_text(place: RankRange | None) -> str:
    """One rank, or the range of ranks that the data cannot distinguish."""
    if place is None:
        return ""
    return str(place.best) if place.best == place.worst else f"{place.best}-{place.worst}"


def _cells(board: Leaderboard, column: LeaderboardColumn, row: ModelRow | None, k: int) -> list[str]:
    sound = [percent(row.sound.get(k)) if row else ""] if unsound_in(board, column) else []
    if row is None or k not in row.rates:
        return ["", *sound]
    # So few that they cannot move the score by a point are left to CSV and JSON.
    moves = sum(row.lost.values()) >= MOVING_SHARE * row.n_samples
    notes = [
        *([f"{row.forged} FORGED"] if row.forged else []),
        *(f"{count} answers {kind}" for kind, count in row.lost.items() if moves),
        *([f"{len(row.tallies)} of {column.n_problems} problems"] if len(row.tallies) < column.n_problems else []),
    ]
    confirmed = row.confirmed[k].value if k in row.confirmed else None
    score = _beside(row.rates[k], confirmed) if _is_confirmed(board, column) else percent(row.rates[k])
    return [score + (f" [{', '.join(notes)}]" if notes else ""), *sound]


def _is_confirmed(board: Leaderboard, column: LeaderboardColumn) -> bool:
    return any(entry.rows[column].confirmed for entry in board.entries if column in entry.rows)


def _beside(score: Interval | None, confirmed: float | None) -> str:
    """A score with its confirmed value; a dash where passes were not confirmed."""
    return f"{percent(score)} / {'-' if confirmed is None else f'{100 * confirmed:.1f}'}" if score else ""


def unsound_in(board: Leaderboard, column: LeaderboardColumn) -> dict[str, str]:
    """Problems of a column whose reference or tests cannot be relied on, with the evidence."""
    rows = [entry.rows[column] for entry in board.entries if column in entry.rows]
    return {task_id: why for row in rows for task_id, why in row.unsound.items()}


def _footnotes(board: Leaderboard, k: int) -> list[str]:
    average = " The average weighs tasks equally." if len(board.columns) > 1 and board.averaged else ""
    confirmed = any(_is_confirmed(board, column) for column in board.columns)
    unsound = {task_id: why for column in board.columns for task_id, why in unsound_in(board, column).items()}
    reasons = " ".join(f"{task_id}: {' '.join(why.split())}" for task_id, why in unsound.items())
    return [
        "",
        f"pass@{k} in per cent with 95 % intervals.{average}{'' if board.averaged else _BY_TASK} Ranks are ranges: "
        f"these problems cannot distinguish models whose ranges overlap (all pairs at once, 95 %).",
        *([_CONFIRMED] if confirmed else []),
        *([_FORGED] if any(entry.forged for entry in board.entries) else []),
        *([f"Sound scores leave out problems with unreliable references or tests. {reasons}"] if unsound else []),
        *board.remarks,
    ]


def _csv(board: Leaderboard) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for entry in board.entries:
        for (column, row), k in ((cell, k) for cell in entry.rows.items() for k in cell[1].rates):
            score, place, settings = row.rates[k], entry.standings[k].ranks.get(column), row.settings
            writer.writerow(
                [
                    *(harmless(entry.name), harmless(entry.model), column.task, column.version, column.data),
                    *(settings.style, settings.sampling, settings.max_tokens, k),
                    *(score.value, score.low, score.high, str(score.method)),
                    *((place.best, place.worst) if place else ("", "")),
                    *(len(row.tallies), row.n_samples, row.not_judged, len(row.runs)),
                    " ".join(run.run_sha256 for run in row.runs),
                    *(*_three(row.confirmed.get(k)), row.forged, *_three(row.sound.get(k)), " ".join(row.unsound)),
                    settings.extraction,
                    sum(row.lost.values()),
                ]
            )
    return stream.getvalue().removesuffix("\n")


def _three(rate: Interval | None) -> tuple[object, object, object]:
    return (rate.value, rate.low, rate.high) if rate else ("", "", "")


def harmless(name: str) -> str:
    """A text that a spreadsheet would run as a formula becomes text."""
    return f"'{name}" if name.startswith(tuple("=+-@\t\r")) else name


def _row_json(entry: LeaderboardEntry, column: LeaderboardColumn, row: ModelRow) -> dict[str, Any]:
    ranks = {str(k): asdict(place) for k in row.rates if (place := entry.standings[k].ranks.get(column))}
    return {
        "task": column.task,
        "label": column.label,
        "terms": asdict(row.settings),
        "rates": {f"pass@{k}": asdict(rate) for k, rate in row.rates.items()},
        "confirmed_rates": {f"pass@{k}": asdict(rate) for k, rate in row.confirmed.items()},
        "sound_rates": {f"pass@{k}": asdict(rate) for k, rate in row.sound.items()},
        "unsound": dict(row.unsound),
        "forged": row.forged,
        "ranks": ranks,
        "problems": len(row.tallies),
        "samples": row.n_samples,
        "verdicts": row.verdicts,
        "lost_answers": dict(row.lost),
        "isolation": row.tiers,
        "runs": [{"path": run.path.name, "run_sha256": run.run_sha256, "seed": run.config.seed} for run in row.runs],
    }
