"""The source files that doctests run in, each kept once, however many functions were cut out of it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import msgspec

from datagen.rows.raw_function import RawFunction
from datagen.rows.row_file import RowFile

MODULES_NAME = "modules.jsonl"


class ModuleText(msgspec.Struct, frozen=True):
    """One source file."""

    sha256: str
    text: str


def module_key(text: str) -> str:
    """Identity of a source file by content; stands in place of it in a stored function."""
    return hashlib.sha256(text.encode()).hexdigest()


class Modules:
    """The source files of a finished collection."""

    def __init__(self, folder: Path) -> None:
        self._rows = RowFile(folder / MODULES_NAME, ModuleText)
        self._places = {row.sha256: place for place, row in enumerate(self._rows)}

    def whole(self, function: RawFunction) -> RawFunction:
        """The function with its source file in place of the file's key."""
        if not function.module:
            return function
        return replace(function, module=self._rows[self._places[function.module]].text)
