"""The wording of a training row; the response follows it at once.

`alpaca` and its like are words around the fields. `chat` is the chat template that comes with the base's tokenizer.
"""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from datagen.rows.instruction_row import InstructionRow
from harness.runs.settings import ConfigError
from tasks.prompt import Prompt

CHAT = "chat"
"""The base's own chat template."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt."""

    text: str
    is_wording: bool
    """Whether the template wrote it, so that special tokens in it are meant."""


class RowTemplate(Protocol):
    """How rows are worded."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str:
        """Identity of the wording."""
        ...

    @property
    def brings_special_tokens(self) -> bool:
        """Whether the tokenizer must add none of its own."""
        ...

    def pieces(self, row: InstructionRow) -> Sequence[Piece]:
        """All that stands before the response."""
        ...

    def fits(self, prompt: Prompt) -> bool:
        """Whether an evaluation's prompt ends in the words that responses followed in training."""
        ...


@dataclass(frozen=True, slots=True)
class Template:
    """Two wordings, for rows with and without an input."""

    name: str
    with_input: str
    without_input: str
    end: str = ""
    """What ends the answers of a conversation's earlier turns: the tokenizer's end-of-text token."""

    @property
    def sha256(self) -> str:
        """Identity of both wordings."""
        return hashlib.sha256(json.dumps([self.with_input, self.without_input]).encode()).hexdigest()

    @property
    def brings_special_tokens(self) -> bool:
        return False

    def prompt(self, row: InstructionRow) -> str:
        """All that stands before the response."""
        return "".join(piece.text for piece in self.pieces(row))

    def pieces(self, row: InstructionRow) -> list[Piece]:
        """A conversation is worded turn by turn; its system message opens the first instruction."""
        found: list[Piece] = []
        opening = f"{row.system}\n\n" if row.system else ""
        for each in row.history:
            found += [*self._turn(opening + each.question, ""), Piece(each.answer, False), Piece(self.end, True)]
            opening = ""
        return [*found, *self._turn(opening + row.instruction, row.input)]

    def _turn(self, instruction: str, given: str) -> list[Piece]:
        wording = self.with_input if given else self.without_input
        head, _, rest = wording.partition("{instruction}")
        if not given:
            return [Piece(head, True), Piece(instruction, False), Piece(rest, True)]
        middle, _, tail = rest.partition("{input}")
        fields = [Piece(instruction, False), Piece(middle, True), Piece(given, False)]
        return [Piece(head, True), *fields, Piece(tail, True)]

    def fits(self, prompt: Prompt) -> bool:
        """The same words before the first field and after the last; a chat is worded by `as_chat`."""
        text = prompt.text
        return text is None or any(
            text.startswith(wording.split("{", 1)[0]) and text.endswith(wording.rsplit("}", 1)[1])
            for wording in (self.with_input, self.without_input)
        )

    def as_chat(self, begins_with_bos: bool) -> str:
        """A chat template, in Jinja, that words a chat as rows were worded: it goes with the trained tokenizer."""
        head, _, tail = self.without_input.partition("{instruction}")
        first = "{{ bos_token }}" if begins_with_bos else ""
        return (
            f"{first}{{%- set lead = namespace(text='') -%}}"
            "{%- for message in messages -%}"
            "{%- if message['role'] == 'system' -%}{%- set lead.text = lead.text + message['content'] + '\\n\\n' -%}"
            "{%- elif message['role'] == 'user' -%}"
            f"{{{{ {json.dumps(head)} + lead.text + message['content'] + {json.dumps(tail)} }}}}"
            "{%- set lead.text = '' -%}"
            "{%- elif message['role'] == 'assistant' -%}{{ message['content'] + eos_token }}"
            "{%- else -%}{{ raise_exception('This model knows the roles system, user and assistant.') }}{%- endif -%}"
            "{%- endfor -%}"
        )


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """The chat template of a tokenizer. `tokenizer` is Any, as the types of transformers are partial."""

    tokenizer: Any

    @property
    def name(self) -> str:
        return CHAT

    @property
    def sha256(self) -> str:
        return hashlib.sha256(str(self.tokenizer.chat_template).encode()).hexdigest()

    @property
    def brings_special_tokens(self) -> bool:
        return True

    def pieces(self, row: InstructionRow) -> list[Piece]:
        """Fields are found again by marks that no template changes; a text that it trims stands as it was written."""
        asked = f"{row.instruction}\n\n{row.input}" if row.input else row.instruction
        said = [text for each in row.history for text in (each.question, each.answer)]
        fields = [*([row.system] if row.system else []), *said, asked]
        marks = [f"\uf8f0field{number}\uf8f1" for number in range(len(fields))]
        roles = [*(["system"] if row.system else []), *(["user", "assistant"] * len(row.history)), "user"]
        messages = [{"role": role, "content": mark} for role, mark in zip(roles, marks, strict=True)]
        rest: str = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        found: list[Piece] = []
        for mark, text in zip(marks, fields, strict=True):
            before, held, rest = rest.partition(mark)
            if not held:
                raise ConfigError("The base's chat template leaves out what is said: use template = 'alpaca'.")
            found += [Piece(before, True), Piece(text, False)]
        return [*found, Piece(rest, True)]

    def fits(self, prompt: Prompt) -> bool:
        """Every chat, as the tokenizer itself words it."""
        return prompt.text is None

    def end_token(self) -> str:
        """What the template writes behind an answer: the token by which a trained model ends its own."""
        mark = "\uf8f0answer\uf8f1"
        messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": mark}]
        text: str = self.tokenizer.apply_chat_template(messages, tokenize=False)
        ids: list[int] = self.tokenizer(text.partition(mark)[2], add_special_tokens=False).input_ids
        return self.tokenizer.convert_ids_to_tokens(ids[0]) if ids else ""


def bind_template(name: str, tokenizer: Any) -> RowTemplate:
    """The template for rows that this tokenizer reads. Raises ConfigError for a base that has no chat template."""
    if name != CHAT:
        return replace(load_template(name), end=tokenizer.eos_token)
    if not tokenizer.chat_template:
        raise ConfigError("template = 'chat' needs a base whose tokenizer has a chat template: use 'alpaca'.")
    return ChatTemplate(tokenizer)


@cache
def load_template(name: str) -> Template:
    """A template of data/training_templates.toml by its name. Raises ConfigError with the known names."""
    table = tomllib.loads(files("datagen").joinpath("data/training_templates.toml").read_text())
    if name not in table:
        raise ConfigError(f"Unknown template {name!r}: use one of {', '.join([*table, CHAT])}.")
    row = table[name]
    return Template(name, row["with_input"], row["without_input"])
