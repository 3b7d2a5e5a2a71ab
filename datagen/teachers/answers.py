"""Reads a teacher's answer: whatever stands around the object that was asked for, or a reason why there is none."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from datagen.rows.example import Opinion, ReviewCheck, TaskType
from datagen.teachers.prompts import NO_INPUT
from datagen.teachers.wording import Rule
from tasks.extraction.fences import fenced_blocks
from tasks.extraction.thinking import without_thinking

_NOTHING = frozenset({"", "none", "null", "n/a", "na", "no input", "empty", "-", NO_INPUT})
_MOST_STARTS = 50
"""Opening braces tried; a long answer of code holds many."""
_MOST_INSTRUCTION_SENTENCES = 3
"""Two are asked for; abbreviations count as ends here, so one more is let through."""


class MalformedAnswerError(Exception):
    """An answer that is not what was asked for; the text tells the model why. Never leaves this package."""


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
    values = _read_object(answer, "solution")
    if missing := [name for name in ("instruction", "solution") if name not in values]:
        raise MalformedAnswerError(f"the key {missing[0]!r} is missing; the keys are {sorted(values)}")
    named = values.get("task_name", task.value)
    if str(named).strip().lower() != task.value:
        raise MalformedAnswerError(f"the task is {named!r}, not {task.value!r}")
    texts = {name: _text(values.get(name), name) for name in ("instruction", "information", "solution", "tests")}
    instruction, solution = texts["instruction"].strip(), _without_fence(texts["solution"])
    if not instruction or solution.strip().lower() in _NOTHING:
        raise MalformedAnswerError("instruction or solution is empty")
    if sum(word.endswith((".", "!", "?")) for word in instruction.split()) > _MOST_INSTRUCTION_SENTENCES:
        raise MalformedAnswerError("the instruction is longer than two sentences")
    information, tests = (_without_fence(texts[name]) for name in ("information", "tests"))
    return WrittenRow(
        instruction,
        "" if information.strip().lower() in _NOTHING else information,
        solution,
        "" if tests.strip().lower() in _NOTHING else tests.strip(),
    )


def parse_review(answer: str, rules: Sequence[Rule]) -> WrittenReview:
    """The verdict in a discriminator's answer. Raises MalformedAnswerError, also when it contradicts itself."""
    values = _read_object(answer, "checks")
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
        if str(check.get("rule")).strip(" .") != str(number):
            raise MalformedAnswerError(f"check {number} is about rule {check.get('rule')!r}")
        passed = _read_yes_or_no(check.get("answer"), f"rule {number}")
        checks.append(ReviewCheck(rule.text, passed, _text(check.get("reason"), "reason").strip()))
    stated = _read_yes_or_no(overall, "overall")
    if stated != all(check.passed for check in checks):
        raise MalformedAnswerError("the overall answer contradicts the answers to the rules")
    reasons = _text(values.get("reasons"), "reasons").strip()
    return WrittenReview(Opinion.GOOD if stated else Opinion.BAD, tuple(checks), reasons)


def _read_yes_or_no(value: Any, place: str) -> bool:
    """The whole word, in any case: a substring test would read "not applicable" or "noted" as no."""
    word = (
        {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value).strip().strip(".").lower()
    )
    if word not in ("yes", "no"):
        raise MalformedAnswerError(f"{place} is {str(value)[:40]!r}, neither yes nor no")
    return word == "yes"


def _read_object(answer: str, wanted: str) -> dict[str, Any]:
    """The last object that has the key `wanted`, else the first: models explain and correct themselves."""
    text = without_thinking(answer)
    found: list[dict[str, Any]] = []
    reason = "there is no JSON object"
    for candidate in (text, *(block.code for block in fenced_blocks(text))):
        try:
            # Not strict: many models write line breaks into a text as they are.
            found += _objects(json.loads(candidate, strict=False))
        except (ValueError, RecursionError) as error:
            reason = f"not JSON: {error}" if isinstance(error, ValueError) else "not JSON: nested too deeply"
    if not found:
        found = list(_objects_in_prose(text))
    fitting = [each for each in found if wanted in each]
    if not found:
        raise MalformedAnswerError(reason)
    return fitting[-1] if fitting else found[0]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The value itself, or of a list its only object."""
    if isinstance(value, dict):
        yield cast("dict[str, Any]", value)
    elif isinstance(value, list):
        items = cast("list[Any]", value)
        if len(items) == 1 and isinstance(items[0], dict):
            yield cast("dict[str, Any]", items[0])


def _objects_in_prose(text: str) -> Iterator[dict[str, Any]]:
    decoder, place = json.JSONDecoder(strict=False), text.find("{")
    for _ in range(_MOST_STARTS):
        if place < 0:
            return
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield from _objects(value)
        place = text.find("{", end)


def _text(value: Any, name: str) -> str:
    """A text; a list of lines is one too."""
    if isinstance(value, list) and all(isinstance(line, str) for line in cast("list[Any]", value)):
        value = "\n".join(cast("list[str]", value))
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedAnswerError(f"the value of {name!r} is not a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise MalformedAnswerError(f"the value of {name!r} holds half a character") from None
    return value


def _without_fence(text: str) -> str:
    """What a single fence around the whole text holds, else the text without empty lines at its ends."""
    stripped = text.strip()
    if stripped.startswith(("```", "~~~")):
        blocks = fenced_blocks(stripped)
        if len(blocks) == 1 and stripped.endswith(("```", "~~~")):
            return blocks[0].code.strip("\n")
    return text.strip("\n")
