"""Refuses to mix the answers of two models in one run folder: the same name may stand for other weights today."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from harness.model import ModelError
from harness.models.registry import identify_model
from harness.runs.run import Run

IDENTITY = ("weights", "adapter")
"""Facts of a model that say what it computes, where its back end knows them."""


def refuse_other_weights(run: Run, facts: Mapping[str, str]) -> None:
    """Raises ModelError where answers of this run came from other weights or another adapter than these facts name."""
    earlier = _earlier_facts(run)
    for name in IDENTITY:
        then, now = str(earlier.get(name, "")), str(facts.get(name, ""))
        if then and now and then != now:
            raise ModelError(
                f"{str(run.folder.path)!r} holds answers of other {name} ({then:.30}) than {run.config.model!r} has "
                f"now ({now:.30}): choose another --out for the new ones, or bring the old ones back"
            )


def refuse_swapped_weights(run: Run) -> None:
    """The same for a run that lacks no answer, without loading the model.

    Files that have the size and the time of change noted in the manifest are taken for the same; others are hashed.
    """
    earlier = _earlier_facts(run)
    found = identify_model(run.config.model, run.config.model_options)
    # A commit of the hub never changes, and what has the same name in a directory was chosen over it by its folder.
    if not str(earlier.get("weights", "")).startswith("sha256 ") or not found:
        return
    if found["weights_files"] == earlier.get("weights_files"):
        return
    from harness.models.hf.weights import weights_sha256

    refuse_other_weights(run, {"weights": f"sha256 {weights_sha256(Path(found['weights_folder']))}"})
    run.folder.note({"model": {**earlier, "weights_files": found["weights_files"]}})


def _earlier_facts(run: Run) -> dict[str, Any]:
    section: object = run.folder.manifest().get("model") if len(run.folder.completions) else None
    return cast(dict[str, Any], section) if isinstance(section, dict) else {}
