"""completions.jsonl: every answer of a model, found by sample without being held in memory."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import UNSET

from harness.completion import Completion
from harness.files.json_lines import JsonLines

SampleKey = tuple[str, int]
"""task id and number of the sample."""


class _Address(msgspec.Struct):
    """The part of a line that says which answer it is."""

    task_id: str
    sample: Annotated[int, msgspec.Meta(ge=0)]
    turn: Annotated[int, msgspec.Meta(ge=0)]


class CompletionLog:
    """Keeps where each answer begins, about a hundred bytes a sample; the text stays on disk.

    Of several lines with the same task, sample and turn the first counts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = JsonLines(path, Completion)
        self._begins: dict[SampleKey, tuple[int, ...]] = {}
        self.hidden = 0
        """Lines that do not count, since an earlier one has the same task, sample and turn."""

    def open(self, writable: bool) -> None:
        """Reads the addresses of what is there; drops a torn last line when `writable`."""
        if writable:
            self._lines.open()
        for begin, address in JsonLines(self.path, _Address).read():
            self._note(address.task_id, address.sample, address.turn, begin)

    def close(self) -> None:
        self._lines.close()

    def append(self, completion: Completion) -> None:
        """Puts one answer on disk at once. Raises FullDiskError when there is no room."""
        try:
            begin = self._lines.append(completion)
        except UnicodeEncodeError:
            # Half a character, as some servers send, has no UTF-8 form; it becomes U+FFFD.
            text, thought = (
                each.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                for each in (completion.completion, completion.reasoning_content or "")
            )
            changed = replace(completion, completion=text, reasoning_content=thought or UNSET)
            begin = self._lines.append(changed)
        self._note(completion.task_id, completion.sample, completion.turn, begin)

    def __len__(self) -> int:
        return len(self._begins)

    def samples(self) -> Iterator[SampleKey]:
        """Every sample that has an answer, in the order of the file."""
        return iter(tuple(self._begins))

    def next_turn(self, key: SampleKey) -> int:
        """How many turns of a sample are answered."""
        return len(self._begins.get(key, ()))

    def answers(self, key: SampleKey) -> list[str]:
        """The texts of a sample's turns so far; empty when it has none."""
        return [turn.completion for turn in self.turns(key)]

    def turns(self, key: SampleKey) -> list[Completion]:
        """The whole lines of a sample's turns so far."""
        return [self._lines.read_at(begin) for begin in self._begins.get(key, ())]

    def _note(self, task_id: str, sample: int, turn: int, begin: int) -> None:
        key = (sys.intern(task_id), sample)
        begins = self._begins.get(key, ())
        if turn == len(begins):
            self._begins[key] = (*begins, begin)
        elif turn < len(begins):
            self.hidden += 1
