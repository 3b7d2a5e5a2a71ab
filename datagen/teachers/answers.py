"""Reads a teacher's answer strictly: exactly what was asked for, or a reason why it is not."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from datagen.rows.example import Opinion, ReviewCheck, TaskType
from datagen.teachers.prompts import KEYS, NO_INPUT
from datagen.teachers.wording import Rule

_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
_THINKING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_NOTHING = frozenset({"", "none", "n/a", "no input", NO_INPUT})
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)")
_MOST_INSTRUCTION_SENTENCES = 3
"""Two are asked for; abbreviations count as ends here, so one more is let through."""


class MalformedAnswerError(Exception):
    """An answer that is not what was asked for; the text says why. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """What a generator wrote."""

    instruction: str
    information: str
    solution: str
    tests: str


@dataclass(frozen=True, slots=True)
class WrittenReview:
    """What a discriminator wrote."""

    opinion: Opinion
    checks: tuple[ReviewCheck, ...]
    reasons: str


def parse_row(answer: str, task: TaskType) -> WrittenRow:
    """The row in a generator's answer. Raises MalformedAnswerError."""
    values = _read_object(answer)
    if sorted(values) != sorted(KEYS):
        raise MalformedAnswerError(f"the keys are {sorted(values)}")
    if not all(isinstance(value, str) for value in values.values()):
        raise MalformedAnswerError("a value is not a text")
    if values["task_name"].strip().lower() != task.value:
        raise MalformedAnswerError(f"the task is {values['task_name']!r}, not {task.value!r}")
    instruction, solution = values["instruction"].strip(), values["solution"].strip("\n")
    if not instruction or not solution.strip():
        raise MalformedAnswerError("instruction or solution is empty")
    if len(_SENTENCE_END.findall(instruction)) > _MOST_INSTRUCTION_SENTENCES:
        raise MalformedAnswerError("the instruction is longer than two sentences")
    information = values["information"].strip("\n")
    if information.strip().lower() in _NOTHING:
        information = ""
    return WrittenRow(instruction, information, solution, values["tests"].strip())


def parse_review(answer: str, rules: Sequence[Rule]) -> WrittenReview:
    """The verdict in a discriminator's answer. Raises MalformedAnswerError, also when it contradicts itself."""
    values = _read_object(answer)
    checks_written, overall = values.get("checks"), values.get("overall")
    if not isinstance(checks_written, list):
        raise MalformedAnswerError("there is no list of checks")
    written = cast("list[Any]", checks_written)
    if len(written) != len(rules):
        raise MalformedAnswerError(f"{len(written)} checks for {len(rules)} rules")
    checks: list[ReviewCheck] = []
    for number, (each, rule) in enumerate(zip(written, rules, strict=True), start=1):
        if not isinstance(each, dict):
            raise MalformedAnswerError("a check is not an object")
        check = cast("dict[str, Any]", each)
        # A model that skips a rule answers all that follow under wrong numbers.
        if check.get("rule") != number:
            raise MalformedAnswerError(f"check {number} is about rule {check.get('rule')!r}")
        passed = _read_yes_or_no(check.get("answer"), f"rule {number}")
        checks.append(ReviewCheck(rule.text, passed, str(check.get("reason", "")).strip()))
    stated = _read_yes_or_no(overall, "overall")
    if stated != all(check.passed for check in checks):
        raise MalformedAnswerError("the overall answer contradicts the answers to the rules")
    return WrittenReview(Opinion.GOOD if stated else Opinion.BAD, tuple(checks), str(values.get("reasons", "")).strip())


def _read_yes_or_no(value: Any, place: str) -> bool:
    """The whole word, in any case: a substring test would read "not applicable" or "noted" as no."""
    word = str(value).strip().strip(".").lower()
    if word not in ("yes", "no"):
        raise MalformedAnswerError(f"{place} is {str(value)[:40]!r}, neither yes nor no")
    return word == "yes"


def _read_object(answer: str) -> dict[str, Any]:
    text = _THINKING.sub("", answer)
    fenced = _FENCE.match(text)
    try:
        value = json.loads(fenced.group(1) if fenced else text)
    except ValueError as error:
        raise MalformedAnswerError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise MalformedAnswerError("not a JSON object")
    return cast("dict[str, Any]", value)
