"""Writes a data set's folder: data.jsonl, data.parquet, manifest.json, README.md and plots."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, fields
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from datagen.config import DatagenConfig
from datagen.output.card import render_card
from datagen.output.figures import Figures
from datagen.output.plots import draw_plots
from datagen.output.published_row import PublishedRow, publish_row
from datagen.rows.content_store import write_facts, write_rows
from datagen.rows.example import Example

_VERSIONS = ("wavebench", "numpy", "pyarrow", "tree-sitter", "sentence-transformers", "torch")


def write_data_set(folder: Path, config: DatagenConfig, rows: Sequence[Example], figures: Figures) -> None:
    """Fills `folder`. Nothing in it depends on when or where it was written, only on rows and library versions."""
    flat = [publish_row(row) for row in rows]
    write_rows(folder / "data.jsonl", flat)
    arrow: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    numbers = {"core_rank", "execution_examples"}
    # The schema is named, not guessed: a column that is empty in these rows keeps its kind.
    schema: Any = arrow.schema(
        [(each.name, arrow.int64() if each.name in numbers else arrow.string()) for each in fields(PublishedRow)]
    )
    table: Any = arrow.Table.from_pylist([asdict(row) for row in flat], schema=schema)
    parquet.write_table(table, folder / "data.parquet", compression="zstd")
    fingerprint = rows_fingerprint(flat)
    draw_plots(folder / "plots", figures)
    manifest = {"name": figures.name, "rows": len(flat), "fingerprint": fingerprint, "config": config}
    found: dict[str, str] = {}
    for name in _VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    write_facts(folder / "manifest.json", {**manifest, "versions": found})
    (folder / "README.md").write_text(render_card(figures, rows, fingerprint))


def rows_fingerprint(rows: Sequence[PublishedRow]) -> str:
    """sha256 over the rows as JSON lines, so that jsonl and parquet of the same rows have the same one."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(msgspec.json.encode(row) + b"\n")
    return digest.hexdigest()
