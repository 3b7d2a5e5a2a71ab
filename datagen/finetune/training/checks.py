"""Checks before training: what would be lost, and whether evaluations use the training template."""

from collections.abc import Iterator
from dataclasses import dataclass

from datagen.finetune.config import AskedPrompt, LongRows
from datagen.finetune.rows.template import RowTemplate
from datagen.finetune.training.memory import GIB, ExpectedMemory
from datagen.finetune.training.prepared import Prepared
from harness.runs.config import parse_config
from harness.runs.run import load_task
from sandbox.errors import WavebenchError


@dataclass(frozen=True, slots=True)
class Checks:
    """Counts, and a sentence for each thing a reader must know."""

    rows: int
    held_out_rows: int
    tokens: int
    response_tokens: int
    truncated_rows: int
    truncated_tokens: int
    rows_too_long: int
    rows_without_label: int
    rows_without_response: int
    merged_boundaries: int
    rows_lost: int
    rows_normalised: int
    rows_with_special_texts: int
    packed: bool
    expected_gib: float
    free_gib: float
    remarks: tuple[str, ...]


def check(prepared: Prepared, memory: ExpectedMemory, free: int) -> Checks:
    """All checks; none of them stops the training."""
    rows, encoded = prepared.rows, prepared.encoded
    return Checks(
        rows=len(encoded.rows),
        held_out_rows=len(rows.held_out),
        tokens=encoded.tokens,
        response_tokens=encoded.response_tokens,
        truncated_rows=encoded.truncated_rows,
        truncated_tokens=encoded.truncated_tokens,
        rows_too_long=encoded.dropped_rows,
        rows_without_label=encoded.without_label,
        rows_without_response=rows.empty,
        merged_boundaries=encoded.merged_boundaries,
        rows_lost=encoded.lost_rows,
        rows_normalised=encoded.normalised_rows,
        rows_with_special_texts=encoded.special_texts,
        packed=prepared.config.packing,
        expected_gib=memory.total / GIB,
        free_gib=free / GIB,
        remarks=(*_what_is_lost(prepared), *_remarks(prepared, memory, free)),
    )


def _what_is_lost(prepared: Prepared) -> Iterator[str]:
    config, rows, encoded = prepared.config, prepared.rows, prepared.encoded
    if encoded.truncated_rows:
        yield (
            f"{encoded.truncated_rows} rows are longer than {config.sequence} tokens and lose "
            f"{encoded.truncated_tokens} tokens of their responses, their ends included: raise sequence, or "
            f"set long_rows = 'drop'."
        )
    if encoded.dropped_rows and config.long_rows is LongRows.DROP:
        yield f"{encoded.dropped_rows} rows are longer than {config.sequence} tokens and are left out."
    if encoded.without_label:
        yield (
            f"{encoded.without_label} rows have a prompt of {config.sequence} tokens or more, so no label, and are "
            f"left out."
        )
    if rows.empty:
        yield f"{rows.empty} rows have no response and are left out."
    if rows.unasked:
        yield f"{rows.unasked} rows have no instruction and are left out."
    if encoded.lost_rows:
        yield f"{encoded.lost_rows} rows are left out, as the tokenizer cannot write them: {encoded.first_lost}."
    if encoded.normalised_rows:
        yield (
            f"In {encoded.normalised_rows} rows the tokenizer writes some letters in another Unicode form; the model "
            f"learns that form."
        )
    if encoded.special_texts:
        yield (
            f"{encoded.special_texts} rows hold the text of a special token; there it is read as plain text, so that "
            f"no row ends or begins where it should not."
        )


def _remarks(prepared: Prepared, memory: ExpectedMemory, free: int) -> Iterator[str]:
    config, rows, encoded = prepared.config, prepared.rows, prepared.encoded
    if not prepared.keeps_apart:
        yield (
            "In this architecture rows that share a sequence reach each other (changing one changed the next), so each "
            "has a sequence of its own."
        )
    if not rows.held_out:
        yield "No row is held out, so nothing shows whether training helps: raise held_out."
    if 2 * encoded.merged_boundaries > len(encoded.rows):
        yield (
            f"In {encoded.merged_boundaries} rows the tokenizer would join prompt and response where they meet; both "
            f"are encoded separately, as in an evaluation."
        )
    if memory.total > free:
        yield (
            f"About {memory.total / GIB:.1f} GiB are expected and {free / GIB:.1f} GiB are free: lower micro_batch, or "
            f"set gradient_checkpointing = true."
        )
    for asked in config.asked:
        yield from _mismatch(asked, prepared.template)


def _mismatch(asked: AskedPrompt, template: RowTemplate) -> Iterator[str]:
    """A sentence where the task's prompt does not follow the training template."""
    known = parse_config({"model": "none", "task": asked.task, "style": asked.style, "data": asked.data}, "asked")
    try:
        task = load_task(known)
    except WavebenchError as error:  # training must not need the benchmark's rows
        yield f"How {asked.task!r} asks could not be compared with the training template: {error}"
        return
    prompt = task.prompt(task.problems[0], ())
    text = prompt.text if prompt else None
    if prompt is None or not template.fits(prompt):
        shown = "a chat" if text is None else f"one that ends in {text[-30:]!r}"
        yield (
            f"The model is taught by template {template.name!r} but {asked.task!r} in style {task.style!r} asks in "
            f"other words ({shown}): choose a style that ends as the template does, such as 'alpaca', or expect a "
            f"lower score."
        )
