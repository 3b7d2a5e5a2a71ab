"""A LoRA adapter on top of a loaded model, merged into its weights: then it costs nothing more per token."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from warnings import catch_warnings

from harness.files.progress import warn
from harness.model import ModelError
from sandbox.extras import install_command


def merge_adapter(model: Any, target: str, adapter: str) -> Any:
    """The model with the adapter's weights added in (W + scale * B A, Hu et al. 2021), in the model's own dtype.

    Raises ModelError where peft or the adapter is missing, or where the adapter was trained on another architecture.
    """
    if not find_spec("peft"):
        raise ModelError(f"the adapter {adapter!r} needs peft: {install_command('hf')}")
    folder = Path(adapter).expanduser()
    if adapter.startswith(("/", ".", "~")) and not (folder / "adapter_config.json").is_file():
        raise ModelError(f"no adapter at {adapter!r}: name a directory that holds an adapter_config.json, or a hub id")
    adapter = str(folder)
    import peft

    library: Any = peft
    try:
        known_base = str(library.PeftConfig.from_pretrained(adapter).base_model_name_or_path or "")
        with catch_warnings(action="ignore"):  # of weights without counterpart, which is an error here
            joined = library.PeftModel.from_pretrained(model, adapter)
        stored, loaded = library.load_peft_weights(adapter), library.get_peft_model_state_dict(joined)
    # What peft raises, by the kind of mismatch.
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise _mismatch(target, adapter, str(error).strip().split("\n")[0]) from error
    # peft ignores weights that find no place, and leaves layers without weights as they were.
    if stored.keys() != loaded.keys():
        odd = sorted(stored.keys() ^ loaded.keys())
        raise _mismatch(target, adapter, f"{len(odd)} weights have no counterpart, such as {odd[0]}")
    if not hasattr(joined.base_model, "merge_and_unload"):
        raise ModelError(f"the adapter {adapter!r} is none that can be merged: name a LoRA adapter")
    if Path(known_base).name not in ("", Path(target).name):
        warn(
            f"The adapter {adapter!r} says it was trained on {known_base!r}; it is used with {target!r}, which it fits."
        )
    return joined.merge_and_unload()


def adapter_identity(adapter: str) -> str:
    """The sha256 over an adapter directory's weight files; of one from a hub, its name."""
    files = sorted(Path(adapter).expanduser().glob("adapter_model.*"))
    if not files:
        return adapter
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return f"sha256 {digest.hexdigest()}"


def _mismatch(target: str, adapter: str, reason: str) -> ModelError:
    return ModelError(
        f"the adapter {adapter!r} does not fit {target!r} ({reason}): name the model that it was trained on"
    )
