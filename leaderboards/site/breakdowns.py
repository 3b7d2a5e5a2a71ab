"""Heat maps of a board: pass@1 by language and by kind of bug."""

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from leaderboards.runs.leaderboard import Leaderboard, LeaderboardColumn
from leaderboards.runs.problems import Traits, traits_of
from leaderboards.site.drawing import ACCENT, Plot, canvas, labels
from leaderboards.site.forged import forged_caption, mark_name
from tasks.registry import known_benchmark

MOST_MODELS = 40


def breakdowns(board: Leaderboard) -> Iterator[Plot]:
    """Heat maps by language and by kind of bug."""
    kinds = {"language": _by_language(board), "bug type": _by_trait(board, "bug type")}
    for trait, tables in kinds.items():
        for number, (title, cells) in enumerate(tables.items()):
            values = sorted({value for row in cells.values() for value in row})
            if len(values) > 1:
                svg = _heat_map(f"{trait.replace(' ', '-')}-{number}", cells, values)
                yield Plot(
                    f"{title} by {trait}", f"pass@1 in per cent; darker is higher.{forged_caption(board)}", Markup(svg)
                )


def _by_language(board: Leaderboard) -> dict[str, dict[str, dict[str, float]]]:
    """Tasks that differ only in their language, then tasks that hold several."""
    families: dict[str, dict[str, LeaderboardColumn]] = {}
    for column in board.columns:
        known = known_benchmark(column.task)
        if known and known.group:
            family, _, language = column.label.rpartition("-")
            families.setdefault(family, {})[language] = column
    found = _by_trait(board, "language")
    for family, columns in families.items():
        if len(columns) > 1:
            found[family] = {
                mark_name(entry): {
                    lang: entry.rows[column].rates[1].value for lang, column in columns.items() if column in entry.rows
                }
                for entry in board.entries[:MOST_MODELS]
            }
    return {family: {name: row for name, row in table.items() if row} for family, table in found.items()}


def _by_trait(board: Leaderboard, trait: str) -> dict[str, dict[str, dict[str, float]]]:
    """pass@1 by task, model and value of the trait."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for column in board.columns:
        rows = {mark_name(entry): entry.rows[column] for entry in board.entries[:MOST_MODELS] if column in entry.rows}
        traits: Mapping[str, Traits] = traits_of(next(iter(rows.values())).runs[0]) if rows else {}
        if len({known.get(trait) for known in traits.values()}) > 1:
            found[column.label] = {}
            for name, row in rows.items():
                tallies: dict[str, list[float]] = {}
                for task_id, tally in row.tallies.items():
                    if value := traits.get(task_id, {}).get(trait):
                        tallies.setdefault(value, []).append(tally.passed / tally.samples)
                found[column.label][name] = {value: sum(each) / len(each) for value, each in tallies.items()}
    return found


def _heat_map(name: str, cells: Mapping[str, Mapping[str, float]], values: Sequence[str]) -> str:
    with canvas(name, 2.8 + 0.85 * len(values), 0.9 + 0.34 * len(cells)) as drawn:
        axes = drawn.axes
        for down, row in enumerate(cells.values()):
            for across, value in enumerate(values):
                if value not in row:
                    continue
                share = row[value]
                axes.bar(across, 0.92, 0.96, bottom=down - 0.46, color=ACCENT, alpha=0.06 + 0.5 * share)
                axes.text(across, down, f"{100 * share:.1f}", ha="center", va="center")
        axes.set_xticks(range(len(values)), list(values))
        axes.set_yticks(range(len(cells)), labels(list(cells)))
        axes.set(xlim=(-0.5, len(values) - 0.5), ylim=(len(cells) - 0.5, -0.5))
        axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        axes.spines[:].set_visible(False)
    return drawn.svg
