"""Keys and values of a batch whose rows come and go: written in place, never concatenated token by token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from transformers.cache_utils import Cache, CacheLayerMixin, DynamicLayer

SPARE_COLUMNS = 128
"""Room for this many more tokens whenever storage is allocated again."""


class WindowLayer(CacheLayerMixin):
    """One layer: `keys` and `values` of shape (rows, heads, columns, head width), of which the first `end` are filled.

    All rows end in the same column; shorter ones begin later, and the attention mask hides what is before. The
    dynamic layer of transformers copies everything for each new token: half the time of a step on a CPU.
    """

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, end: int) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] - transformers leaves its **kwargs untyped
        self._store(keys, values)
        self.end = end
        self.is_initialized = True

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Nothing to do: storage comes with the constructor."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: object, **_kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Writes the new columns and shows all that are filled."""
        end = self.end + key_states.shape[-2]
        if end > self.keys.shape[-2]:
            self._store(_widened(self.keys, end), _widened(self.values, end))
        self.keys[:, :, self.end : end] = key_states
        self.values[:, :, self.end : end] = value_states
        self.end = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def _store(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        self.keys: torch.Tensor = keys  # pyright: ignore[reportIncompatibleVariableOverride] - never None here
        self.values: torch.Tensor = values  # pyright: ignore[reportIncompatibleVariableOverride]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.end + query_length, 0

    def get_seq_length(self) -> int:
        return self.end

    def get_max_length(self) -> int:
        return -1


@dataclass(frozen=True, slots=True)
class CachePart:
    """Rows of a cache in the order they are wanted; a row may be wanted more than once."""

    cache: Cache
    rows: Sequence[int]


def joined(parts: Sequence[CachePart], columns: int) -> Cache:
    """A cache of all the parts' rows, aligned at their last column and `columns` wide; at least one row is wanted."""
    kept = [part for part in parts if part.rows]
    depth = len(kept[0].cache.layers)
    rows = [part.rows for part in kept]
    layers: list[WindowLayer] = []
    for layer in range(depth):
        stores = [cast("WindowLayer | DynamicLayer", part.cache.layers[layer]) for part in kept]
        # Of a window layer only the filled columns; behind them lies room that holds nothing yet.
        keys = [cast(torch.Tensor, store.keys)[:, :, : store.get_seq_length()] for store in stores]
        values = [cast(torch.Tensor, store.values)[:, :, : store.get_seq_length()] for store in stores]
        layers.append(WindowLayer(_stacked(keys, rows, columns), _stacked(values, rows, columns), columns))
    return Cache(layers=[*layers])


def _stacked(states: Sequence[torch.Tensor], rows: Sequence[Sequence[int]], columns: int) -> torch.Tensor:
    """Hidden columns are zero, not left as found: 0 times a stray NaN would still be NaN."""
    heads, width = states[0].shape[1], states[0].shape[3]
    total = sum(map(len, rows))
    whole = states[0].new_zeros(total, heads, columns + SPARE_COLUMNS, width)
    start = 0
    for state, wanted in zip(states, rows, strict=True):
        shown = min(columns, state.shape[2])
        # Indexing copies the rows, so that two samples of one prompt part from here on.
        chosen = torch.as_tensor(wanted, device=state.device)
        whole[start : start + len(wanted), :, columns - shown : columns] = state[chosen, :, state.shape[2] - shown :]
        start += len(wanted)
    return whole


def _widened(state: torch.Tensor, columns: int) -> torch.Tensor:
    rows, heads, filled, width = state.shape
    whole = state.new_zeros(rows, heads, columns + SPARE_COLUMNS, width)
    whole[:, :, :filled] = state
    return whole
