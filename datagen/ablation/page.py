"""The files of an ablation's table: results.json, table.md and index.html."""

from dataclasses import asdict
from pathlib import Path

from datagen.ablation.config import AblationConfig
from datagen.ablation.results import Results
from datagen.ablation.table import cost_table, difference, remarks, results_table
from datagen.rows.content_store import write_facts
from harness.files.atomic_write import write_whole
from harness.pages.frame import page_environment
from harness.runs.manifest import describe_host, describe_versions, now, write_manifest
from harness.statistics.percent import percent

_EDGE = 0.02


def write_pages(out: Path, config: AblationConfig, results: Results) -> None:
    """Writes all of them; the page is one file that needs no other."""
    write_facts(out / "results.json", asdict(results))
    parts = [f"# {results.name}", results_table(results, markdown=True), *remarks(results)]
    parts += ["## Costs", cost_table(results, markdown=True)]
    write_whole(out / "table.md", "\n\n".join(parts) + "\n")
    manifest = {"finished": now(), "config": config, "versions": describe_versions(), "host": describe_host()}
    write_manifest(out / "manifest.json", {**manifest, "lines": asdict(results)["lines"]})
    page = page_environment("datagen.ablation").get_template("ablation.html.jinja")
    # The largest difference that the drawing must show, as a share of 1
    ends = [
        abs(end)
        for line in results.lines
        for cell in line.cells
        if cell.paired
        for end in (cell.paired.difference.low, cell.paired.difference.high)
    ]
    text = page.render(
        results=results,
        remarks=remarks(results),
        percent=percent,
        difference=difference,
        span=max([*ends, _EDGE]),
        versions=describe_versions(),
    )
    write_whole(out / "index.html", text)
