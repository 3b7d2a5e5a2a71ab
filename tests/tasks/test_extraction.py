"""Answers of every shape, and the program that each stands for."""

import ast
from collections.abc import Sequence

import pytest

from tasks.extraction.fences import fenced_blocks
from tasks.extraction.python import LONGEST_ANSWER, LONGEST_SEARCHED, extract_python
from tasks.extraction.stops import cut_at_stop
from tasks.extraction.thinking import without_thinking
from tasks.registry import load
from tasks.task import AnswerForm, Extraction

PROMPT = 'from typing import List\n\n\ndef total(xs: List[int]) -> int:\n    """Sum of xs."""\n'
BODY = "    result = 0\n    for x in xs:\n        result += x\n    return result\n"
WHOLE = "def total(xs: List[int]) -> int:\n" + BODY
STOPS = ("\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\n```")


def answered(answer: str) -> Extraction:
    """As a chat style takes it."""
    return extract_python(answer, PROMPT, "total")


def completed(answer: str, stop: Sequence[str] = STOPS) -> Extraction:
    """As a style takes it that asks for a continuation."""
    return extract_python(answer, PROMPT, "total", stop=stop, asked_for=AnswerForm.CONTINUATION)


def works(extraction: Extraction) -> bool:
    """Whether the program sums; only this file's own code is ever run here."""
    names: dict[str, object] = {}
    exec(compile(extraction.code, "extracted", "exec"), names)
    total = names["total"]
    assert callable(total)
    return total([1, 2, 3]) == 6


@pytest.mark.parametrize(
    "answer",
    [
        BODY,
        "  return sum(xs)",
        "\tgarbage(",
        "for",
        "```python\nx\n```",
        "a\r\nb\r",
        "<think>",
        "x" * 1000,
        "\n\nclass A",
    ],
)
def test_what_is_known_to_be_a_completion_or_a_program_runs_verbatim(answer: str):
    completion = extract_python(answer, PROMPT, "total", AnswerForm.CONTINUATION, STOPS)
    assert completion == Extraction(PROMPT + answer, "continuation")
    assert extract_python(answer, PROMPT, "total", AnswerForm.PROGRAM, STOPS) == Extraction(answer, "program")


@pytest.mark.parametrize("form", AnswerForm)
@pytest.mark.parametrize("answer", ["", " ", "\n\n\t\n"])
def test_an_empty_answer_holds_no_code(form: AnswerForm, answer: str):
    assert extract_python(answer, PROMPT, "total", form) == Extraction("", "empty")


def test_a_well_formed_continuation_is_not_touched():
    assert completed(BODY) == Extraction(PROMPT + BODY, "continuation")


@pytest.mark.parametrize(
    "tail",
    [
        "\ndef other():\n    pass",
        "\nprint(total([1]))",
        "\n# Test",
        "\nif __name__ == '__main__':\n    x(",
        "\n```\nSo",
    ],
)
def test_a_continuation_ends_at_its_first_stop_string(tail: str):
    assert completed(BODY + tail).code == PROMPT + BODY


def test_a_stop_string_inside_a_string_literal_cuts_nothing():
    body = '    text = """\nclass of 1999\n#1\nprint\n"""\n    return sum(xs) if text else 0\n'
    assert completed(body + "\nclass Next:").code == PROMPT + body
    assert works(completed(body))


def test_a_stop_string_after_non_ascii_text_is_found_where_it_stands():
    body = '    """Größe: 和\n# 和\n"""\n    return sum(xs)\n'
    assert cut_at_stop(body + "\n# weiter", STOPS, PROMPT) == body


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{PROMPT}{BODY}```",
        f"```python\n{WHOLE}```",
        f"```py\n{WHOLE}```",
        f"```Python title=x\n{WHOLE}```",
        f"```\n{WHOLE}```",
        f"~~~python\n{WHOLE}~~~",
        f"````python\n{WHOLE}````",
        f"Sure, here's it:\n\n```python\n{WHOLE}```\n\nIt doesn't need `sum`.",
        f"```python\n{BODY}```",
        "```python\nresult = 0\nfor x in xs:\n    result += x\nreturn result\n```",
        f"First install:\n```bash\npip install total\n```\nThen:\n```python\n{WHOLE}```",
        f"You gave:\n```python\n{PROMPT}```\nThe answer:\n```python\n{WHOLE}```",
        f"```python\nprint(total([1]))\n```\n```python\n{WHOLE}```",
        f"```python\ndef total(xs:\n    return\n```\nOops:\n```python\n{WHOLE}```",
        f"```python\n{WHOLE}```\nUsage:\n```python\nassert total([1]) == 1\n```",
        f"1. Like this:\n   ```python\n   {WHOLE.replace(chr(10), chr(10) + '   ')}```",
        f"```python\n{WHOLE}",
        f"```python\n{WHOLE}\nprint(total([1, 2",
        f"```python\r\n{WHOLE}```".replace("\n", "\r\n"),
        f"<think>Let me see. ```python\ndef total(xs): return 0\n```</think>\n```python\n{WHOLE}```",
        f"so def total(xs): return 0\n</think>\n\n```python\n{WHOLE}```",
    ],
)
def test_the_right_fenced_block_is_found(answer: str):
    assert works(answered(answer))
    assert "fence" in answered(answer).rule


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE,
        PROMPT + BODY,
        PROMPT.strip() + "\n" + BODY,
        BODY,
        f"Here is the function:\n\n{WHOLE}",
        f"Here is the function:\n\n{WHOLE}\nThis function takes a list, and it isn't slow.",
        f"{PROMPT}{BODY}\n\nExplanation: it's a loop.\n- it adds",
        f"Important: don't use sum.\nimport math\n{WHOLE}\nThat's all!",
        WHOLE.replace("\n", "\r\n"),
    ],
)
def test_code_without_a_fence_is_found_in_prose(answer: str):
    assert works(answered(answer))


