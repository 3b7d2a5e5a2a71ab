"""Many sequences through one model at once: rows leave when they are finished and others take their place."""

import inspect
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import Cache

from harness.model import Request, Sampling
from harness.models.draw import next_tokens
from harness.models.options import ModelOptions
from harness.models.stopping import StopRule
from harness.models.window_cache import CachePart, joined

LOOK_AHEAD = 16
"""Batches' worth of requests that are drawn ahead and sorted by length; memory stays flat however many follow."""
PREFILL_TOKENS = 4096
"""The most prompt tokens read in one pass, padding included."""
SLACK = 8
"""A batch is filled up when one row in this many is free: each time copies the cache once."""


@dataclass(slots=True, eq=False)
class Row:
    """One sequence under way."""

    request: Request
    prompt: tuple[int, ...]
    """Token ids."""
    limit: int
    """New tokens at most; below 1 the context has no room for any."""
    rule: StopRule
    luck: random.Random
    """Seeded by the request alone; gives one number for each token."""
    started: float = 0.0
    tokens: list[int] = field(default_factory=list[int])
    """New token ids so far, without the end-of-sequence token."""
    finish_reason: str = ""

    @property
    def length(self) -> int:
        return len(self.prompt) + len(self.tokens)


class Decoder:
    """The loop over one loaded model: read prompts, draw a token for every row, let finished rows go, fill up.

    Samples of the same prompt share its reading. Rounding is all that batching changes: matrix products of another
    shape add up in another order, so that two nearly equal tokens may change places.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        text_of: Callable[[Sequence[int]], str],
        end_tokens: frozenset[int],
        options: ModelOptions,
    ) -> None:
        self._model = model
        self._text_of = text_of
        self._end_tokens = end_tokens
        self._options = options
        self._accepted = frozenset(inspect.signature(model.forward).parameters)

    def run(self, rows: Iterable[Row], sampling: Sampling) -> Iterator[Row]:
        """Yields every row once, when it is finished."""
        source = iter(rows)
        waiting: list[Row] = []
        batch: list[Row] = []  # as the cache's rows; finished ones stay there until it is next laid out
        cache: Cache = DynamicCache()
        while True:
            running = _running(batch)
            if len(batch) - len(running) >= len(batch) / SLACK:
                yield from self._look_ahead(source, waiting)
                entering = self._entering(running, waiting)
                places = [place for place, row in enumerate(batch) if not row.finish_reason]
                parts = [CachePart(cache, places)] if places else []
                parts += [self._read(rows_of_pass, sampling) for rows_of_pass in _passes(entering)]
                yield from _finished(entering)
                batch = running = running + _running(entering)
                if not batch and not entering:
                    return
                if not batch:
                    continue
                cache = joined(parts, columns=max(row.length for row in batch) - 1)
            self._step(batch, cache, sampling)
            yield from _finished(running)

    def _look_ahead(self, source: Iterator[Row], waiting: list[Row]) -> Iterator[Row]:
        """Draws further rows, the longest last; yields those for which the model's context has no room."""
        if len(waiting) >= self._options.batch_rows:
            return
        for row in islice(source, self._options.batch_rows * LOOK_AHEAD):
            if row.limit >= 1:
                waiting.append(row)
            else:
                row.finish_reason = "length"
                yield row
        waiting.sort(key=lambda row: (len(row.prompt), row.prompt))

    def _entering(self, running: Sequence[Row], waiting: list[Row]) -> list[Row]:
        """Takes as many waiting rows as the batch has room for, the longest first."""
        entering: list[Row] = []
        longest = max((len(row.prompt) + row.limit for row in running), default=0)
        while waiting:
            count = len(running) + len(entering) + 1
            longest = max(longest, len(waiting[-1].prompt) + waiting[-1].limit)
            is_full = count > self._options.batch_rows or count * longest > self._options.batch_tokens
            if is_full and count > 1:
                break
            entering.append(waiting.pop())
        return entering

    def _read(self, rows: Sequence[Row], sampling: Sampling) -> CachePart:
        """Reads the rows' prompts and draws their first tokens; the part holds the rows that go on."""
        for row in rows:
            row.started = time.monotonic()
        places = {prompt: place for place, prompt in enumerate(dict.fromkeys(row.prompt for row in rows))}
        width = max(map(len, places))
        padded = [[0] * (width - len(prompt)) + list(prompt) for prompt in places]
        cache = DynamicCache()  # without the config: layers with a sliding window keep all columns too
        logits = self._logits(padded, list(map(len, places)), cache)
        self._draw(rows, logits[[places[row.prompt] for row in rows]], sampling)
        return CachePart(cache, [places[row.prompt] for row in _running(rows)])

    def _step(self, batch: Sequence[Row], cache: Cache, sampling: Sampling) -> None:
        logits = self._logits([[row.tokens[-1]] for row in batch], [row.length for row in batch], cache)
        self._draw(batch, logits, sampling)

    @torch.inference_mode()
    def _logits(self, tokens: Sequence[Sequence[int]], lengths: Sequence[int], cache: Cache) -> torch.Tensor:
        """The logits (rows, vocabulary) after `tokens`; `lengths` counts each row's tokens, those in the cache too."""
        device = self._model.device
        ids = torch.tensor(tokens, device=device)
        width = cache.get_seq_length() + ids.shape[1]
        first = width - torch.tensor(lengths, device=device).unsqueeze(1)  # each row's first column
        columns = torch.arange(width, device=device).unsqueeze(0)
        inputs: dict[str, Any] = {
            "position_ids": (columns - first).clamp(min=0)[:, -ids.shape[1] :],
            "logits_to_keep": 1,
        }
        output = self._model(
            input_ids=ids,
            attention_mask=(columns >= first).long(),
            past_key_values=cache,
            use_cache=True,
            **{name: value for name, value in inputs.items() if name in self._accepted},
        )
        return output.logits[:, -1]

    @torch.inference_mode()
    def _draw(self, rows: Sequence[Row], logits: torch.Tensor, sampling: Sampling) -> None:
        luck = [0.0 if row.finish_reason else row.luck.random() for row in rows]
        for row, token in zip(rows, next_tokens(logits, sampling, luck), strict=True):
            if not row.finish_reason:
                self._append(row, token)

    def _append(self, row: Row, token: int) -> None:
        if token in self._end_tokens:
            row.finish_reason = "stop"
            return
        row.tokens.append(token)
        # Decoding the tail alone is cheap; its first characters may be wrong, hence the spare tokens.
        tail = self._text_of(row.tokens[-row.rule.longest_mark_bytes - 8 :]) if row.rule.longest_mark_bytes else ""
        if tail and row.rule.may_end(tail) and row.rule.ends(self._text_of(row.tokens)):
            row.finish_reason = "stop"
        elif len(row.tokens) >= row.limit:
            row.finish_reason = "length"


def _running(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not row.finish_reason]


def _finished(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.finish_reason]


def _passes(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Cuts rows, the longest first, into passes of at most PREFILL_TOKENS; equal prompts count once."""
    current: list[Row] = []
    prompts: set[tuple[int, ...]] = set()
    for row in rows:
        prompts.add(row.prompt)
        if current and len(prompts) * len(current[0].prompt) > PREFILL_TOKENS and row.prompt != current[-1].prompt:
            yield current
            current, prompts = [], {row.prompt}
        current.append(row)
    if current:
        yield current
