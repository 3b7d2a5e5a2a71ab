"""Which batches were handed in to a provider and not fetched yet: one small file each, safe against a kill."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from harness.files.atomic_write import write_whole
from harness.files.folder_lock import LOCK_NAME, try_lock
from harness.model import ModelError
from sandbox.toolchains.cache_folder import cache_folder

if TYPE_CHECKING:
    from filelock import BaseFileLock


class PendingBatch(msgspec.Struct, frozen=True):
    """One batch."""

    name: str
    """Made of its requests; the provider keeps it beside the batch."""
    keys: list[str]
    """Of the answers that it will hold."""
    batch_id: str = ""
    """The provider's; empty until it has given one."""

    @staticmethod
    def of(keys: Sequence[str]) -> "PendingBatch":
        # Sorted, so that the same requests in another order are the same batch.
        return PendingBatch(hashlib.sha256("".join(sorted(keys)).encode()).hexdigest()[:32], list(keys))


class BatchLedger:
    """The open batches of one model on one server, for one process at a time."""

    def __init__(self, server: str, model: str) -> None:
        name = hashlib.sha256(f"{server} {model}".encode()).hexdigest()[:16]
        self._folder = cache_folder() / "batches" / name
        self._model = model
        self._lock: BaseFileLock | None = None

    def entries(self) -> list[PendingBatch]:
        found: list[PendingBatch] = []
        for file in sorted(self._folder.glob("*.json")):
            try:
                found.append(msgspec.json.decode(file.read_bytes(), type=PendingBatch))
            except msgspec.MsgspecError as error:
                raise ModelError(f"{str(file)!r} is no note of a batch ({error}): remove it, then run again") from error
        return found

    def write(self, entry: PendingBatch) -> None:
        write_whole(self._file(entry), msgspec.json.encode(entry).decode())

    def cross_off(self, entry: PendingBatch) -> None:
        self._file(entry).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Raises ModelError while another process has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = try_lock(self._folder / LOCK_NAME)
        if self._lock is None:
            raise ModelError(
                f"another process waits for batches of {self._model!r}: let it end, then run this command again"
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock.release()

    def _file(self, entry: PendingBatch) -> Path:
        return self._folder / f"{entry.name}.json"
