"""The rows of a data set: found, fingerprinted, limited, and split into training and held-out rows."""

import random
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
    unasked: int
    """Rows left out as they have a response and no instruction."""


def load_training_rows(config: FinetuneConfig) -> TrainingRows:
    """Raises FinetuneError for rows without a response, ConfigError for what cannot be read."""
    rows, source = read_data(config.data)
    for what, texts in (("response", [row.output for row in rows]), ("instruction", [row.instruction for row in rows])):
        empty = [number for number, text in enumerate(texts, start=1) if not text.strip()]
        if empty and config.empty_responses is EmptyResponses.REFUSE:
            raise FinetuneError(
                f"Row {empty[0]} of {config.data!r} has no {what} ({len(empty)} such of {len(rows)}): fill or remove "
                f"it, or set empty_responses = 'drop'."
            )
    filled = [row for row in rows if is_filled(row)]
    train = [row for row in filled if not is_held_out(row, config.held_out)]
    measured, held_out_source = filled, source
    if config.held_out_data:
        others, held_out_source = read_data(config.held_out_data)
        measured = [row for row in others if is_filled(row)]
    held_out = [row for row in measured if is_held_out(row, config.held_out)][: config.held_out_rows]
    if not train:
        raise FinetuneError(f"{config.data!r} has no row to train on ({len(rows)} rows, held_out = {config.held_out}).")
    if config.limit is not None and config.limit < len(train):
        chosen = random.Random(f"limit/{config.seed}").sample(range(len(train)), config.limit)
        train = [train[place] for place in sorted(chosen)]  # in the data's order, so that the limit alone differs
    unasked = sum(bool(row.output.strip()) and not row.instruction.strip() for row in rows)
    empty = len(rows) - len(filled) - unasked
    return TrainingRows(source, tuple(train), tuple(held_out), held_out_source, empty, unasked)


def read_data(path: str) -> tuple[list[InstructionRow], DataSource]:
    """The rows of a data set's folder or of a file. Raises ConfigError, FinetuneError when there is none."""
    place = Path(path)
    file = place / "data.jsonl" if place.is_dir() else place
    rows = read_instruction_rows(file)
    manifest = file.parent / "manifest.json"
    known = place.is_dir() and manifest.exists()
    fingerprint = str(read_facts(manifest).get("fingerprint", "")) if known else ""
    return rows, DataSource(str(place), len(rows), rows_sha256(rows), fingerprint)


def is_filled(row: InstructionRow) -> bool:
    """Whether there is something to ask and something to learn."""
    return bool(row.output.strip() and row.instruction.strip())


def is_held_out(row: InstructionRow, share: float) -> bool:
    """By the hash of its raw code: rows of one function are on one side, in every variant of the data."""
    return int(row.origin_sha256, 16) % _PARTS < share * _PARTS
