"""Everything that is decided before the first step, except the model: rows, tokens, schedule."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datagen.finetune.base.model import BaseModel, find_base, load_tokenizer
from datagen.finetune.config import FinetuneConfig, FinetuneError
from datagen.finetune.rows.encode import EncodedRow, EncodedRows, RowEncoder
from datagen.finetune.rows.schedule import Schedule, lay_out
from datagen.finetune.rows.template import RowTemplate, bind_template
from datagen.finetune.rows.training_rows import TrainingRows, load_training_rows


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a training needs besides the model."""

    config: FinetuneConfig
    rows: TrainingRows
    base: BaseModel
    tokenizer: Any
    template: RowTemplate
    encoded: EncodedRows
    held_out: tuple[EncodedRow, ...]
    schedule: Schedule
    keeps_apart: bool = True
    """Whether positions keep rows of one sequence apart in this architecture; where not, none is packed."""

    @property
    def lengths(self) -> list[int]:
        """Tokens of each row."""
        return [len(row) for row in self.encoded.rows]


def prepare(config: FinetuneConfig, work: Path) -> Prepared:
    """Rows, tokenizer, tokens and schedule; a new base model is written to `work`.

    Raises WavebenchError where the user has to fix something.
    """
    rows = load_training_rows(config)
    base = find_base(config, rows.train, work)
    tokenizer = load_tokenizer(base, config)
    template = bind_template(config.template, tokenizer)
    encoder = RowEncoder(tokenizer, template, config.sequence, config.long_rows)
    encoded = encoder.encode(rows.train)
    encoder.refuse_bad_split(rows.train, encoded)
    if not encoded.rows:
        raise FinetuneError(
            f"No row of {config.data!r} is left to train on at sequence = {config.sequence!r}: raise sequence."
        )
    held_out = encoder.encode(rows.held_out).rows
    schedule = _schedule(config, encoded)
    return Prepared(config, rows, base, tokenizer, template, encoded, tuple(held_out), schedule)


def unpacked(prepared: Prepared) -> Prepared:
    """The same training with each row in a sequence of its own."""
    config = replace(prepared.config, packing=False)
    return replace(prepared, config=config, schedule=_schedule(config, prepared.encoded), keeps_apart=False)


def _schedule(config: FinetuneConfig, encoded: EncodedRows) -> Schedule:
    return lay_out(
        [len(row) for row in encoded.rows],
        batch_rows=config.batch_rows,
        epochs=config.epochs,
        sequence=config.sequence,
        micro_batch=config.micro_batch,
        processes=config.processes,
        packing=config.packing,
        seed=config.seed,
        max_steps=config.max_steps,
    )
