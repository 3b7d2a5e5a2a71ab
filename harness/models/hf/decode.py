"""Many sequences through one model at once: rows leave when they are finished and others take their place."""

import inspect
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import Cache

from harness.model import Request, Sampling
from harness.models.hf.batch_budget import BatchBudget, free_memory, is_out_of_memory
from harness.models.hf.sampling import next_tokens
from harness.models.hf.stopping import StopRule
from harness.models.hf.window_cache import CachePart, joined
from harness.models.options import ModelOptions
from sandbox.sandbox import JobQueue

LOOK_AHEAD = 16
"""Batches' worth of requests that are drawn ahead and sorted by length; memory stays flat however many follow."""
PADDING_SHARE = 0.25
"""The most padding in a pass that reads prompts; another pass costs less than that."""
SLACK = 8
"""A batch is filled up when one row in this many is free: each time copies the cache once."""


@dataclass(slots=True, eq=False)
class DecodeRow:
    """One sequence under way."""

    request: Request
    prompt: tuple[int, ...]
    """Token ids."""
    limit: int
    """New tokens at most; below 1 the context has no room for any."""
    rule: StopRule
    uniforms: random.Random
    """Seeded by the request alone; gives one number for each token."""
    number: float | None = None
    """The one for the next token, once it is drawn: a step that fails and is done again takes the same."""
    started: float = 0.0
    tokens: list[int] = field(default_factory=list[int])
    """New token ids so far, without the end-of-sequence token."""
    finish_reason: str = ""

    @property
    def length(self) -> int:
        return len(self.prompt) + len(self.tokens)

    @property
    def longest(self) -> int:
        """Tokens when nothing but the limit ends it."""
        return len(self.prompt) + self.limit

    @property
    def known(self) -> tuple[int, ...]:
        """All tokens so far. More than the prompt only where memory ran out and the row begins again."""
        return (*self.prompt, *self.tokens) if self.tokens else self.prompt

    def next_number(self) -> float:
        if self.number is None:
            self.number = self.uniforms.random()
        return self.number


