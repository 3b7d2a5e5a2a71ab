"""Whether a language works on this machine, right now: its tiny right program passes and its tiny wrong one fails."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sandbox.languages import Language, languages
from sandbox.outcome import Ending, Outcome
from sandbox.program import Program
from sandbox.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class ToolchainCheck:
    """One language tried."""

    language: str
    ok: bool
    detail: str
    """Versions where it works, else what went wrong, with the remedy where the sandbox knows it."""


def probe_toolchains(sandbox: Sandbox, names: Iterable[str] | None = None) -> Iterator[ToolchainCheck]:
    """Tries every language, or those named, one after another."""
    versions = sandbox.facts()
    for name in names or languages():
        row = languages()[name]
        tried = dict(sandbox.run([("right", _program(row, row.right)), ("wrong", _program(row, row.wrong))]))
        complaint = _complaint(tried["right"], tried["wrong"])
        yield ToolchainCheck(name, not complaint, complaint or versions.get(f"toolchain {name}", ""))


def _program(row: Language, text: str) -> Program:
    return Program(row.name, {row.main_file: text}, limits=row.limits)


def _complaint(right: Outcome, wrong: Outcome) -> str:
    for outcome in (right, wrong):
        if outcome.ending is Ending.SANDBOX_FAILED:
            return outcome.detail
    if not _passed(right):
        return f"a right program did not pass: {right.ending.value} {' '.join(right.stderr.split())[:200]}"
    return "a wrong program passed" if _passed(wrong) else ""


def _passed(outcome: Outcome) -> bool:
    return outcome.ending is Ending.EXITED and outcome.finished and outcome.exit_code == 0
