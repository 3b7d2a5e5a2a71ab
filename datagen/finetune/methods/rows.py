"""The rows that GRPO, DPO and KTO are trained on: those of `wavebench datagen from-runs`, or of the same form."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.finetune.config import FinetuneConfig, FinetuneError, TrainingMethod

_COLUMNS = {
    TrainingMethod.GRPO: ("prompt",),
    TrainingMethod.DPO: ("prompt", "chosen", "rejected"),
    TrainingMethod.KTO: ("prompt", "completion", "label"),
}
_READ_BY_TRAINER = {TrainingMethod.DPO: _COLUMNS[TrainingMethod.DPO], TrainingMethod.KTO: _COLUMNS[TrainingMethod.KTO]}


@dataclass(frozen=True, slots=True)
class MethodRows:
    """Rows by column, and the file they come from."""

    file: Path
    sha256: str
    rows: tuple[dict[str, Any], ...]


def read_method_rows(config: FinetuneConfig) -> MethodRows:
    """The rows of `config.data`: a file of JSON lines, or a folder that from-runs made. Raises FinetuneError."""
    data, method = Path(config.data), config.method
    file = data / "trl" / f"{method}.jsonl" if data.is_dir() else data
    if not file.is_file():
        raise FinetuneError(
            f"No rows for method = {method.value!r} at {str(file)!r}: make them by `wavebench datagen from-runs`."
        )
    content = file.read_bytes()
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(content.decode().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            missing = [name for name in _COLUMNS[method] if name not in row]
        except (ValueError, TypeError) as error:
            raise FinetuneError(f"Line {number} of {str(file)!r} is no JSON object ({error}): correct it.") from None
        if missing:
            raise FinetuneError(
                f"Line {number} of {str(file)!r} has no {missing[0]!r}, which {method.value} needs: rows have "
                f"{', '.join(_COLUMNS[method])}."
            )
        # GRPO hands every column to the reward; the others read three, and would stumble over what else there is.
        names = _READ_BY_TRAINER.get(method)
        rows.append({name: row[name] for name in names} if names else row)
    if not rows:
        raise FinetuneError(f"{str(file)!r} holds no rows: {method.value} has nothing to learn from.")
    return MethodRows(file, hashlib.sha256(content).hexdigest(), tuple(rows[: config.limit]))
