"""Which weights a directory holds: a hash over its weight files, and a cheap mark of whether they changed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from harness.models.options import ModelOptions

_FORMATS = ("*.safetensors", "*.bin", "*.pt", "*.pth", "*.gguf", "*.h5", "*.msgpack")
"""In the order in which transformers looks for them; only the first format that is there is loaded."""
_NO_WEIGHTS = ("training_args", "optimizer", "scheduler", "rng_state", "scaler", "adapter_model")
"""What trainers leave beside the weights under the same endings."""


def weight_files(folder: Path) -> list[Path]:
    """The files of a directory's weights in the order of their names; none where it holds no known format."""
    for pattern in _FORMATS:
        files = sorted(file for file in folder.glob(pattern) if not file.name.startswith(_NO_WEIGHTS))
        if files:
            return files
    return []


def weights_sha256(folder: Path) -> str:
    """Identity of a model's directory: over its weight files in the order of their names. About a second per GB."""
    digest = hashlib.sha256()
    for file in weight_files(folder):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def weights_stamp(folder: Path) -> str:
    """Names, sizes and times of change of the weight files; as long as they are the same, so are the weights."""
    found = [(file.name, file.stat()) for file in weight_files(folder)]
    return ", ".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in found)


def local_weights(target: str, options: ModelOptions) -> Mapping[str, str]:  # noqa: ARG001 (an `Identifier`)
    """The stamp of a model directory, and where to hash it; empty for a hub id, whose commits do not change."""
    folder = Path(target).expanduser()
    if not folder.is_dir() or not weight_files(folder):
        return {}
    return {"weights_folder": str(folder.resolve()), "weights_files": weights_stamp(folder)}
