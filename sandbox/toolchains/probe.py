"""Whether a language works on this machine, right now: its tiny right program passes and its tiny wrong one fails."""

from collections.abc import Iterable, Iterator

from sandbox.languages import Language, language, languages_of_their_own
from sandbox.outcome import Ending, Outcome
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from sandbox.walls.check_result import CheckResult

_REMEDY = "wavebench toolchains install, which names the Debian packages that are missing"


def probe_toolchains(sandbox: Sandbox, names: Iterable[str] | None = None) -> Iterator[CheckResult]:
    """Tries every language, or those named, one after another; its name is the check's, versions are the detail."""
    versions = sandbox.facts()
    for name in names or languages_of_their_own():
        row = language(name)
        tried = dict(sandbox.run([("right", _program(row, row.right)), ("wrong", _program(row, row.wrong))]))
        complaint = _complaint(row, tried["right"], tried["wrong"])
        detail = complaint or versions.get(f"toolchain {name}", "")
        yield CheckResult(name, not complaint, name == "python", detail, _REMEDY)


def _program(row: Language, text: str) -> Program:
    return Program(row.name, {row.main_file: text}, limits=row.limits)


def _complaint(row: Language, right: Outcome, wrong: Outcome) -> str:
    for outcome in (right, wrong):
        if outcome.ending is Ending.SANDBOX_FAILED:
            return outcome.detail
    if not _passed(row, right):
        return f"a right program did not pass: {right.ending.value} {' '.join(right.stderr.split())[:200]}"
    return "a wrong program passed" if _passed(row, wrong) else ""


def _passed(row: Language, outcome: Outcome) -> bool:
    return outcome.ending is Ending.EXITED and outcome.exit_code == 0 and (outcome.finished or not row.proves_end)
