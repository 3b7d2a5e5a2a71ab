"""Whether a language works on this machine, right now: its tiny right program passes and its tiny wrong one fails."""

from collections.abc import Iterable, Iterator

from sandbox.languages import Language, languages
from sandbox.outcome import Ending, Outcome
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from sandbox.walls.check_result import CheckResult

_REMEDY = "wavebench toolchains install, which names the Debian packages that are missing"


def probe_toolchains(sandbox: Sandbox, names: Iterable[str] | None = None) -> Iterator[CheckResult]:
    """Tries every language, or those named, one after another; its name is the check's, versions are the detail."""
    versions = sandbox.facts()
    for name in names or languages():
        row = languages()[name]
        tried = dict(sandbox.run([("right", _program(row, row.right)), ("wrong", _program(row, row.wrong))]))
        complaint = _complaint(tried["right"], tried["wrong"])
        detail = complaint or versions.get(f"toolchain {name}", "")
        yield CheckResult(name, not complaint, name == "python", detail, _REMEDY)


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
