"""The plots of a board, each where its data allows it."""

import re
from collections.abc import Iterator, Mapping

from markupsafe import Markup

from harness.statistics.intervals import Interval
from leaderboards.runs.leaderboard import Leaderboard, LeaderboardEntry
from leaderboards.runs.model_cards import ModelCard, card_of
from leaderboards.site.breakdowns import breakdowns
from leaderboards.site.drawing import ACCENT, CARD, INK, LINE, SERIES, SOFT, Plot, canvas, labels, legend_below
from leaderboards.site.forged import forged_caption, mark_name

MOST_BARS = 40
MOST_CURVES = len(SERIES)
CURVE_SAMPLES = 4
"""Fewest samples per problem that make a curve."""
_SIZE = re.compile(r"(?<![A-Za-z\d.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z])", re.IGNORECASE)
_CHECKPOINT = re.compile(r"(?P<run>.+?)[-_/.]*(?:checkpoint|step|epoch|ckpt)[-_/]?(?P<step>\d+)/?", re.IGNORECASE)


def plots(board: Leaderboard, cards: Mapping[str, ModelCard] | None = None) -> list[Plot]:
    """Every plot that this board has data for; `cards` are what the user says of models."""
    return [
        *_scores(board),
        *_curves(board),
        *breakdowns(board),
        *_sizes(board, cards or {}),
        *_checkpoints(board),
    ]


def size_in_billions(name: str) -> float | None:
    """The size that a model's name states, such as 6.7b; None where it states none."""
    found = _SIZE.findall(name)
    if not found:
        return None
    number, unit = found[-1]
    return float(number) / (1000 if unit in "mM" else 1)


def size_of(model: str, cards: Mapping[str, ModelCard]) -> float | None:
    """Billions of parameters by the model's card, else by its name."""
    return card_of(model, cards).parameters_b or size_in_billions(model)


def checkpoint_of(model: str) -> tuple[str, int] | None:
    """The training run and step that a name such as out/checkpoint-200 states."""
    found = _CHECKPOINT.fullmatch(model)
    return (str(found["run"]), int(found["step"])) if found else None


def _headline(board: Leaderboard, entry: LeaderboardEntry) -> Interval | None:
    """The average, or the score in the only column."""
    if _several(board):
        return entry.standings[1].average
    row = next(iter(entry.rows.values()), None)
    return row.rates[1] if row else None


def _measure(board: Leaderboard) -> str:
    return "average pass@1" if _several(board) else f"{board.columns[0].label}, pass@1"


def _several(board: Leaderboard) -> bool:
    count = len(board.columns)
    return count > 1


def _scores(board: Leaderboard) -> Iterator[Plot]:
    """One dot with its interval per model."""
    scored = [(entry, score) for entry in board.entries if (score := _headline(board, entry))][:MOST_BARS]
    if not scored:
        return
    with canvas("scores", 6.4, 0.8 + 0.28 * len(scored)) as drawn:
        axes = drawn.axes
        for place, (_, score) in enumerate(scored):
            axes.plot(
                [100 * score.low, 100 * score.high],
                [place, place],
                color=ACCENT,
                alpha=0.45,
                linewidth=5,
                solid_capstyle="round",
            )
            axes.plot(100 * score.value, place, "o", color=ACCENT, markeredgecolor=CARD, markersize=7)
        axes.set_yticks(range(len(scored)), labels([mark_name(entry) for entry, _ in scored]))
        axes.set_ylim(len(scored) - 0.4, -0.6)
        axes.set_xlabel(f"{_measure(board)}, per cent")
        axes.grid(axis="x")
        axes.spines["left"].set_color(LINE)
        axes.tick_params(axis="y", length=0, colors=LINE, labelcolor=INK)
    left_out = len(board.entries) - len(scored)
    more = f" The {left_out} others are in the table." if left_out else ""
    yield Plot(
        "Scores", f"Dots are {_measure(board)}, bars 95 % intervals.{more}{forged_caption(board)}", Markup(drawn.svg)
    )


