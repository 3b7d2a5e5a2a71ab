"""What a tester wrote about its sample, read within bounds: its assertions, then one line that decides."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.outcome import Confirmation

_MOST_ASSERTIONS = 1000
_LINE_BYTES = 2048
_READ_BYTES = _MOST_ASSERTIONS * _LINE_BYTES + 4096
_WORDS = {b"held": Confirmation.HELD, b"refuted": Confirmation.REFUTED, b"inexpressible": Confirmation.INEXPRESSIBLE}
_TEXTS = ("call", "expected", "got")


@dataclass(frozen=True, slots=True)
class TesterVerdict:
    """The tester's last line, and what came before it."""

    confirmation: Confirmation
    detail: str
    assertions: Sequence[dict[str, Any]]
    """Each with `n`, `ok` and, where the tester tells them, `call`, `expected` and `got`."""


def read_verdict(descriptor: int) -> TesterVerdict | None:
    """What lies in the file; None where the tester ended before it decided."""
    size = os.fstat(descriptor).st_size
    end = os.pread(descriptor, _LINE_BYTES, max(0, size - _LINE_BYTES))
    if not end.endswith(b"\n"):
        return None
    word, _, detail = end[:-1].rpartition(b"\n")[2].partition(b" ")
    if word not in _WORDS:
        return None
    lines = os.pread(descriptor, _READ_BYTES, 0).splitlines()[:-1]
    assertions = [found for line in lines[:_MOST_ASSERTIONS] if (found := _assertion(line))]
    refuted = _assertion(detail) if _WORDS[word] is Confirmation.REFUTED else None
    why = _sentence(refuted) if refuted else detail.decode(errors="replace")
    return TesterVerdict(_WORDS[word], why, assertions)


def _sentence(refuted: dict[str, Any]) -> str:
    """What a report says of an assertion that did not hold."""
    call, expected, got = (refuted.get(name, "") for name in _TEXTS)
    parts = [f"{call}: {got}" if call and got else call or got, f"expected {expected}" if expected else ""]
    return ", ".join(part for part in parts if part) or f"assertion {refuted['n']}"


def _assertion(line: bytes) -> dict[str, Any] | None:
    try:
        said: Any = json.loads(line) if len(line) <= _LINE_BYTES else None
        found = {"n": int(said["n"]), "ok": said["ok"] is True}
        return found | {name: str(said[name]) for name in _TEXTS if name in said}
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
