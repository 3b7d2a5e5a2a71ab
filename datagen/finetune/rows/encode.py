"""From an instruction row to token ids and labels: the loss is on the response and its end-of-text token alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from datagen.finetune.config import FinetuneError, LongRows
from datagen.finetune.rows.template import Template
from datagen.rows.instruction_rows import InstructionRow

IGNORED = -100
"""Label of a token without loss, as torch's cross entropy knows it."""


@dataclass(frozen=True, slots=True)
class EncodedRow:
    """Token ids of prompt and response; the first `prompt_tokens` carry no loss."""

    ids: tuple[int, ...]
    prompt_tokens: int

    @property
    def labels(self) -> tuple[int, ...]:
        """One label a token, not shifted."""
        return (IGNORED,) * self.prompt_tokens + self.ids[self.prompt_tokens :]

    @property
    def response_tokens(self) -> int:
        """Tokens with a loss."""
        return len(self.ids) - self.prompt_tokens

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(slots=True)
class EncodedRows:
    """What will be trained on, and what was lost on the way."""

    rows: list[EncodedRow] = field(default_factory=list[EncodedRow])
    truncated_rows: int = 0
    truncated_tokens: int = 0
    """Tokens of responses that are cut off, end-of-text included."""
    dropped_rows: int = 0
    """Rows left out whole, as too long."""
    without_label: int = 0
    """Rows left out since their prompt alone fills the sequence."""
    merged_boundaries: int = 0
    """Rows whose tokens would be others if prompt and response were read as one text."""

    @property
    def tokens(self) -> int:
        return sum(len(row) for row in self.rows)

    @property
    def response_tokens(self) -> int:
        return sum(row.response_tokens for row in self.rows)


@dataclass(frozen=True, slots=True)
class RowEncoder:
    """A tokenizer with a template. `tokenizer` is Any, as the types of transformers are partial."""

    tokenizer: Any
    template: Template
    sequence: int
    long_rows: LongRows = LongRows.TRUNCATE

    def encode(self, rows: Iterable[InstructionRow]) -> EncodedRows:
        """Encodes every row; too long ones are cut or left out, and counted."""
        found = EncodedRows()
        for row in rows:
            encoded, merged = self.encode_row(row)
            found.merged_boundaries += merged
            excess = len(encoded) - self.sequence
            if excess <= 0:
                found.rows.append(encoded)
            elif encoded.prompt_tokens >= self.sequence:
                found.without_label += 1
            elif self.long_rows is LongRows.DROP:
                found.dropped_rows += 1
            else:
                found.rows.append(EncodedRow(encoded.ids[: self.sequence], encoded.prompt_tokens))
                found.truncated_rows += 1
                found.truncated_tokens += excess
        return found

    def encode_row(self, row: InstructionRow) -> tuple[EncodedRow, bool]:
        """The whole row, and whether a token would reach over the boundary if the text were read as one.

        The prompt is read alone, as an evaluation reads it. The response is what remains of the whole text's tokens;
        where that is impossible it is read alone too.
        """
        prompt = self.template.prompt(row)
        before: list[int] = self.tokenizer(prompt).input_ids
        whole: list[int] = self.tokenizer(prompt + row.output).input_ids
        end = self.tokenizer.eos_token_id
        if before[-1:] == [end]:
            before, whole = before[:-1], whole[:-1]
        merged = whole[: len(before)] != before
        response: list[int] = (
            self.tokenizer(row.output, add_special_tokens=False).input_ids if merged else whole[len(before) :]
        )
        return EncodedRow((*before, *response, end), len(before)), merged

    def refuse_bad_split(self, rows: Sequence[InstructionRow]) -> None:
        """Raises FinetuneError where text is lost, or where the template's own end melts into every response."""
        for row in rows:
            encoded, _ = self.encode_row(row)
            response = encoded.ids[encoded.prompt_tokens : -1]
            text = row.output
            back: str = self.tokenizer.decode(response, skip_special_tokens=False, clean_up_tokenization_spaces=False)
            if back != text:
                place = next((i for i, (a, b) in enumerate(zip(text, back, strict=False)) if a != b), len(back))
                raise FinetuneError(
                    f"The tokenizer does not give the response back behind template {self.template.name!r}: "
                    f"{text[place : place + 20]!r} becomes {back[place : place + 20]!r}: choose a tokenizer that keeps "
                    f"every character, or another template."
                )
        if rows and all(self._melts(row, letter) for row in rows[:8] for letter in "aZ"):
            end = self.template.prompt(rows[0])[-12:]
            raise FinetuneError(
                f"The template {self.template.name!r} ends in {end!r}, which this tokenizer joins with the response's "
                f"first letter into one token: end the template in a sign and no white space."
            )

    def _melts(self, row: InstructionRow, letter: str) -> bool:
        prompt = self.template.prompt(row)
        before: list[int] = self.tokenizer(prompt, add_special_tokens=False).input_ids
        whole: list[int] = self.tokenizer(prompt + letter, add_special_tokens=False).input_ids
        return whole[: len(before)] != before
