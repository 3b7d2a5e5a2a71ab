"""Names from anywhere, made fit for files and terminals."""

import hashlib
import re
from pathlib import PurePath

from harness.models.registry import BACK_ENDS
from harness.runs.config import RunConfig

MODEL_KINDS = frozenset(kind for kind, back_end in BACK_ENDS.items() if back_end.target)
"""Back ends that stand before a model's own name in a config: `hf:org/model`."""


def slug(name: str) -> str:
    """A file name for any text: readable, safe on every system, and different for different texts."""
    readable = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.")[:60] or "x"
    return readable if readable == name else f"{readable}-{digest(name)[:6]}"


def digest(text: str) -> str:
    """sha256 of any text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def printable(name: str) -> str:
    """A name cannot move a terminal's cursor or turn a page's text around: such characters are spelled out."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in name)


def model_id(model: str) -> str:
    """A model's own name, without the back end that ran it; a label such as `codellama:6.7b` stays whole."""
    kind, colon, name = model.partition(":")
    return name if colon and name and kind in MODEL_KINDS else model


def weights_named(config: RunConfig) -> str:
    """Which weights of its model a run asked for, such as "adapter lora/checkpoint-100"; empty for the usual ones."""
    adapter = "/".join(PurePath(config.adapter).parts[-2:]) if config.adapter else ""
    return " ".join(f"{name} {text}" for name, text in (("revision", config.revision), ("adapter", adapter)) if text)


def count_of(number: int, one: str, many: str = "") -> str:
    """A number with its noun in singular or plural: "1 sample", "2 samples"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
