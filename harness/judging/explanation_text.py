"""An explanation as the terminal shows it."""

from collections.abc import Iterator

from harness.judging.explanation import Explanation
from tasks.task import Candidate
from tasks.verdict import Verdict

CUT = 6_000
"""Characters of one text that are shown; --json has all."""


def explanation_text(found: Explanation) -> str:
    """Verdict first, then how it came about, in the order in which it did."""
    return "\n".join(_lines(found))


def _lines(found: Explanation) -> Iterator[str]:
    verdict = "not judged yet"
    if found.verdict is not None:
        confirmation = ", confirmed" if found.confirmed else ""
        verdict = f"{found.verdict}{confirmation}{' (' + found.detail + ')' if found.detail else ''}"
    yield f"{found.task_id} sample {found.sample}: {verdict}"
    if found.newer_feature:
        yield f"The toolchain is too old ({found.toolchain or 'unknown'}): the code uses {found.newer_feature}."
    elif found.verdict is Verdict.NOT_COMPILED and found.toolchain:
        yield f"Compiled by {found.toolchain}."
    yield from found.remarks
    if found.reasoning:
        yield from _section("Reasoning that the server sent apart (never judged)", found.reasoning)
    for number, answer in enumerate(found.answers, 1):
        title = "Answer" if len(found.answers) == 1 else f"Turn {number}"
        ended = f", ended with {found.finish_reason!r}" if found.finish_reason and number == len(found.answers) else ""
        yield from _section(f"{title}{ended}", answer)
    if found.candidates:
        yield from _section(f"Candidates (policy {found.extraction})", "\n".join(map(_candidate, found.candidates)))
    if found.code.strip():
        yield from _section(f"Code, found by the rule {found.rule!r} of policy {found.extraction}", found.code)
    else:
        yield f"\nNo code was found: rule {found.rule!r}{', ' + found.reason if found.reason else ''}."
    for name, text in found.program.items():
        yield from _section(f"Program: {name}, sha256 {found.program_sha256[:12]}", text)
    if found.stderr:
        yield from _section("Standard error", found.stderr)


def _candidate(each: Candidate) -> str:
    mark = "->" if each.chosen else "  "
    place = f"line {each.line}" if each.line else "-"
    defines = f", defines {', '.join(each.defines)}" if each.defines else ""
    why = f"chosen: {each.why}" if each.chosen else f"passed over: {each.why}"
    return f"{mark} {each.kind}, {place}{defines}, {'parses' if each.parses else 'does not parse'}; {why}"


def _section(title: str, text: str) -> Iterator[str]:
    yield f"\n--- {title}"
    yield text[:CUT].rstrip("\n")
    if len(text) > CUT:
        yield f"... and {len(text) - CUT:,} more characters, see --json"
