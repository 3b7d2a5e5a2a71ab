"""The rows of a data set: found, fingerprinted, limited, and split into training and held-out rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datagen.finetune.config import EmptyResponses, FinetuneConfig, FinetuneError
from datagen.rows.content_store import read_facts
from datagen.rows.instruction_rows import InstructionRow, read_instruction_rows, rows_sha256

_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where rows came from."""

    path: str
    rows: int
    sha256: str
    """Over the rows as they are read."""
    fingerprint: str = ""
    """What datagen's manifest calls the data set; empty for rows made elsewhere."""


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """What is trained on and what only measures."""

    source: DataSource
    train: tuple[InstructionRow, ...]
    held_out: tuple[InstructionRow, ...]
    held_out_source: DataSource
    empty: int
    """Rows left out as they have no response."""


def load_training_rows(config: FinetuneConfig) -> TrainingRows:
    """Raises FinetuneError for rows without a response, ConfigError for what cannot be read."""
    rows, source = read_data(config.data)
    empty = [number for number, row in enumerate(rows, start=1) if not row.output.strip()]
    if empty and config.empty_responses is EmptyResponses.REFUSE:
        raise FinetuneError(
            f"Row {empty[0]} of {config.data!r} has no response ({len(empty)} such of {len(rows)}): fill or remove it, "
            f"or set empty_responses = 'drop'."
        )
    filled = [row for row in rows if row.output.strip()]
    train = [row for row in filled if not is_held_out(row, config.held_out)]
    measured, held_out_source = filled, source
    if config.held_out_data:
        others, held_out_source = read_data(config.held_out_data)
        measured = [row for row in others if row.output.strip()]
    held_out = [row for row in measured if is_held_out(row, config.held_out)][: config.held_out_rows]
    if not train:
        raise FinetuneError(f"{config.data!r} has no row to train on ({len(rows)} rows, held_out = {config.held_out}).")
    return TrainingRows(
        source, tuple(_limit_rows(train, config)), tuple(held_out), held_out_source, len(rows) - len(filled)
    )


def read_data(path: str) -> tuple[list[InstructionRow], DataSource]:
    """The rows of a data set's folder or of a file. Raises ConfigError, FinetuneError when there is none."""
    place = Path(path)
    file = place / "data.jsonl" if place.is_dir() else place
    rows = read_instruction_rows(file)
    if not rows:
        raise FinetuneError(f"{str(file)!r} holds no row: the data set's card lists why rows were dropped.")
    manifest = file.parent / "manifest.json"
    known = place.is_dir() and manifest.exists()
    fingerprint = str(read_facts(manifest).get("fingerprint", "")) if known else ""
    return rows, DataSource(str(place), len(rows), rows_sha256(rows), fingerprint)


def is_held_out(row: InstructionRow, share: float) -> bool:
    """By the hash of its raw code: rows of one function are on one side, in every variant of the data."""
    return int(row.origin_sha256, 16) % _PARTS < share * _PARTS


def _limit_rows(rows: Sequence[InstructionRow], config: FinetuneConfig) -> Sequence[InstructionRow]:
    if config.limit is None or config.limit >= len(rows):
        return rows
    chosen = random.Random(f"limit/{config.seed}").sample(range(len(rows)), config.limit)
    return [rows[place] for place in sorted(chosen)]
