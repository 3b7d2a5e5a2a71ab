"""From facts to judgement, for protocols that run one whole program with its tests at its end."""

import re

from sandbox.outcome import Confirmation, Ending, Outcome
from tasks.verdict import Judgement, Verdict

_TRACEBACK = "Traceback (most recent call last):"
_ERROR_LINE = re.compile(r"([A-Za-z_][\w.]*)(?::\s.*)?$")
_OF_THE_COMPILER = frozenset(
    {
        "SyntaxError",
        "IndentationError",
        "TabError",
        "ValueError",  # a null byte
        "UnicodeEncodeError",  # a lone surrogate
        "MemoryError",  # nested too deep, like the next two
        "RecursionError",
        "OverflowError",
    }
)
"""What compiling a source can raise; the same names also come from running ones, but then a frame is shown."""
_DETAIL_CHARACTERS = 300
UNCONFIRMED = "unconfirmed: "
"""How the detail of a pass begins that could not be confirmed."""
_KEPT_BYTES = 64 * 1024
"""How much of stderr is kept: one of that size has lost its end, and with it the traceback."""

_BY_ENDING = {
    Ending.CPU_LIMIT: Verdict.TIMEOUT,
    Ending.WALL_LIMIT: Verdict.TIMEOUT,
    Ending.OUT_OF_MEMORY: Verdict.OUT_OF_MEMORY,
    Ending.OUTPUT_LIMIT: Verdict.ERROR,
    Ending.SIGNALLED: Verdict.ERROR,
    Ending.NOT_COMPILED: Verdict.NOT_COMPILED,
    Ending.SANDBOX_FAILED: Verdict.NOT_JUDGED,
}


def judge_python(outcome: Outcome) -> Judgement:
    """The verdict of a Python program that ends in its tests.

    Only the completion proof passes: an exit code of 0 without it left before the tests were done.
    """
    if outcome.split_alone:
        return judge_split(outcome)
    if outcome.ending is not Ending.EXITED:
        return judge_ending(outcome)
    if outcome.finished:
        return judge_pass(outcome)
    if len(outcome.stderr.encode(errors="replace")) >= _KEPT_BYTES:
        return Judgement(Verdict.ERROR, "ended with so much on stderr that its traceback is lost")
    name, line, ran = _final_exception(outcome.stderr)
    if name is None:
        return Judgement(Verdict.WRONG, f"left early with exit code {outcome.exit_code}")
    if name in _OF_THE_COMPILER and not ran:
        return Judgement(Verdict.NOT_COMPILED, line)
    if name == "AssertionError":
        return Judgement(Verdict.WRONG, line)
    if name == "SystemExit":
        return Judgement(Verdict.WRONG, f"left early: {line}")
    return Judgement(Verdict.OUT_OF_MEMORY if name == "MemoryError" else Verdict.ERROR, line)


def judge_split(outcome: Outcome) -> Judgement:
    """The verdict of a program whose split tests alone ran: only what they held is a pass."""
    if outcome.ending is not Ending.EXITED:
        return judge_ending(outcome)
    match outcome.confirmation:
        case Confirmation.HELD:
            return Judgement(Verdict.PASSED, confirmed=True)
        case Confirmation.INEXPRESSIBLE:
            return Judgement(Verdict.WRONG, f"{UNCONFIRMED}{outcome.confirmation_detail}")
        case _:
            return Judgement(Verdict.WRONG, outcome.confirmation_detail)


def judge_pass(outcome: Outcome) -> Judgement:
    """A pass by the upstream protocol, checked against what the same tests said in a process of their own."""
    match outcome.confirmation:
        case Confirmation.HELD:
            return Judgement(Verdict.PASSED, confirmed=True)
        case Confirmation.REFUTED:
            return Judgement(Verdict.FORGED, f"apart from its tests: {outcome.confirmation_detail}", confirmed=False)
        case Confirmation.INEXPRESSIBLE:
            return Judgement(Verdict.PASSED, f"{UNCONFIRMED}{outcome.confirmation_detail}")
        case None:
            return Judgement(Verdict.PASSED)


def judge_ending(outcome: Outcome) -> Judgement:
    """The verdict of any program that did not end by itself."""
    match outcome.ending:
        case Ending.SIGNALLED:
            why = f"ended by signal {outcome.signal}"
        case Ending.NOT_COMPILED:
            lines = outcome.stderr.strip().splitlines()
            why = lines[-1][:_DETAIL_CHARACTERS] if lines else ""
        case Ending.CPU_LIMIT:
            why = f"CPU limit after {outcome.cpu_seconds:.1f} s"
        case Ending.WALL_LIMIT:
            why = f"wall limit after {outcome.wall_seconds:.1f} s"
        case _:
            why = outcome.ending.value
    return Judgement(_BY_ENDING[outcome.ending], outcome.detail or why)


def _final_exception(stderr: str) -> tuple[str | None, str, bool]:
    """Name and line of the exception that ended the program, and whether any of its code ran before.

    What the compiler raises comes without the traceback's headline.
    """
    _, headline, tail = stderr.rpartition(_TRACEBACK)
    lines = (tail if headline else stderr).splitlines()
    ran = any(re.match(r'  File ".*", line \d+, in ', line) for line in lines)
    matches = [match for line in lines if (match := _ERROR_LINE.match(line))]
    if not headline:
        matches = [match for match in matches[-1:] if match[1] in _OF_THE_COMPILER]
    if not matches:
        return None, "", ran
    return matches[0][1].rpartition(".")[2], matches[0][0][:_DETAIL_CHARACTERS], ran
