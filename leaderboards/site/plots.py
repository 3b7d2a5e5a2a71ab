"""The plots of a board's first page, each where its data allows it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from leaderboards.runs.leaderboard import Leaderboard, LeaderboardEntry
from leaderboards.runs.model_cards import ModelCard, card_of
from leaderboards.runs.trainings import without_earlier_checkpoints
from leaderboards.site.drawing import ACCENT, CARD, INK, LINE, SERIES, SOFT, WIDTH, Plot, canvas, labels, legend_below
from leaderboards.site.forged import forged_caption, mark_name
from leaderboards.site.learning import LearningCurve, learning_curves
from leaderboards.site.measures import Measure, measures

MOST_BARS = 40
MOST_POINTS = 60
_SIZE = re.compile(r"(?<![A-Za-z\d.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z])", re.IGNORECASE)
_LAST = " Of a training run, its last checkpoint."


def plots(board: Leaderboard, cards: Mapping[str, ModelCard] | None = None) -> list[Plot]:
    """Every plot that this board has data for; `cards` are what the user says of models."""
    entries = without_earlier_checkpoints(board)
    sizes = {entry.name: size for entry in entries if (size := size_of(entry.model, cards or {}))}
    costs = {entry.name: cost for entry in entries if (cost := entry.cost_per_thousand)}
    tokens = {entry.name: tokens for entry in entries if (tokens := entry.tokens_per_answer)}
    found: list[Plot] = []
    for number, measure in enumerate(measures(board)):
        names = [
            ("size", "Size against score", "parameters, billions", "Sizes are those that model cards or names state."),
            ("cost", "Cost against score", "US dollars per 1,000 answers", "Costs are those of the price table."),
            ("tokens", "Length against score", "tokens per answer", "Tokens that the model wrote."),
        ]
        found += _scores(board, entries, measure, number)
        for (name, title, axis, caption), values in zip(names, (sizes, costs, tokens), strict=True):
            found += _scatter(board, measure, values, f"{name}-{number}", title, axis, caption)
    return [*found, *_checkpoints(board)]


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


def _title(title: str, measure: Measure, board: Leaderboard) -> str:
    return title if board.averaged or len(board.columns) == 1 else f"{title}: {measure.label.removesuffix(', pass@1')}"


def _scores(board: Leaderboard, entries: Sequence[LeaderboardEntry], measure: Measure, number: int) -> Iterator[Plot]:
    """One dot with its interval per model."""
    every = measure.of(entries)
    scored = every[:MOST_BARS]
    if not scored:
        return
    with canvas(f"scores-{number}", WIDTH, 0.7 + 0.26 * len(scored)) as drawn:
        axes = drawn.axes
        for place, (_, score) in enumerate(scored):
            ends = [100 * score.low, 100 * score.high]
            axes.plot(ends, [place, place], color=ACCENT, alpha=0.45, linewidth=5, solid_capstyle="round")
            axes.plot(100 * score.value, place, "o", color=ACCENT, markeredgecolor=CARD, markersize=7)
        axes.set_yticks(range(len(scored)), labels([mark_name(entry) for entry, _ in scored]))
        axes.set_ylim(len(scored) - 0.4, -0.6)
        axes.set_xlabel(f"{measure.label}, per cent")
        axes.grid(axis="x")
        axes.spines["left"].set_color(LINE)
        axes.tick_params(axis="y", length=0, colors=LINE, labelcolor=INK)
    left_out = len(every) - len(scored)
    more = f" The {left_out} others are in the table." if left_out else ""
    folded = _LAST if len(entries) < len(board.entries) else ""
    caption = f"Dots are {measure.label}, bars 95 % intervals.{folded}{more}{forged_caption(board)}"
    yield Plot(_title("Scores", measure, board), caption, Markup(drawn.svg))


def _scatter(
    board: Leaderboard,
    measure: Measure,
    values: Mapping[str, float],
    name: str,
    title: str,
    axis: str,
    caption: str,
) -> Iterator[Plot]:
    """Scores over a value of the models on a log axis. Points bear numbers; the names stand below."""
    points = [(values[entry.name], score, entry) for entry, score in measure.of(board.entries) if entry.name in values]
    points = points[:MOST_POINTS]
    if len({value for value, _, _ in points}) < 2:
        return
    with canvas(name, WIDTH, 3.4) as drawn:
        axes = drawn.axes
        for place, (value, score, _) in enumerate(points, start=1):
            errors = [[100 * (score.value - score.low)], [100 * (score.high - score.value)]]
            axes.errorbar(value, 100 * score.value, errors, fmt="none", ecolor=SOFT, elinewidth=1, capsize=2)
            axes.plot(value, 100 * score.value, "o", color=ACCENT, markeredgecolor=CARD, markersize=13)
            axes.text(value, 100 * score.value, str(place), color=CARD, ha="center", va="center", fontsize=7.5)
        axes.set(xscale="log", xlabel=axis, ylabel=f"{measure.label}, per cent")
        axes.set_xticks(ticks := _ticks([value for value, _, _ in points]), [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.margins(x=0.08)
        axes.grid(axis="y")
    key = tuple(mark_name(entry) for _, _, entry in points)
    yield Plot(_title(title, measure, board), f"{caption}{forged_caption(board)}", Markup(drawn.svg), key)


def _ticks(values: Sequence[float]) -> list[float]:
    """Values for a log axis, far enough from each other that their numbers do not touch."""
    found: list[float] = []
    span = max(values) / min(values)
    for value in sorted(set(values)):
        if not found or value / found[-1] >= span ** (1 / 7):
            found.append(float(f"{value:.2g}"))
    return found


def _checkpoints(board: Leaderboard) -> Iterator[Plot]:
    """Scores along training runs, at most as many as there are colours in one drawing."""
    by_label: dict[str, list[LearningCurve]] = {}
    for curve in learning_curves(board):
        by_label.setdefault(curve.label, []).append(curve)
    for number, (label, curves) in enumerate(by_label.items()):
        for begin in range(0, len(curves), len(SERIES)):
            drawn_now = curves[begin : begin + len(SERIES)]
            with canvas(f"checkpoints-{number}-{begin}", WIDTH, 3.0 + 0.2 * len(drawn_now)) as drawn:
                names = labels([curve.training.name for curve in drawn_now])
                for colour, mark, name, curve in zip(SERIES, "osD^vP", names, drawn_now, strict=False):
                    steps, scores = [step for step, _ in curve.points], [score for _, score in curve.points]
                    bands = [100 * score.low for score in scores], [100 * score.high for score in scores]
                    values = [100 * score.value for score in scores]
                    drawn.axes.fill_between(steps, *bands, color=colour, alpha=0.14, linewidth=0)
                    drawn.axes.plot(steps, values, color=colour, linewidth=2, marker=mark, markersize=5, label=name)
                drawn.axes.set(xlabel="step", ylabel=f"{label}, pass@1, per cent")
                drawn.axes.grid(axis="y")
                legend_below(drawn.axes)
            caption = f"{label}, pass@1. Bands are 95 % intervals; the same problems at each step."
            yield Plot("Checkpoints", caption, Markup(drawn.svg))
