"""The processes that one launcher (`accelerate launch`, torchrun) started, and the board on which they leave notes.

They exchange words, never tensors: the board is the key-value store that launchers bring along, so that nothing here
waits inside a collective operation that a slower process would let run out.
"""

import os
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from harness.model import ModelError

_POLL_SECONDS = 0.1
_STORE_SECONDS = 300
"""How long a process waits for the others' launcher before it gives up."""


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """This process among its like."""

    rank: int
    """0 leads: it alone writes the run folder."""
    size: int
    _store: Any
    """A torch.distributed.Store: Any, as importing torch takes seconds."""

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def post(self, key: str, text: str) -> None:
        """Leaves a note for all."""
        with _lost_group():
            self._store.set(key, text)

    def read(self, key: str) -> str | None:
        """A note; None while nobody has left it."""
        with _lost_group():
            return self._store.get(key).decode() if self._store.check([key]) else None

    def wait_for(self, key: str) -> str:
        """A note, once it is there. Waits in Python, where signals are heard."""
        while (text := self.read(key)) is None:
            time.sleep(_POLL_SECONDS)
        return text

    def claim(self, key: str) -> int:
        """0, 1, 2...: each number goes to one process only."""
        with _lost_group():
            return self._store.add(key, 1) - 1


class _lost_group:  # noqa: N801 - used as a word of the `with` statement
    """Turns a broken connection to the board into one sentence."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RuntimeError):  # what torch raises for a store that is gone
            raise ModelError(
                f"the main process or its launcher is gone ({str(error).splitlines()[0]}): "
                "start all processes again; what was answered stays"
            ) from error


@cache
def join_process_group() -> ProcessGroup | None:
    """The crew that a launcher's variables (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT) name; None without several."""
    if "MASTER_ADDR" not in os.environ or int(os.environ.get("WORLD_SIZE") or 1) < 2:
        return None
    import torch.distributed

    library: Any = torch.distributed  # of what it exports its stubs know a part
    with _lost_group():
        store, rank, size = next(library.rendezvous("env://", timeout=timedelta(seconds=_STORE_SECONDS)))
    return ProcessGroup(rank, size, store)
