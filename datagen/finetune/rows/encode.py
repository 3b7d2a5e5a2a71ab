"""From an instruction row to token ids and labels: the loss is on the response and its end token alone."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from datagen.finetune.config import FinetuneError, LongRows
from datagen.finetune.rows.template import ChatTemplate, Piece, RowTemplate
from datagen.rows.instruction_row import InstructionRow

IGNORED = -100
"""Label of a token without loss, as torch's cross entropy knows it."""
_MOST_LOST = 0.05
"""Share of rows that may be left out since the tokenizer cannot write them; above it is the wrong tokenizer."""


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
    special_texts: int = 0
    """Rows that hold the text of a special token, which is read as plain text."""
    normalised_rows: int = 0
    """Rows of which the tokenizer writes some letters in another Unicode form."""
    lost_rows: int = 0
    """Rows left out since the tokenizer does not give their response back."""
    first_lost: str = ""
    """What becomes of the first of them."""

    @property
    def tokens(self) -> int:
        return sum(len(row) for row in self.rows)

    @property
    def response_tokens(self) -> int:
        return sum(row.response_tokens for row in self.rows)


@dataclass(frozen=True)
class RowEncoder:
    """A tokenizer with a template. `tokenizer` is Any, as the types of transformers are partial."""

    tokenizer: Any
    template: RowTemplate
    sequence: int
    long_rows: LongRows = LongRows.TRUNCATE

    @cached_property
    def end(self) -> int:
        """The token that ends a response."""
        if isinstance(self.template, ChatTemplate):
            return self.tokenizer.convert_tokens_to_ids(self.template.end_token())
        return self.tokenizer.eos_token_id

    @cached_property
    def special_texts(self) -> tuple[str, ...]:
        """The texts that the tokenizer reads as special tokens."""
        added = self.tokenizer.added_tokens_decoder.values()
        return tuple({*self.tokenizer.all_special_tokens, *(token.content for token in added if token.special)})

    def encode(self, rows: Iterable[InstructionRow]) -> EncodedRows:
        """Encodes every row; too long ones are cut or left out, and counted."""
        found = EncodedRows()
        for row in rows:
            encoded, merged = self.encode_row(row)
            response = list(encoded.ids[encoded.prompt_tokens : -1])
            back: str = self.tokenizer.decode(response, skip_special_tokens=False, clean_up_tokenization_spaces=False)
            # Letters in another Unicode form are the same letters; all else is lost text, and would teach garbage.
            if back != row.output and unicodedata.normalize("NFKC", back) != unicodedata.normalize("NFKC", row.output):
                found.lost_rows += 1
                pairs = enumerate(zip(row.output, back, strict=False))
                place = next((place for place, (a, b) in pairs if a != b), min(len(row.output), len(back)))
                shown = f"{row.output[place : place + 20]!r} becomes {back[place : place + 20]!r}"
                found.first_lost = found.first_lost or shown
                continue
            found.normalised_rows += back != row.output
            said = [text for each in row.history for text in (each.question, each.answer)]
            texts = [row.system, *said, row.instruction, row.input, row.output]
            found.special_texts += any(self._has_special(text) for text in texts)
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
        pieces = self.template.pieces(row)
        before, whole = self._ids(pieces), self._ids([*pieces, Piece(row.output, False)])
        end = self.tokenizer.eos_token_id
        if before[-1:] == [end] and not self.template.brings_special_tokens:
            before, whole = before[:-1], whole[:-1]
        merged = whole[: len(before)] != before
        response = self._ids([Piece(row.output, False)], False) if merged else whole[len(before) :]
        return EncodedRow((*before, *response, self.end), len(before)), merged

    def refuse_bad_split(self, rows: Sequence[InstructionRow], encoded: EncodedRows) -> None:
        """Raises FinetuneError where text is lost, or where the template's own end melts into every response."""
        if encoded.lost_rows > _MOST_LOST * len(rows):
            raise FinetuneError(
                f"The tokenizer does not give the response back behind template {self.template.name!r} in "
                f"{encoded.lost_rows} of {len(rows)} rows: {encoded.first_lost}: choose a tokenizer that keeps every "
                f"character, or another template."
            )
        # A template may melt with one response's first sign by chance; it is at fault where it melts with any letter.
        kept = False
        for pieces in (self.template.pieces(row) for row in rows[:8]):
            before = self._ids(pieces, False)
            wholes = [self._ids([*pieces, Piece(letter, False)], False) for letter in "aZ"]
            kept = kept or any(whole[: len(before)] == before for whole in wholes)
        if rows and not kept:
            end = "".join(piece.text for piece in self.template.pieces(rows[0]))[-12:]
            raise FinetuneError(
                f"The template {self.template.name!r} ends in {end!r}, which this tokenizer joins with the response's "
                f"first letter into one token: end the template in a sign and no white space."
            )

    def _has_special(self, text: str) -> bool:
        return any(special in text for special in self.special_texts)

    def _ids(self, pieces: Sequence[Piece], begins: bool = True) -> list[int]:
        """The tokens of a text. Special tokens are read where the template wrote them and nowhere else.

        Pieces are joined as far as they can be, since tokens may reach over their borders: a text without any such
        word is read as a whole, as an evaluation reads it. `begins` adds what the tokenizer puts around a text.
        """
        adds = begins and not self.template.brings_special_tokens
        if not any(self._has_special(piece.text) for piece in pieces if not piece.is_wording):
            return self.tokenizer("".join(piece.text for piece in pieces), add_special_tokens=adds).input_ids
        runs = groupby(pieces, lambda piece: piece.is_wording and self._has_special(piece.text))
        ids: list[int] = []
        for number, (is_special, run) in enumerate(runs):
            text = "".join(piece.text for piece in run)
            first = adds and not number
            ids += self.tokenizer(text, add_special_tokens=first, split_special_tokens=not is_special).input_ids
        return ids