def _curves(board: Leaderboard) -> Iterator[Plot]:
    """pass@k over k with its band, for the best models of each task."""
    for number, column in enumerate(board.columns):
        rows = [(entry, entry.rows[column]) for entry in board.entries if column in entry.rows]
        rows = [(entry, row) for entry, row in rows if row.fewest_samples >= CURVE_SAMPLES]
        best = sorted(rows, key=lambda each: -each[1].rates[1].value)[:MOST_CURVES]
        if not best:
            continue
        names = labels([mark_name(entry) for entry, _ in best])
        with canvas(f"curves-{number}", 6.4, 4.6) as drawn:
            for colour, name, (_, row) in zip(SERIES, names, best, strict=False):
                most = row.fewest_samples
                ks = sorted({k for k in (1, 2, 3, 5, 10, 20, 50, 100, 200) if k < most} | {most})
                rates = [row.rate(k) for k in ks]
                drawn.axes.fill_between(
                    ks,
                    [100 * rate.low for rate in rates],
                    [100 * rate.high for rate in rates],
                    color=colour,
                    alpha=0.14,
                    linewidth=0,
                )
                drawn.axes.plot(
                    ks,
                    [100 * rate.value for rate in rates],
                    color=colour,
                    linewidth=2,
                    marker="o",
                    markersize=4,
                    label=name,
                )
            drawn.axes.set(xscale="log", xlabel="k", ylabel="pass@k, per cent")
            ticks = [k for k in (1, 2, 5, 10, 20, 50, 100, 200) if k <= max(row.fewest_samples for _, row in best)]
            drawn.axes.set_xticks(ticks, [str(k) for k in ticks])
            drawn.axes.minorticks_off()
            drawn.axes.grid(axis="y")
            legend_below(drawn.axes)
        left_out = f" The best {len(best)} of {len(rows)} models." if len(rows) > len(best) else ""
        yield Plot(
            f"pass@k on {column.label}",
            f"Bands are 95 % intervals over problems.{left_out}{forged_caption(board)}",
            Markup(drawn.svg),
        )


def _sizes(board: Leaderboard, cards: Mapping[str, ModelCard]) -> Iterator[Plot]:
    """Score against the size that a model's card or name states."""
    sized = [
        (size, score, entry)
        for entry in board.entries
        if (size := size_of(entry.model, cards)) and (score := _headline(board, entry))
    ]
    if len({size for size, _, _ in sized}) < 2:
        return
    with canvas("sizes", 6.4, 4.2) as drawn:
        names = labels([mark_name(entry) for _, _, entry in sized])
        for name, (size, score, _) in zip(names, sized, strict=True):
            errors = [[100 * (score.value - score.low)], [100 * (score.high - score.value)]]
            drawn.axes.errorbar(
                size, 100 * score.value, errors, fmt="o", color=ACCENT, ecolor=SOFT, elinewidth=1, capsize=2
            )
            drawn.axes.annotate(name, (size, 100 * score.value), (6, 5), textcoords="offset points", fontsize=8)
        drawn.axes.set(xscale="log", xlabel="parameters, billions", ylabel=f"{_measure(board)}, per cent")
        ticks = sorted({size for size, _, _ in sized})
        drawn.axes.set_xticks(ticks, [f"{size:g}" for size in ticks])
        drawn.axes.minorticks_off()
        drawn.axes.grid(axis="y")
    yield Plot(
        "Size against score",
        f"Sizes are those that model cards or names state.{forged_caption(board)}",
        Markup(drawn.svg),
    )


def _checkpoints(board: Leaderboard) -> Iterator[Plot]:
    """Scores along one training run."""
    trainings: dict[str, list[tuple[int, Interval]]] = {}
    for entry in board.entries:
        if (found := checkpoint_of(entry.model)) and (score := _headline(board, entry)):
            trainings.setdefault(found[0], []).append((found[1], score))
    trainings = {
        name: sorted(points, key=lambda point: point[0]) for name, points in trainings.items() if len(points) > 1
    }
    if not trainings:
        return
    with canvas("checkpoints", 6.4, 4.2) as drawn:
        for number, (name, points) in enumerate(zip(labels(list(trainings)), trainings.values(), strict=True)):
            steps, colour = [step for step, _ in points], SERIES[number % len(SERIES)]
            bands = [100 * score.low for _, score in points], [100 * score.high for _, score in points]
            drawn.axes.fill_between(steps, *bands, color=colour, alpha=0.14, linewidth=0)
            drawn.axes.plot(
                steps,
                [100 * score.value for _, score in points],
                color=colour,
                linewidth=2,
                marker="o",
                markersize=5,
                label=name,
            )
        drawn.axes.set(xlabel="step", ylabel=f"{_measure(board)}, per cent")
        drawn.axes.grid(axis="y")
        legend_below(drawn.axes)
    yield Plot("Checkpoints", "Bands are 95 % intervals; the same problems at each step.", Markup(drawn.svg))
