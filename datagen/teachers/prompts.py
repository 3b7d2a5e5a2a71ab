"""Puts the two prompts together: one asks for a row, one asks for the verdict over it."""

import json
from collections.abc import Sequence

from datagen.code.languages import LANGUAGES
from datagen.rows.example import Example, Opinion, TaskType
from datagen.rows.raw_function import RawFunction
from datagen.teachers.wording import Wording
from tasks.prompt import Message, Prompt

KEYS = ("task_name", "instruction", "information", "solution", "tests")
"""What a row has to have, exactly; all values are texts."""
NO_INPUT = "<noinput>"

_GENERATOR_ROLE = "You write training rows for a code model. You answer with one JSON object and nothing else."
_DISCRIMINATOR_ROLE = "You examine training rows for a code model. You answer with one JSON object and nothing else."


def generator_prompt(
    wording: Wording, function: RawFunction, target: str, good: Sequence[Example], bad: Sequence[Example]
) -> Prompt:
    """Definition, keys, requirements, good examples, bad ones with their analysis, then the raw code."""
    parts = [
        f"Task: {wording.task.value}. {wording.definition}",
        wording.raw_code_is,
        f"Answer with a JSON object with exactly these keys, all texts: {', '.join(KEYS)}.",
        f'task_name is "{wording.task.value}".',
        "Requirements:",
        *(f"{number}. {text}" for number, text in enumerate(wording.requirements, start=1)),
        *_list_examples("A good example:", good),
        *_list_examples("A bad example, with its analysis. Do not imitate it:", bad),
        f"Input ({LANGUAGES[function.language].title} code):",
        _raw_code(function),
    ]
    if wording.task is TaskType.TRANSLATION:
        parts.append(f"Target language: {LANGUAGES[target].title}")
    return _chat(_GENERATOR_ROLE, "\n".join([*parts, "Output:"]))


def discriminator_prompt(
    wording: Wording, function: RawFunction, row: Example, good: Sequence[Example], bad: Sequence[Example]
) -> Prompt:
    """The rules, the same examples with their verdicts, the raw code and the row; asks rule by rule, then overall."""
    parts = [
        f"Task of the row: {wording.task.value}. {wording.definition}",
        "Examine the row step by step. Rules:",
        *(f"{number}. (step {rule.step}) {rule.text}" for number, rule in enumerate(wording.rules, start=1)),
        'Answer with a JSON object with exactly these keys: "checks", a list with one object per rule, in order, each '
        'with "rule" (its number), "answer" ("yes" or "no") and "reason"; "overall", which is "yes" only if every '
        'answer is "yes", else "no"; "reasons", one sentence.',
        *_list_examples("A row that was good:", good),
        *_list_examples("A row that was bad:", bad),
        f"Raw input ({LANGUAGES[function.language].title} code):",
        _raw_code(function),
        "The row:",
        _as_json(row),
    ]
    return _chat(_DISCRIMINATOR_ROLE, "\n".join([*parts, "Output:"]))


def _chat(role: str, text: str) -> Prompt:
    return Prompt(messages=(Message("system", role), Message("user", text)))


def _raw_code(function: RawFunction) -> str:
    """The code and what its author says of it; teachers see both, as in CodeSearchNet's pairs."""
    return f"{function.code}\n\nIts documentation: {function.docstring}" if function.docstring else function.code


def _list_examples(heading: str, examples: Sequence[Example]) -> list[str]:
    lines: list[str] = []
    for example in examples:
        verdict = "good" if example.review.opinion is Opinion.GOOD else "bad"
        lines += [heading, _as_json(example), f"Analysis: {verdict}. {example.review.reasons}"]
    return lines


def _as_json(row: Example) -> str:
    values = (row.task.value, row.instruction, row.input or NO_INPUT, row.output, row.tests)
    return json.dumps(dict(zip(KEYS, values, strict=True)), ensure_ascii=False)
