"""The cache key of an execution: all that could make the same program end otherwise is part of it."""

import hashlib
import os
import platform
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sandbox.languages import UnknownLanguageError, language
from sandbox.outcome import Tier
from sandbox.program import Program
from sandbox.toolchains.installed import ToolchainMissingError, read_toolchain, stamp
from sandbox.toolchains.packages import OFFERED

PROTOCOL_VERSION = 1
"""Increased when outcomes change their meaning; all other changes of the sandbox show in `sandbox_digest`."""
_MISSING = "missing"


class ExecutionKeys:
    """Keys of programs that run in one tier. Looks at each toolchain once."""

    def __init__(self, tier: Tier, remote_fingerprint: str = "") -> None:
        """`remote_fingerprint` stands for the toolchains of other machines; empty where programs run on this one."""
        self._tier = tier
        self._remote_fingerprint = remote_fingerprint
        self._surroundings: dict[str, bytes] = {}
        """By language."""

    def key(self, program: Program) -> bytes:
        """32 bytes. Raises SandboxError when the tier cannot be had."""
        surroundings = self._surroundings.get(program.language)
        if surroundings is None:
            where = self._remote_fingerprint or (platform.machine(), self._describe_toolchain(program.language))
            facts = (PROTOCOL_VERSION, sandbox_digest(), self._tier, where)
            surroundings = hashlib.sha256(repr(facts).encode()).digest()
            self._surroundings[program.language] = surroundings
        return hashlib.sha256(surroundings + program.sha256.encode()).digest()

    def _describe_toolchain(self, name: str) -> str:
        if self._tier is Tier.DOCKER:
            from sandbox.docker.engine import Engine

            return Engine().image()
        try:
            row = language(name)
            return read_toolchain(row).fingerprint if row.needs_toolchain else interpreter_fingerprint()
        except (UnknownLanguageError, ToolchainMissingError):
            return _MISSING  # the program ends as a failure of the sandbox, which is never kept


@cache
def sandbox_digest() -> str:
    """SHA-256 over the sandbox's own source."""
    digest = hashlib.sha256()
    room = Path(__file__).parents[1]  # the whole sandbox: an edit in any sub-package may change an outcome
    for path in sorted(room.rglob("*.py")):
        digest.update(f"{path.relative_to(room)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def interpreter_fingerprint() -> str:
    """Identifies the interpreter that runs Python programs, and the packages that they may import."""
    files = (os.path.realpath(sys.executable), os.__file__)
    versions = dict.fromkeys(OFFERED, "")
    for name in versions:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return repr((sys.version, [stamp(file) for file in files], list(versions.values())))