@pytest.mark.parametrize(
    "body",
    [
        "result = 0\nfor x in xs:\n    result += x\nreturn result",
        "result = 0\n    for x in xs:\n        result += x\n    return result",
        "   result = 0\n    for x in xs:\n        result += x\n    return result",
        " result = 0\n    for x in xs:\n        result += x\n    return result",
        "return sum(xs)",
        "  return sum(xs)",
        "\n\nreturn sum(xs)\n\n",
    ],
)
def test_slips_of_indentation_are_mended(body: str):
    assert works(completed(body))
    assert works(answered(body))


def test_a_continuation_that_starts_anew_keeps_what_stands_behind_stop_strings():
    assert works(completed(f"{PROMPT}{BODY}"))
    assert works(completed(f"Sure:\n```python\n{WHOLE}```"))


def test_a_truncated_function_is_left_as_it_is():
    truncated = "def total(xs):\n    result = 0\n    for x in xs:\n        result +="
    found = answered(f"```python\n{truncated}")
    assert truncated in found.code
    with pytest.raises(SyntaxError):
        ast.parse(found.code)


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, I can't help with that.",
        "OK",
        "The import is missing.",
        "<think>```python\ndef total(xs):\n    return sum(xs)\n```",
        "<think>def total(xs): return 6</think>",
        "```bash\npip install total\n```",
    ],
)
def test_an_answer_without_code_has_none(answer: str):
    assert answered(answer).code == ""


def test_helpers_and_imports_of_the_prompt_come_along_unless_the_answer_brings_them():
    task = load("humaneval", "chat")
    problem = next(problem for problem in task.problems if problem.entry_point == "decode_cyclic")
    found = task.extract(problem, ["```python\ndef decode_cyclic(s):\n    return encode_cyclic(encode_cyclic(s))\n```"])
    assert found.code.startswith("def encode_cyclic(s: str):")
    whole = task.reference(problem)
    assert task.extract(problem, [f"```python\n{whole}```"]).code.strip() == whole.strip()


def test_a_future_import_stays_first():
    found = answered(f"```python\nfrom __future__ import annotations\n{WHOLE}```")
    assert works(found)


def test_every_reference_survives_every_style():
    for style in ("complete", "complete-stripped", "magicoder"):
        task = load("humaneval", style)
        for problem in task.problems:
            found = task.extract(problem, [problem.canonical_solution])
            assert found == Extraction(task.reference(problem), "continuation")
    for style in ("chat", "alpaca"):
        task = load("humaneval", style)
        for problem in task.problems:
            found = task.extract(problem, [f"Sure!\n```python\n{task.reference(problem)}\n```\nThat's it."])
            assert found.code.strip() == task.reference(problem).strip()


@pytest.mark.parametrize(
    ("answer", "spoken"),
    [
        ("a <think>b</think> c", "a <think>b</think> c".partition("</think>")[2]),
        ("<think>b</think>c", "c"),
        ("<thinking>b</thinking>c", "c"),
        ("<think>b</think>c\n<think>d</think>e", "c\ne"),
        ("b</think>c", "c"),
        ("c\n<think>b", "c\n"),
        ("x = '<think>'", "x = '<think>'"),
        ("<think>" * 9, ""),
    ],
)
def test_thinking_is_taken_out(answer: str, spoken: str):
    assert without_thinking(answer) == spoken


def test_fences_close_on_their_own_mark():
    blocks = fenced_blocks("````md\n```python\nx\n```\n````\n~~~\ny\n```\n~~~\n```js\nz")
    assert [(block.tag, block.code, block.closed) for block in blocks] == [
        ("md", "```python\nx\n```", True),
        ("", "y\n```", True),
        ("js", "z", False),
    ]


@pytest.mark.parametrize(
    "part",
    [
        "x",
        "(",
        "    x = 1\n",
        "```python\ndef total(xs):\n```\n",
        "<think>",
        "'\"\n",
        "def total(x):\n    return x\n",
        "`",
    ],
)
def test_a_50_mb_answer_is_looked_at_no_further_than_said(part: str):
    answer = part * (50_000_000 // len(part))
    assert extract_python(answer, PROMPT, "total") == extract_python(answer[:LONGEST_ANSWER], PROMPT, "total")
    assert len(answered(answer).code) < LONGEST_SEARCHED * 4
    verbatim = extract_python(answer, PROMPT, "total", AnswerForm.PROGRAM)
    assert verbatim.code == answer[:LONGEST_ANSWER]
