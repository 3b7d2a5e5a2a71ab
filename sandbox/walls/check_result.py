"""The result of trying one thing on this machine or server: the one type of doctor, serve-check and the probes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing tried; as text, the line or two that the reader sees."""

    name: str
    ok: bool
    needed: bool
    """Whether nothing works without it."""
    detail: str
    """What was found: a version, an address, or what went wrong."""
    remedy: str = ""
    """What to do where it is not ok."""

    def __str__(self) -> str:
        mark = "ok  " if self.ok else "FAIL" if self.needed else "--  "
        line = f"{mark}  {self.name}{f': {self.detail}' if self.detail else ''}"
        return line if self.ok or not self.remedy else f"{line}\n      remedy: {self.remedy}"
