"""The processes that one launcher (`accelerate launch`, torchrun) started, and the key-value store that they share.

They exchange texts through the launcher's store, never tensors: a collective operation would time out while one
process waits for a slower one.
"""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from harness.model import ModelError

_POLL_SECONDS = 0.1
_STORE_SECONDS = 300
"""How long a process waits for the store of the launcher before it gives up."""


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """This process among those that the launcher started."""

    rank: int
    """0 is the main process: it alone writes the run folder."""
    size: int
    _store: Any
    """A torch.distributed.Store: Any, as importing torch takes seconds."""

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def post(self, key: str, text: str) -> None:
        """Stores a text for all processes."""
        with _store_errors():
            self._store.set(key, text)

    def read(self, key: str) -> str | None:
        """A stored text; None while no process has stored it."""
        with _store_errors():
            return self._store.get(key).decode() if self._store.check([key]) else None

    def wait_for(self, key: str) -> str:
        """A stored text, once it is there. Waits in Python, where Ctrl-C works, not inside the store."""
        while (text := self.read(key)) is None:
            time.sleep(_POLL_SECONDS)
        return text

    def claim(self, key: str) -> int:
        """0, 1, 2...: each number goes to one process only."""
        with _store_errors():
            return self._store.add(key, 1) - 1


@contextmanager
def _store_errors() -> Generator[None]:
    """Turns a broken connection to the store into one sentence."""
    try:
        yield
    except RuntimeError as error:  # what torch raises for a store that is gone
        raise ModelError(
            f"the main process or its launcher is gone ({str(error).splitlines()[0]}): "
            "start all processes again; what was answered stays"
        ) from error


@cache
def join_process_group() -> ProcessGroup | None:
    """The group that RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT describe; None for a single process."""
    if "MASTER_ADDR" not in os.environ or int(os.environ.get("WORLD_SIZE") or 1) < 2:
        return None
    # Only here: a single process never needs torch for this.
    import torch.distributed

    library: Any = torch.distributed  # its stubs know only a part of what it exports
    with _store_errors():
        store, rank, size = next(library.rendezvous("env://", timeout=timedelta(seconds=_STORE_SECONDS)))
    return ProcessGroup(rank, size, store)
