"""A prompt style: one row of wording. The rows stand in TOML files, one for each benchmark; see `styles.wording`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from tasks.errors import unknown
from tasks.prompt import Message, Prompt
from tasks.styles.wording import style_rows
from tasks.task import AnswerForm


@dataclass(frozen=True, slots=True)
class Style:
    """How a problem is put into words. `{field}` in a template stands for a field that the benchmark offers."""

    name: str
    about: str
    """Whose wording it is, in one sentence."""
    text: str | None = None
    """Template of a text to continue; exactly one of `text` and `messages` is set."""
    messages: tuple[Message, ...] = ()
    """Templates of a chat."""
    stop: tuple[str, ...] = ()
    prefill: str = ""
    """Template of the beginning of the answer."""
    fence_language: str = ""
    """Template, set when the wording asks for one fenced block of that language, see `Prompt.fence_language`."""
    answer: AnswerForm = AnswerForm.AUTO
    """What the wording asks for: a continuation of the problem's prompt, a whole program, or any text
    with code in it."""
    shot: str = ""
    """Template of one worked example; they are offered to `text` as the field `shots`, put together."""
    shot_ids: tuple[int, ...] = ()
    """Ids of the benchmark's rows that serve as examples."""

    @property
    def sha256(self) -> str:
        """Identity of the wording: everything but the name and the remark."""
        wording = {key: value for key, value in asdict(self).items() if key not in ("name", "about")}
        return hashlib.sha256(json.dumps(wording, sort_keys=True).encode()).hexdigest()

    def prompt(self, fields: Mapping[str, str]) -> Prompt:
        """The prompt with the problem's fields put in."""
        return Prompt(
            text=None if self.text is None else self.text.format_map(fields),
            messages=tuple(Message(message.role, message.content.format_map(fields)) for message in self.messages),
            stop=self.stop,
            prefill=self.prefill.format_map(fields),
            fence_language=self.fence_language.format_map(fields),
        )

    def whole_answer(self, completion: str, fields: Mapping[str, str]) -> str:
        """The completion with the prefill in front, which most servers leave out of what they return."""
        prefill = self.prefill.format_map(fields)
        return completion if completion.startswith(prefill) else prefill + completion


def load_style(benchmark: str, name: str | None = None) -> Style:
    """The style `name` (None: the first) of BENCHMARK.toml; TaskError naming the closest when there is none."""
    styles = load_styles(benchmark)
    if name is None:
        return next(iter(styles.values()))
    if name not in styles:
        raise unknown(f"prompt style of {benchmark}", name, tuple(styles))
    return styles[name]


@cache
def load_styles(benchmark: str) -> Mapping[str, Style]:
    """Every style of a benchmark by name, the default one first."""
    return {name: style_from(name, row) for name, row in style_rows(benchmark).items()}


def style_from(name: str, row: dict[str, Any]) -> Style:
    """A style from its row, as TOML holds it."""
    row = dict(row)
    lists = {key: tuple(row.pop(key)) for key in ("stop", "shot_ids") if key in row}
    messages = tuple(Message(**message) for message in row.pop("messages", ()))
    answer = AnswerForm(row.pop("answer", AnswerForm.AUTO))
    return Style(name=name, messages=messages, answer=answer, **lists, **row)
