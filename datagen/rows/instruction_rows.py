"""Instruction rows of anybody's making: Alpaca's three fields, from json, jsonl or parquet, gzipped or not."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from harness.runs.settings import ConfigError

_INPUTS = ("input", "information")
_ANSWERS = ("output", "response", "completion", "solution")
_NO_INPUT = "<noinput>"


@dataclass(frozen=True, slots=True)
class InstructionRow:
    """What is trained on."""

    instruction: str
    input: str
    """Empty where the instruction says all."""
    output: str
    """The response."""
    origin: str = ""
    """Identity of the raw code behind the row, where it is known."""

    @property
    def origin_sha256(self) -> str:
        """Rows of one function share it, whatever their task; of unknown origin, rows with one question do."""
        return hashlib.sha256((self.origin or f"{self.instruction}\0{self.input}").encode()).hexdigest()


def read_instruction_rows(file: Path) -> list[InstructionRow]:
    """Every row, empty responses included. Raises ConfigError when the file cannot be read."""
    return [_row(values) for values in read_raw_rows(file)]


def read_raw_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """The rows as they stand. Raises ConfigError when the file cannot be read."""
    try:
        if file.suffix == ".parquet":
            parquet: Any = import_module("pyarrow.parquet")
            return iter(cast("list[Mapping[str, Any]]", parquet.read_table(file).to_pylist()))
        data = file.read_bytes()
        text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
        if text.lstrip().startswith("["):
            parsed: Any = json.loads(text)
        else:
            parsed = [json.loads(line) for line in text.splitlines() if line.strip()]
        return iter(cast("list[Mapping[str, Any]]", parsed))
    except (OSError, ValueError, EOFError) as error:
        raise ConfigError(f"The rows {str(file)!r} cannot be read: {error}.") from None


def first_filled(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of the fields that holds something."""
    return next((str(row[name]) for name in names if row.get(name)), "")


def answer_of(row: Mapping[str, Any]) -> str:
    """The response, under whichever of its usual names."""
    return first_filled(row, _ANSWERS)


def rows_sha256(rows: Sequence[InstructionRow]) -> str:
    """Identity of what is trained on, in its order, whatever file it came from."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.instruction, row.input, row.output, row.origin]).encode() + b"\n")
    return digest.hexdigest()


def _row(values: Mapping[str, Any]) -> InstructionRow:
    given = first_filled(values, _INPUTS)
    return InstructionRow(
        instruction=str(values.get("instruction") or ""),
        input="" if given.strip() == _NO_INPUT else given,
        output=answer_of(values),
        origin=str(values.get("function_id") or ""),
    )
