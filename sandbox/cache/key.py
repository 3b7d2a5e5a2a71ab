"""Under which key an execution is kept: whatever could make the same program end otherwise is part of it."""

import hashlib
import os
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sandbox.languages import UnknownLanguageError, language
from sandbox.outcome import Tier
from sandbox.program import Program
from sandbox.toolchains.installed import ToolchainMissingError, read_toolchain, stamp
from sandbox.toolchains.packages import OFFERED

PROTOCOL_VERSION = 1
"""Raised when outcomes mean something else; other changes of the sandbox are noticed by its source."""
_MISSING = "missing"


class ExecutionKeys:
    """Keys of programs that run in one tier; toolchains are looked at once."""

    def __init__(self, tier: Tier, elsewhere: str = "") -> None:
        """`elsewhere` stands for the toolchains of other machines, where programs run on those."""
        self._tier = tier
        self._elsewhere = elsewhere
        self._where: dict[str, bytes] = {}

    def key(self, program: Program) -> bytes:
        """32 bytes. Raises SandboxError where the tier cannot be had."""
        where = self._where.get(program.language)
        if where is None:
            where = self._where[program.language] = self._surroundings(program.language)
        return hashlib.sha256(where + program.sha256.encode()).digest()

    def _surroundings(self, name: str) -> bytes:
        where = self._elsewhere or (platform.machine(), self._toolchain(name))
        facts = (PROTOCOL_VERSION, sandbox_digest(), self._tier, where)
        return hashlib.sha256(repr(facts).encode()).digest()

    def _toolchain(self, name: str) -> str:
        if self._tier is Tier.DOCKER:
            from sandbox.docker.engine import Engine

            return Engine().image()
        try:
            row = language(name)
            return read_toolchain(row).fingerprint if row.needs_toolchain else interpreter_fingerprint()
        except (UnknownLanguageError, ToolchainMissingError):
            return _MISSING  # ends as a failure of the sandbox, which is never kept


@cache
def sandbox_digest() -> str:
    """SHA-256 over the sandbox's own source."""
    digest = hashlib.sha256()
    room = Path(__file__).parents[1]
    for path in sorted(room.rglob("*.py")):
        digest.update(f"{path.relative_to(room)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def interpreter_fingerprint() -> str:
    """The interpreter that runs Python programs and the packages that they may import."""
    files = (os.path.realpath(sys.executable), os.__file__)
    return repr((sys.version, [stamp(file) for file in files], [_version(name) for name in OFFERED]))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
