"""The verdict over a program that its split tests alone judged."""

import re
from dataclasses import replace

from sandbox.outcome import Assertion, Confirmation, Ending, Outcome
from tasks.evalplus.oracle import BASE, PLUS, CandidateRaised, WrongResult
from tasks.judgement import judge_ending
from tasks.verdict import Judgement, Verdict

_PLACE = re.compile(
    rf"(?:(?P<kind>{WrongResult.__name__}|{CandidateRaised.__name__}): |[^;]*; at )(?P<part>{BASE}|{PLUS}) input "
)
"""Where the tests stood, in the words of `oracle.judge`. What a candidate can word comes behind."""
_COMPARED = re.compile(
    r" \((\d+) of \d+ passed\): (?P<call>.*) gave (?P<got>.*), expected (?P<expected>.*)$", re.DOTALL
)
_PASSED = re.compile(r" input \d+ of \d+ \((\d+) of \d+ passed\)")
_NOT_LOADED = re.compile(r"the program cannot be loaded without its tests: (\w+)")
_NOT_COMPILED = frozenset({"SyntaxError", "IndentationError", "TabError"})


def judge_plus(outcome: Outcome, inputs: int) -> Judgement:
    """Passed only where every base input and every further one gave what is expected; `base` says the former alone.

    Of the `inputs`, those before the first that failed held: EvalPlus looks at no more.
    """
    judged = _judge(outcome)
    if judged.verdict is Verdict.NOT_JUDGED:
        return judged
    detail = outcome.confirmation_detail or outcome.detail
    place = _PLACE.match(detail)
    passed = _PASSED.match(detail, place.end() - len(" input ")) if place else None
    held = inputs if judged.verdict is Verdict.PASSED else int(passed[1]) if passed else 0
    return replace(judged, tests=inputs, tests_held=held)


def _judge(outcome: Outcome) -> Judgement:
    detail = outcome.confirmation_detail or outcome.detail
    place = _PLACE.match(detail)
    base = place["part"] == PLUS if place else False
    if outcome.ending is not Ending.EXITED:
        judged = judge_ending(outcome)
        not_judged = judged.verdict is Verdict.NOT_JUDGED
        return Judgement(judged.verdict, judged.detail, base=None if not_judged else base)
    if outcome.confirmation is Confirmation.HELD:
        return Judgement(Verdict.PASSED, confirmed=True, base=True)
    if unloaded := _NOT_LOADED.match(detail):
        verdict = Verdict.NOT_COMPILED if unloaded[1] in _NOT_COMPILED else Verdict.ERROR
        return Judgement(verdict, f"{unloaded[1]} while the program was loaded", base=False)
    if place and place["kind"]:
        verdict = Verdict.WRONG if place["kind"] == WrongResult.__name__ else Verdict.ERROR
        compared = _COMPARED.search(detail)
        failing = None
        if compared:
            failing = Assertion(int(compared[1]), False, compared["call"], compared["expected"], compared["got"])
        return Judgement(verdict, detail.removeprefix(f"{place['kind']}: "), base=base, failing=failing)
    # what cannot be compared as a plain value is no value that the reference could have returned
    verdict = Verdict.WRONG if outcome.confirmation is Confirmation.INEXPRESSIBLE else Verdict.ERROR
    return Judgement(verdict, detail, base=base)
