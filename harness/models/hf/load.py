"""Loading a causal language model by transformers, from a directory or a hub."""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.files.progress import warn
from harness.model import ModelError
from harness.models.hf.adapter import merge_adapter
from harness.models.hf.model import HuggingFaceModel
from harness.models.options import ModelOptions
from sandbox.extras import install_command

DEVICE_MAPS = ("auto", "balanced", "balanced_low_0", "sequential")
HUB_SECONDS = 3.0
"""How long the hub may take to accept a connection."""
SUPPORTED_LAYERS = {"full_attention", "sliding_attention"}


def open_huggingface(target: str, options: ModelOptions, name: str | None = None) -> HuggingFaceModel:
    """Loads a directory or a hub id. Raises ModelError when it is not there, or is no causal language model."""
    if not (find_spec("torch") and find_spec("transformers")):
        raise ModelError(f"'hf:{target}' needs the extra 'hf': {install_command('hf')}")
    target = refuse_no_model(target)
    # Before torch starts its threads: on a busy machine, threads that wait by spinning burn most of the CPU.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    go_offline_without_hub(target)
    device = options.device
    if device == "auto":
        device = "cpu"
        if torch.cuda.is_available():
            # A launcher numbers its processes on a machine; each takes a GPU of its own.
            device = f"cuda:{int(os.environ.get('LOCAL_RANK', '0')) % torch.cuda.device_count()}"
    # A CPU without bfloat16 units is slower with it than with float32.
    dtype: Any = torch.float32 if device == "cpu" else "auto"
    if options.dtype != "auto" and not isinstance(dtype := getattr(torch, options.dtype, None), torch.dtype):
        raise ModelError(f"unknown dtype {options.dtype!r}: use auto, float32, bfloat16 or float16")
    settings = {"revision": options.revision or None, "dtype": dtype, **_spread(options)}
    settings["trust_remote_code"] = options.trust_remote_code
    with load_errors(target):
        tokenizer, model = from_pretrained(target, **settings)
    refuse_unsupported(target, model)
    refuse_odd_tokenizer(target, model, tokenizer)
    if options.adapter:
        model = merge_adapter(model, name or target, options.adapter)
    # What accelerate has spread must not be moved.
    placed = model if options.device_map else model.to(device)
    return HuggingFaceModel(name or target, placed.eval(), tokenizer, options)


def refuse_no_model(target: str) -> str:
    """The target, a path with its home folder filled in. Raises ModelError for a path that holds no model."""
    if not target.startswith(("/", ".", "~")):
        return target
    target = str(Path(target).expanduser())
    if Path(target, "adapter_config.json").is_file() and not Path(target, "config.json").is_file():
        raise ModelError(f"{target!r} is an adapter: name its base as hf:BASE and add --adapter {target}")
    if not Path(target, "config.json").is_file():
        raise ModelError(f"no model at {target!r}: name a directory that holds a config.json, or a hub id")
    return target


@contextmanager
def load_errors(target: str) -> Generator[None]:
    """Makes one ModelError of whatever loading raises."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # torn files, odd configurations and a checkpoint's own code raise what they like
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise ModelError(
            f"cannot load {target!r} ({reason[:300]}): name a model directory or a hub id that you can reach, and "
            "download it again if its files are damaged"
        ) from error


def from_pretrained(target: str, **settings: Any) -> tuple[Any, Any]:
    """Tokenizer and model, as transformers loads them. Any, as the types of transformers are partial."""
    import transformers

    library: Any = transformers
    shared = ("revision", "gguf_file", "trust_remote_code")
    of_tokenizer = {name: value for name, value in settings.items() if name in shared}
    tokenizer = library.AutoTokenizer.from_pretrained(target, **of_tokenizer)
    model, info = library.AutoModelForCausalLM.from_pretrained(target, output_loading_info=True, **settings)
    # transformers fills missing tensors with random numbers and says so in a log line: a score of nothing.
    missing = sorted({*info.get("missing_keys", ()), *(str(each) for each in info.get("mismatched_keys", ()))})
    if missing and "gguf_file" not in settings:
        raise ModelError(
            f"{target!r} lacks {len(missing)} of the model's tensors, such as {missing[0]}: they would be random. Save "
            "or download the whole checkpoint again"
        )
    return tokenizer, model


def _spread(options: ModelOptions) -> dict[str, Any]:
    """How accelerate spreads one model's layers over devices. Raises ModelError for what it does not know."""
    if not options.device_map:
        return {}
    if options.device_map not in DEVICE_MAPS:
        raise ModelError(f"unknown device_map {options.device_map!r}: use one of {', '.join(DEVICE_MAPS)}")
    if int(os.environ.get("LOCAL_WORLD_SIZE") or os.environ.get("WORLD_SIZE") or 1) > 1:
        raise ModelError("device_map takes every device for one process: start one process, or leave device_map out")
    return {"device_map": options.device_map}


def refuse_odd_tokenizer(target: str, model: Any, tokenizer: Any) -> None:
    """Raises ModelError for a tokenizer that ends every prompt, or that has tokens which the model does not know."""
    ids: list[int] = list(tokenizer("def").input_ids)
    ends = {tokenizer.eos_token_id, tokenizer.sep_token_id} - {None}
    if len(ids) > 1 and ids[-1] in ends:
        raise ModelError(
            f"the tokenizer of {target!r} appends the end token {tokenizer.decode([ids[-1]])!r} to every prompt, and "
            "no answer begins behind that: set add_eos_token to false in its tokenizer_config.json"
        )
    rows = int(model.get_input_embeddings().weight.shape[0])
    if (highest := max(tokenizer.get_vocab().values(), default=0)) >= rows:
        raise ModelError(
            f"the tokenizer of {target!r} has tokens up to number {highest}, and the model only {rows} of them: they "
            "do not belong together"
        )


def go_offline_without_hub(target: str) -> None:
    """Where the hub cannot be reached, says so at once: its client would try again for a minute, line after line."""
    proxied = any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"))
    if Path(target).is_dir() or proxied or os.environ.get("HF_HUB_OFFLINE"):
        return
    import huggingface_hub.constants as hub

    address = urlsplit(hub.ENDPOINT)
    try:
        port = address.port or (443 if address.scheme == "https" else 80)
        socket.create_connection((address.hostname or "", port), timeout=HUB_SECONDS).close()
    except OSError as error:
        warn(f"{hub.ENDPOINT} cannot be reached ({error}): {target!r} is looked for in the hub's cache folder alone.")
        hub.HF_HUB_OFFLINE = True


def refuse_unsupported(target: str, model: Any) -> None:
    """Raises ModelError for a model that is no plain decoder with full or sliding attention."""
    config: Any = model.config.get_text_config()
    others = set(getattr(config, "layer_types", None) or ()) - SUPPORTED_LAYERS
    if others or getattr(model, "_is_stateful", False) or getattr(config, "is_encoder_decoder", False):
        what = ", ".join(sorted(others)) or model.config.model_type
        raise ModelError(
            f"{target!r} is no plain decoder ({what}): serve it, for example by vLLM, and use api:{target}"
        )
