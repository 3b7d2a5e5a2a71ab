"""Samples as EvalPlus keeps them beside JSON Lines: a folder of programs, and its own results."""

import json
import re
from pathlib import Path
from typing import Any, cast

_TASK_FOLDER = re.compile(r"(HumanEval|Mbpp)_\d+")


def is_sample_folder(path: Path) -> bool:
    """Whether a folder holds TASK_ID/NUMBER.py, and is no run folder."""
    return not (path / "config.toml").exists() and any(_task_folders(path))


def evalplus_rows(path: Path) -> list[dict[str, Any]] | None:
    """The samples of such a folder or of an eval_results.json, in their order; None for any other file."""
    if path.is_dir():
        return [
            {"task_id": folder.name.replace("_", "/"), "solution": file.read_text(encoding="utf-8", errors="replace")}
            for folder in _task_folders(path)
            for file in sorted(folder.glob("*.py"), key=lambda file: (len(file.stem), file.stem))
        ]
    with path.open("rb") as stream:
        if b'"eval"' not in stream.read(4096):
            return None
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None  # many lines, each of JSON
    results: object = cast("dict[str, Any]", document).get("eval") if isinstance(document, dict) else None
    if not isinstance(results, dict):
        return None
    entries = (entry for found in cast("dict[str, list[Any]]", results).values() for entry in found)
    return [{"task_id": entry["task_id"], "solution": entry["solution"]} for entry in entries]


def _task_folders(path: Path) -> list[Path]:
    return sorted(each for each in path.iterdir() if each.is_dir() and _TASK_FOLDER.fullmatch(each.name))
