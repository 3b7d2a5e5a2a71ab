"""The base model: where it lies, what its identity is, and loading it for training."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from datagen.finetune.base.fit import refuse_bad_adapter
from datagen.finetune.base.scratch import build_scratch, texts_of
from datagen.finetune.config import Device, FinetuneConfig, FinetuneError, Precision
from datagen.finetune.rows.template import load_template
from datagen.rows.content_store import run_stage
from datagen.rows.instruction_rows import InstructionRow
from harness.files.folder_lock import file_lock
from harness.models.hf.weights import weights_sha256
from sandbox.extras import install_command

SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A model's folder."""

    spec: str
    folder: Path
    sha256: str
    """Over its weight files."""


def find_base(config: FinetuneConfig, rows: Sequence[InstructionRow], work: Path) -> BaseModel:
    """The base model; a new one is made from the rows, once, below `work`. Raises FinetuneError when there is none."""
    match config.base.partition(":"):
        case "scratch", "", "":
            folder = make_scratch(config, rows, work)
        case "demo", "", "":
            from harness.models.demo import converted, gguf_file

            folder = converted(gguf_file())
        case "hf", ":", target if target:
            folder = _find_local(target)
        case _:
            raise FinetuneError(f"Unknown base model {config.base!r}: use demo, hf:ID_OR_DIR or scratch.")
    return BaseModel(config.base, folder, weights_sha256(folder))


def make_scratch(config: FinetuneConfig, rows: Sequence[InstructionRow], work: Path) -> Path:
    """The folder of a new model; its name holds the hash of shape and texts."""
    texts = list(texts_of(rows, load_template(config.template)))
    work.mkdir(parents=True, exist_ok=True)
    with file_lock(work / ".base.lock"):  # several processes of one training make one model
        return run_stage(
            work, "base", 1, [config.scratch, texts], [], lambda draft: build_scratch(draft, config.scratch, texts)
        )


def _find_local(target: str) -> Path:
    folder = Path(target).expanduser()
    if (folder / "config.json").is_file():
        return folder.resolve()
    if target.startswith(("/", ".", "~")):
        raise FinetuneError(f"No model at {target!r}: name a directory that holds a config.json, or a hub id.")
    import huggingface_hub

    hub: Any = huggingface_hub
    try:
        return Path(hub.snapshot_download(target))
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0]
        raise FinetuneError(
            f"Cannot fetch the base model {target!r} ({reason}): name a model directory or a hub id that you can reach."
        ) from None


def refuse_missing_parts(config: FinetuneConfig) -> None:
    """Raises FinetuneError when a library or the GPU that the configuration wants is not there."""
    for library in ("torch", "transformers", "accelerate", *(("peft",) if config.lora else ())):
        if not find_spec(library):
            raise FinetuneError(f"Fine-tuning needs {library}: {install_command('train')}")
    import torch

    if config.device is Device.CUDA and not torch.cuda.is_available():
        named = f"The preset {config.preset!r}" if config.preset else "device = 'cuda'"
        raise FinetuneError(
            f"{named} wants a GPU and torch finds none (torch {torch.__version__}): run it where there is one, or set "
            f"device = 'cpu' and precision = 'float32' to try it slowly here."
        )
    if config.attention == "flash_attention_2" and not find_spec("flash_attn"):
        raise FinetuneError("attention = 'flash_attention_2' needs the package flash-attn: install it, or use 'sdpa'.")


def device_of(config: FinetuneConfig) -> str:
    """cpu or cuda."""
    import torch

    if config.device is Device.AUTO:
        return "cuda" if torch.cuda.is_available() else "cpu"
    return config.device.value


def attention_of(config: FinetuneConfig) -> str:
    """The implementation that `auto` stands for on this machine."""
    if config.attention != "auto":
        return config.attention
    return "flash_attention_2" if device_of(config) == "cuda" and find_spec("flash_attn") else "sdpa"


def load_tokenizer(base: BaseModel, config: FinetuneConfig) -> Any:
    """The tokenizer with a token to pad with. Raises FinetuneError where it has none, or none that ends a text."""
    import transformers

    library: Any = transformers
    tokenizer: Any = library.AutoTokenizer.from_pretrained(base.folder)
    if tokenizer.eos_token_id is None:
        raise FinetuneError(
            f"The tokenizer of {base.spec!r} has no end-of-text token, so a model could never stop: "
            f"set eos_token in its tokenizer_config.json."
        )
    if config.pad_token not in ("", "eos") and config.pad_token not in tokenizer.get_vocab():
        # transformers would add the token, with an id that the embedding has no row for.
        raise FinetuneError(
            f"pad_token = {config.pad_token!r} is not in the tokenizer's vocabulary: use 'eos' or a token of it."
        )
    if config.pad_token:
        tokenizer.pad_token = tokenizer.eos_token if config.pad_token == "eos" else config.pad_token
    if tokenizer.pad_token_id is None:
        raise FinetuneError(
            f"The tokenizer of {base.spec!r} has no token to pad with: add pad_token = 'eos' (padding carries no loss "
            f"and is not attended to), or name another token of its vocabulary."
        )
    return tokenizer


def load_model(base: BaseModel, config: FinetuneConfig) -> Any:
    """The model for training; with [lora], wrapped in a fresh adapter drawn by the seed."""
    model = load_base(base, config)
    model.config.use_cache = False
    if config.gradient_checkpointing:
        named = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
        named({"use_reentrant": False})
    lora = config.lora
    if lora is None:
        return model
    refuse_bad_adapter(model, lora, base.spec)
    import peft
    import transformers

    library, seeding = cast(Any, peft), cast(Any, transformers)
    seeding.set_seed(config.seed)  # an adapter's first matrix is random
    settings = library.LoraConfig(
        task_type="CAUSAL_LM",
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(lora.targets) or "all-linear",
    )
    try:
        return library.get_peft_model(model, settings)
    except ValueError as error:  # a layer of a kind that peft has no adapter for
        reason = str(error).strip().split("\n")[0]
        raise FinetuneError(f"lora: {base.spec!r} takes no adapter on these targets: {reason}") from None


def load_base(base: BaseModel, config: FinetuneConfig) -> Any:
    """The base as it is, in the precision that is trained in."""
    import torch
    import transformers

    library: Any = transformers
    dtype = torch.bfloat16 if config.precision is Precision.PURE_BF16 else torch.float32
    load = library.AutoModelForCausalLM.from_pretrained
    attention = attention_of(config)
    try:
        return load(base.folder, dtype=dtype, attn_implementation=attention)
    except (ValueError, ImportError) as error:
        # Not every architecture has every implementation; its own plain one always works.
        if config.attention == "auto" and "attention" in str(error):
            return load(base.folder, dtype=dtype, attn_implementation="eager")
        reason = str(error).strip().split("\n")[0]
        raise FinetuneError(
            f"The base {base.spec!r} cannot be loaded with attention = {attention!r}: {reason}: use 'auto' or 'eager'."
        ) from None
