"""Loading a causal language model by transformers, from a directory or a hub."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.model import ModelError
from harness.models.hf.adapter import merge_adapter
from harness.models.hf.model import HuggingFaceModel
from harness.models.options import ModelOptions

DEVICE_MAPS = ("auto", "balanced", "balanced_low_0", "sequential")
SUPPORTED_LAYERS = {"full_attention", "sliding_attention"}


def open_huggingface(target: str, options: ModelOptions, name: str | None = None) -> HuggingFaceModel:
    """Loads a directory or a hub id. Raises ModelError when it is not there, or is no causal language model."""
    if not (find_spec("torch") and find_spec("transformers")):
        raise ModelError(f"'hf:{target}' needs the extra 'hf': pip install 'wavebench[hf]'")
    if target.startswith(("/", ".", "~")):
        target = str(Path(target).expanduser())
        if Path(target, "adapter_config.json").is_file() and not Path(target, "config.json").is_file():
            raise ModelError(f"{target!r} is an adapter: name its base as hf:BASE and add --adapter {target}")
        if not Path(target, "config.json").is_file():
            raise ModelError(f"no model at {target!r}: name a directory that holds a config.json, or a hub id")
    # Before torch starts its threads: on a busy machine, threads that wait by spinning burn most of the CPU.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from transformers.utils import logging

    logging.disable_progress_bar()
    device = _device(options.device)
    settings = {"revision": options.revision or None, "dtype": _dtype(options.dtype, device), **_spread(options)}
    try:
        tokenizer, model = from_pretrained(target, **settings)
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ModelError(
            f"cannot load {target!r} ({reason}): name a model directory or a hub id that you can reach"
        ) from error
    refuse_unsupported(target, model)
    if options.adapter:
        model = merge_adapter(model, name or target, options.adapter)
    placed = model if options.device_map else model.to(device)
    return HuggingFaceModel(name or target, placed.eval(), tokenizer, options)


def from_pretrained(target: str, **settings: Any) -> tuple[Any, Any]:
    """Tokenizer and model, as transformers loads them. Any, as the types of transformers are partial."""
    import transformers

    library: Any = transformers
    of_tokenizer = {name: value for name, value in settings.items() if name in ("revision", "gguf_file")}
    tokenizer = library.AutoTokenizer.from_pretrained(target, **of_tokenizer)
    return tokenizer, library.AutoModelForCausalLM.from_pretrained(target, **settings)


def _device(setting: str) -> str:
    import torch

    if setting != "auto":
        return setting
    if not torch.cuda.is_available():
        return "cpu"
    # A launcher numbers its processes on a machine; each takes a GPU of its own.
    return f"cuda:{int(os.environ.get('LOCAL_RANK', '0')) % torch.cuda.device_count()}"


def _spread(options: ModelOptions) -> dict[str, Any]:
    """How accelerate spreads one model's layers over devices. Raises ModelError for what it does not know."""
    if not options.device_map:
        return {}
    if options.device_map not in DEVICE_MAPS:
        raise ModelError(f"unknown device_map {options.device_map!r}: use one of {', '.join(DEVICE_MAPS)}")
    if int(os.environ.get("LOCAL_WORLD_SIZE") or os.environ.get("WORLD_SIZE") or 1) > 1:
        raise ModelError("device_map takes every device for one process: start one process, or leave device_map out")
    return {"device_map": options.device_map}


def _dtype(setting: str, device: str) -> Any:
    """A CPU without bfloat16 units is slower with it than with float32."""
    import torch

    if setting == "auto":
        return torch.float32 if device == "cpu" else "auto"
    if not isinstance(dtype := getattr(torch, setting, None), torch.dtype):
        raise ModelError(f"unknown dtype {setting!r}: use auto, float32, bfloat16 or float16")
    return dtype


def refuse_unsupported(target: str, model: Any) -> None:
    """Raises ModelError for a model that is no plain decoder with full or sliding attention."""
    config: Any = model.config.get_text_config()
    others = set(getattr(config, "layer_types", None) or ()) - SUPPORTED_LAYERS
    if others or getattr(model, "_is_stateful", False) or getattr(config, "is_encoder_decoder", False):
        what = ", ".join(sorted(others)) or model.config.model_type
        raise ModelError(
            f"{target!r} is no plain decoder ({what}): serve it, for example by vLLM, and use api:{target}"
        )
