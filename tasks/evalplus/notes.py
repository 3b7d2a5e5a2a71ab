"""What is known to be wrong with single problems under an oracle."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files


def unsound(oracle: str, evalplus_hash: str, prefix: str) -> Mapping[str, str]:
    """Evidence by task id, of the problems whose ids begin so. `evalplus_hash` names the version of the data."""
    notes = tomllib.loads((files("tasks.evalplus") / "notes.toml").read_text(encoding="utf-8"))
    return {
        task_id: note["unsound"]
        for task_id, note in notes.get(oracle, {}).items()
        if task_id.startswith(prefix) and note.get("version", evalplus_hash) == evalplus_hash
    }
