"""Four plots: the funnel, lengths by task, the map of the embeddings, and how the coverage radius falls."""

from pathlib import Path
from typing import Any

from datagen.output.figures import Figures

_NO_MARK = {"Software": None}
"""Leaves the library's own mark out of the files, so that they depend on the numbers alone."""


def draw_plots(folder: Path, figures: Figures) -> None:
    """Writes funnel.png, lengths.png, map.png and, where there is a curve, radius.png."""
    folder.mkdir(parents=True, exist_ok=True)
    figure, axes = _canvas()
    labels, counts = [name for name, _ in figures.funnel], [count for _, count in figures.funnel]
    bars = axes.barh(labels[::-1], counts[::-1], color="#3b6ea5")
    axes.bar_label(bars, labels=[f"{count:,}" for count in counts[::-1]], padding=3)
    axes.set_xmargin(0.15)  # room for the numbers beside the longest bar
    axes.set_title("From raw code to rows")
    _save(figure, folder / "funnel.png")

    figure, axes = _canvas()
    tasks = sorted(figures.lengths)
    if tasks:  # an empty data set still has its plots
        axes.hist([figures.lengths[task] for task in tasks], bins=40, stacked=True, label=tasks)
        axes.legend()
    axes.set_xlabel("characters of input and output")
    axes.set_ylabel("rows")
    _save(figure, folder / "lengths.png")

    figure, axes = _canvas(6, 5)
    points = figures.map_points
    for picked, label, colour in ((0, "not picked", "#c9c9c9"), (1, "core set", "#3b6ea5")):
        some = points[points[:, 2] == picked]
        axes.scatter(some[:, 0], some[:, 1], s=4, label=label, color=colour)
    axes.legend()
    axes.set_title("Embeddings on their two principal axes")
    _save(figure, folder / "map.png")

    if not figures.radius_curve:
        return
    figure, axes = _canvas()
    sizes, radii = [size for size, _ in figures.radius_curve], [radius for _, radius in figures.radius_curve]
    axes.plot(sizes, radii, marker="o", color="#3b6ea5", label="KCenterGreedy")
    axes.axhline(figures.radius_random, color="#a54b3b", label="random, whole size")
    axes.set_xscale("log")
    axes.set_xlabel("size of the core set")
    axes.set_ylabel("coverage radius")
    axes.legend()
    _save(figure, folder / "radius.png")


def _canvas(width: float = 7, height: float = 4) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _save(figure: Any, file: Path) -> None:
    figure.savefig(file, dpi=110, metadata=_NO_MARK)
