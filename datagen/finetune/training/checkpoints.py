"""Checkpoints that a crash cannot make unusable: only a marked one is whole."""

import shutil
from pathlib import Path

from harness.files.atomic_write import sync_files

_MARK = "whole"


def mark_whole(checkpoint: Path) -> None:
    """Makes a finished checkpoint safe against a power cut, then marks it."""
    sync_files(checkpoint)
    (checkpoint / _MARK).touch()


def last_whole(folder: Path) -> Path | None:
    """The latest whole checkpoint."""
    whole = [mark.parent for mark in folder.glob(f"checkpoint-*/{_MARK}")]
    return max(whole, key=lambda checkpoint: int(checkpoint.name.rpartition("-")[2]), default=None)


def remove_torn(folder: Path) -> None:
    """Removes what a crash left half written."""
    for checkpoint in folder.glob("checkpoint-*"):
        if not (checkpoint / _MARK).exists():
            shutil.rmtree(checkpoint)