class Decoder:
    """The loop over one loaded model: read prompts, draw a token for every row, let finished rows go, fill up.

    Samples of the same prompt share its reading. Rounding is all that batching changes: matrix products of another
    shape add up in another order, so that two nearly equal tokens may change places. Serves one `run`.
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
        self._budget = BatchBudget(options.batch_tokens, options.batch_rows)
        self._accepted = frozenset(inspect.signature(model.forward).parameters)
        self._waiting: list[DecodeRow] = []
        """Drawn and sorted, the longest last."""
        self._in_hand: list[DecodeRow] = []
        """Of which something is computed, or that are finished and not yet yielded."""
        self._batch: list[DecodeRow] = []
        """As the cache's rows; finished ones stay there until it is next laid out."""
        self._cache: Cache = DynamicCache()

    def run(self, rows: JobQueue[DecodeRow], sampling: Sampling) -> Iterator[DecodeRow]:
        """Yields every row once, when it is finished. Returns when no row runs and the queue has none now.

        When memory runs out, the rows in hand wait again and go on in smaller batches, with the tokens that they have.
        Raises the error of torch when there is no memory for a single row.
        """
        while self._advance_within_memory(rows, sampling):
            finished = _finished(self._in_hand)
            self._in_hand = _running(self._in_hand)
            yield from finished

    def _advance_within_memory(self, queue: JobQueue[DecodeRow], sampling: Sampling) -> bool:
        try:
            return self._advance(queue, sampling)
        except (RuntimeError, MemoryError) as error:
            running = _running(self._in_hand)
            if not is_out_of_memory(error) or len(running) < 2:
                raise
        # Outside the except clause: the error's traceback holds on to the tensors.
        self._budget.shrink(len(running), max(row.longest for row in running))
        self._in_hand = _finished(self._in_hand)
        self._wait(running)
        self._batch, self._cache = [], DynamicCache()
        free_memory()
        return True

    def _advance(self, queue: JobQueue[DecodeRow], sampling: Sampling) -> bool:
        """Draws one token for every row of the batch, after filling it up where that is due; False at the end."""
        running = _running(self._batch)
        if len(self._batch) - len(running) >= len(self._batch) / SLACK:
            self._look_ahead(queue)
            # As many waiting rows as the batch has room for; the longest first, so that later ones always fit in.
            entering: list[DecodeRow] = []
            longest = max((row.longest for row in running), default=0)
            while self._waiting:
                count = len(running) + len(entering) + 1
                longest = max(longest, self._waiting[-1].longest)
                if count > 1 and not self._budget.holds(count, longest):
                    break
                entering.append(self._waiting.pop())
            self._in_hand += entering
            places = [place for place, row in enumerate(self._batch) if not row.finish_reason]
            parts = [CachePart(self._cache, places)] if places else []
            parts += [self._read(rows, sampling) for rows in _passes(entering, self._budget.prefill_tokens)]
            self._batch = [*running, *_running(entering)]
            if self._batch:
                self._cache = joined(parts, columns=max(row.length for row in self._batch) - 1)
            else:
                return bool(entering or self._in_hand)
        last = [[row.tokens[-1]] for row in self._batch]
        logits = self._logits(last, [row.length for row in self._batch], self._cache)
        self._draw(self._batch, logits, sampling)
        return True

    def _look_ahead(self, queue: JobQueue[DecodeRow]) -> None:
        """Draws further rows; those for which the model's context has no room are finished."""
        if len(self._waiting) >= self._budget.rows:
            return
        drawn: list[DecodeRow] = []
        while len(drawn) < self._budget.rows * LOOK_AHEAD and (row := queue.take()):
            drawn.append(row)
        for row in drawn:
            if row.limit < 1:
                row.finish_reason = "length"
        self._in_hand += _finished(drawn)
        self._wait(_running(drawn))

    def _wait(self, rows: Sequence[DecodeRow]) -> None:
        self._waiting += rows
        self._waiting.sort(key=lambda row: (row.length, row.known))

    def _read(self, rows: Sequence[DecodeRow], sampling: Sampling) -> CachePart:
        """Reads what is known of the rows and draws their next tokens; the part holds the rows that go on."""
        for row in rows:
            row.started = row.started or time.monotonic()
        places = {known: place for place, known in enumerate(dict.fromkeys(row.known for row in rows))}
        of_row = [places[row.known] for row in rows]
        width = max(map(len, places))
        padded = [[0] * (width - len(known)) + list(known) for known in places]
        cache = DynamicCache()  # without the config: layers with a sliding window keep all columns too
        logits = self._logits(padded, list(map(len, places)), cache)
        self._draw(rows, logits[of_row], sampling)
        return CachePart(cache, [place for place, row in zip(of_row, rows, strict=True) if not row.finish_reason])

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
    def _draw(self, rows: Sequence[DecodeRow], logits: torch.Tensor, sampling: Sampling) -> None:
        uniforms = [0.0 if row.finish_reason else row.next_number() for row in rows]
        for row, token in zip(rows, next_tokens(logits, sampling, uniforms), strict=True):
            if row.finish_reason:
                continue
            if token in self._end_tokens:
                row.finish_reason = "stop"
                continue
            row.tokens.append(token)
            row.number = None
            # Decoding the tail alone is cheap; its first characters may be wrong, hence the spare tokens.
            longest = row.rule.longest_mark_bytes
            tail = self._text_of(row.tokens[-longest - 8 :]) if longest else ""
            if tail and row.rule.ends(tail) and row.rule.ends(self._text_of(row.tokens)):
                row.finish_reason = "stop"
            elif len(row.tokens) >= row.limit:
                row.finish_reason = "length"


def _running(rows: Sequence[DecodeRow]) -> list[DecodeRow]:
    return [row for row in rows if not row.finish_reason]


def _finished(rows: Sequence[DecodeRow]) -> list[DecodeRow]:
    return [row for row in rows if row.finish_reason]


def _passes(rows: Sequence[DecodeRow], most_tokens: int) -> Iterator[list[DecodeRow]]:
    """Cuts rows, the longest first, into passes of at most so many tokens, little of it padding; equals count once."""
    current: list[DecodeRow] = []
    texts: set[tuple[int, ...]] = set()
    filled = 0
    for row in rows:
        if current and row.known not in texts:
            padded = (len(texts) + 1) * current[0].length
            if padded > most_tokens or padded - filled - row.length > PADDING_SHARE * padded:
                yield current
                current, texts, filled = [], set[tuple[int, ...]](), 0
        if row.known not in texts:
            texts.add(row.known)
            filled += row.length
        current.append(row)
    if current:
        yield current
