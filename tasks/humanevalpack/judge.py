"""The verdict of a HumanEvalPack program, by its language's row."""

import re

from sandbox.outcome import Ending, Outcome
from tasks.humanevalpack.language import PackLanguage
from tasks.judgement import judge_ending, judge_pass, judge_python
from tasks.verdict import Judgement, Verdict

_DETAIL_CHARACTERS = 300


def judge_pack(language: PackLanguage, outcome: Outcome) -> Judgement:
    """Passed only with exit code 0, the completion proof and, where upstream demands it, without a word of output."""
    if language.sandbox == "python" or outcome.split_alone:
        return judge_python(outcome)
    if outcome.ending is Ending.NOT_COMPILED and (complaint := _line(language.refused, outcome.stderr)):
        return Judgement(Verdict.NOT_COMPILED, complaint)
    said = f"{outcome.stderr}\n{outcome.stdout}"
    if outcome.ending is Ending.SIGNALLED and (refuted := _line(language.wrong, said)):
        return Judgement(Verdict.WRONG, refuted)
    if outcome.ending is not Ending.EXITED:
        return judge_ending(outcome)
    if outcome.finished and outcome.exit_code == 0:
        if language.silent and said.strip():
            return Judgement(Verdict.WRONG, f"wrote output, which upstream's protocol fails: {_first_line(said)}")
        return judge_pass(outcome)
    return _judge_failed_exit(language, outcome, said)


def _judge_failed_exit(language: PackLanguage, outcome: Outcome, said: str) -> Judgement:
    if refuted := _line(language.wrong, said):
        return Judgement(Verdict.WRONG, refuted)
    if error := _line(language.error, said):
        unparsed = language.silent and error.startswith("SyntaxError")  # of a language without a compiler
        return Judgement(Verdict.NOT_COMPILED if unparsed else Verdict.ERROR, error)
    if outcome.exit_code == 0:
        return Judgement(Verdict.WRONG, "left early with exit code 0")
    return Judgement(Verdict.ERROR, f"exit code {outcome.exit_code}: {_first_line(said)}")


def _line(pattern: str, text: str) -> str:
    """The line in which the pattern is first found; empty when it is not."""
    match = re.search(pattern, text, re.MULTILINE) if pattern else None
    if match is None:
        return ""
    start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
    return text[start : end if end >= 0 else None].strip()[:_DETAIL_CHARACTERS]


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")[:_DETAIL_CHARACTERS]
