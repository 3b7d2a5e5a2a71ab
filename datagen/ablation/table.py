"""The table of an ablation in text and Markdown; its bytes depend on the scores alone, costs have their own."""

from datagen.ablation.results import Cell, Results
from harness.statistics.percent import percent, points


def results_table(results: Results, *, markdown: bool = False) -> str:
    """Scores in per cent with 95 % intervals, and differences to the reference in points."""
    header = ["base", *(["recipe"] if _recipes(results) > 1 else []), "variant", "rows", "held-out loss"]
    header += [name for column in results.columns for name in (f"{column} pass@1 %", f"- {results.reference}")]
    rows: list[list[str]] = []
    for line in results.lines:
        row = [line.base, *([line.recipe] if _recipes(results) > 1 else []), line.variant]
        row += [f"{line.rows:,}" if line.rows else "-"]
        row += ["-" if line.held_out_loss is None else f"{line.held_out_loss:.4f}"]
        rows.append(row + [text for cell in line.cells for text in (percent(cell.score), difference(cell))])
    return _table(rows, header, markdown)


def cost_table(results: Results, *, markdown: bool = False) -> str:
    """Tokens, time and, where a price is known, money."""
    money = any(line.cost.money for line in results.lines)
    header = ["base", "recipe", "variant", "tokens", "tokens/s", "training s", "evaluating s"]
    header += ["cost"] if money else []
    rows = [
        [
            line.base,
            line.recipe or "-",
            line.variant,
            f"{line.cost.tokens:,}",
            f"{line.cost.tokens_per_second:,.0f}",
            f"{line.cost.train_seconds:,.0f}",
            f"{line.cost.evaluate_seconds:,.0f}",
            *([f"{line.cost.money:,.2f}"] if money else []),
        ]
        for line in results.lines
    ]
    return _table(rows, header, markdown)


def remarks(results: Results) -> list[str]:
    """Notes on how to read the table."""
    sentences = [
        f"Differences are paired by problem, with 95 % intervals; * marks a significant difference from "
        f"{results.reference} after Holm over all of them. An interval that contains 0 shows no difference."
    ]
    detectable = [cell.paired.detectable for line in results.lines for cell in line.cells if cell.paired]
    if detectable and max(detectable) > 0:
        sentences.append(
            f"A true difference of {100 * max(detectable):.1f} points would have shown with a chance of 80 %."
        )
    if len(results.seeds) == 1:
        sentences.append("With one seed each, the variation between seeds is unknown.")
    return sentences


def difference(cell: Cell) -> str:
    """The difference to the reference in points."""
    if cell.paired is None:
        return "reference"
    return f"{points(cell.paired.difference)}{' *' if cell.differs else ''}"


def _recipes(results: Results) -> int:
    return len({line.recipe for line in results.lines if line.recipe})


def _table(rows: list[list[str]], header: list[str], markdown: bool) -> str:
    from tabulate import tabulate

    if not markdown:
        return tabulate(rows, header, tablefmt="simple", disable_numparse=True)
    # A bar in a name would end its cell.
    cells = [[text.replace("|", "\\|") for text in row] for row in [header, *rows]]
    return tabulate(cells[1:], cells[0], tablefmt="github", disable_numparse=True)
