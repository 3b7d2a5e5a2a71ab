"""Vectors kept by the text that each is of, in one append-only file that is mapped, not read.

`NAME.keys` holds 16 bytes a text, `NAME.vectors` the vectors in the same order. A block's vectors are on disk before
its keys, so whatever a kill or a power cut leaves behind the last whole pair is cut off by the next who appends.
Several processes may append: each does so under a lock and goes on where the file ends by then.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.coreset.selection import Vectors
from harness.files.atomic_write import write_whole
from harness.files.folder_lock import file_lock
from harness.files.json_lines import explain_full_disk
from harness.files.progress import warn

Keys = NDArray[np.bytes_]
"""(texts,) 16 bytes each."""

KEY_BYTES = 16
_KEY_TYPE = f"S{KEY_BYTES}"
_FLOAT_BYTES = 4
_ROWS_A_COPY = 1 << 14


def text_keys(texts: Iterable[str]) -> Keys:
    """Identities of texts by content."""
    digests = b"".join(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:KEY_BYTES] for text in texts)
    return np.frombuffer(digests, _KEY_TYPE)


class VectorStore:
    """The vectors of one encoder at one setting."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._keys_file = folder / f"{name}.keys"
        self._vectors_file = folder / f"{name}.vectors"
        self._shape_file = folder / f"{name}.dimensions"
        self._lock_file = folder / f"{name}.lock"
        if any(folder.glob("*.npy")):
            warn(
                f"The vectors in {str(folder)!r} were kept by an older version, in blocks that hold for exactly their "
                "texts: they are made again. Its *.npy files may be deleted."
            )

    def places(self, keys: Keys) -> NDArray[np.int64]:
        """Where each text's vector is; -1 where there is none."""
        known = self._known_keys()
        if not len(known):
            return np.full(len(keys), -1, np.int64)
        order = np.argsort(known, kind="stable")
        found = np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)
        return np.where(known[order[found]] == keys, order[found], -1)

    def append(self, keys: Keys, vectors: Vectors) -> None:
        """Adds vectors; safe on disk when this returns. Raises FullDiskError; what was there before stays whole."""
        with file_lock(self._lock_file), explain_full_disk(self._vectors_file):
            if self.dimensions != vectors.shape[1]:
                # An encoder that was replaced under the same name: its old vectors compare with none of the new.
                if self._shape_file.exists():
                    warn(f"The encoder now gives {vectors.shape[1]} numbers a text: all vectors are made again.")
                self._keys_file.unlink(missing_ok=True)
                self._vectors_file.unlink(missing_ok=True)
                write_whole(self._shape_file, f"{vectors.shape[1]}\n")
            whole = len(self._known_keys())
            # Bytes behind the last whole pair are of somebody who was killed.
            _append(self._vectors_file, whole * vectors.shape[1] * _FLOAT_BYTES, vectors.astype("<f4").tobytes())
            _append(self._keys_file, whole * KEY_BYTES, keys.astype(_KEY_TYPE).tobytes())

    def read(self, places: NDArray[np.int64], into: Vectors) -> None:
        """Copies the vectors at `places` into an array of that many rows, block by block."""
        mapped = np.memmap(self._vectors_file, "<f4", "r").reshape(-1, into.shape[1])
        for begin in range(0, len(places), _ROWS_A_COPY):
            rows = slice(begin, begin + _ROWS_A_COPY)
            into[rows] = mapped[places[rows]]

    @property
    def dimensions(self) -> int:
        """Numbers a vector; 0 while the store is empty."""
        try:
            return int(self._shape_file.read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _known_keys(self) -> Keys:
        """The keys of all whole pairs."""
        dimensions = self.dimensions
        if not dimensions or not self._keys_file.exists() or not self._vectors_file.exists():
            return np.empty(0, _KEY_TYPE)
        pairs = min(
            self._keys_file.stat().st_size // KEY_BYTES,
            self._vectors_file.stat().st_size // (dimensions * _FLOAT_BYTES),
        )
        return np.fromfile(self._keys_file, _KEY_TYPE, pairs)


def _append(file: Path, end: int, data: bytes) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.ftruncate(descriptor, end)
        view, place = memoryview(data), end
        while view:
            written = os.pwrite(descriptor, view, place)
            view, place = view[written:], place + written
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
