import json
from pathlib import Path

import pytest

from harness.models.hf.stopping import StopRule
from tasks.extraction.python import extract_python
from tasks.prompt import Message, Prompt
from tasks.registry import load

CASES = Path(__file__).parents[4] / "shared" / "cases" / "answers" / "K01_stop_rule_full_answers.jsonl"
CHAT = Prompt(messages=(Message("user", "x"),), prefill="```python\n", fence_language="python")


@pytest.mark.parametrize(
    "answer",
    [
        "<think>\n```python\ndef f(): return 0\n```\nNo.\n</think>\n```python\ndef f(): return 1\n```\n",
        "```\n[1] -> 1\n```\n```python\ndef f(): return 1\n```\n",
        "```python\ndef f(): return 0\n```\nWait.\n```python\ndef f(): return 1\n```\n",
        'x\n```\n"""\n```\n',
    ],
)
def test_no_fenced_block_ends_an_answer(answer: str):
    rule = StopRule(CHAT)
    assert rule.longest_mark_bytes == 0
    assert not any(rule.ends(answer[:end]) for end in range(len(answer) + 1))


def test_stop_strings_end_an_answer():
    rule = StopRule(Prompt(text="x", stop=("\ndef", "")))
    assert rule.longest_mark_bytes == 4
    assert not rule.ends("```python\nx\n```\n")
    assert rule.ends("    return 1\n\ndef g():")


@pytest.mark.skipif(not CASES.is_file(), reason="the handed answers are not beside this checkout")
def test_the_whole_of_the_handed_answers_is_written_and_read():
    rule = StopRule(CHAT)
    for row in map(json.loads, CASES.read_text().splitlines()):
        assert not rule.ends(row["completion"])
        code = extract_python(row["completion"], "", "has_close_elements").code
        names: dict[str, object] = {}
        exec(compile(code, "extracted", "exec"), names)  # code of the handed file, which is ours
        found = names["has_close_elements"]
        assert callable(found)
        assert found([1.0, 1.1, 5.0], 0.2), row["what"]
        assert not found([1.0, 2.0], 0.2), row["what"]


def until_stop(text: str, stop: tuple[str, ...], *, inclusive: bool) -> str:
    """The text as a back end returns it that ends at a stop string: `hf:` keeps the string, servers leave it out."""
    if inclusive:
        rule = StopRule(Prompt(text="x", stop=stop))
        return next((text[:end] for end in range(len(text) + 1) if rule.ends(text[:end])), text)
    places = [place for string in stop if (place := text.find(string)) >= 0]
    return text[: min(places, default=len(text))]


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("complete", "    return any(numbers)\n\n\ndef other():\n    return 1\n"),
        ("complete", "    return any(numbers)\nprint(has_close_elements([], 1))\n"),
        ("complete", "    return any(numbers)<|endoftext|>import os\n"),
        ("complete-stripped", "\n    return any(numbers)\n```\nThat is it.\n"),
        ("alpaca", "```python\ndef has_close_elements(a, b):\n    return a\n```\n### Instruction:\nMore\n"),
        ("chat", "<think>\n```python\nx\n```\n</think>\nA draft:\n```python\ndef f():\n    pass\n```\nSo:\n"
         "```python\ndef has_close_elements(a, b):\n    return a\n```\nDone.\n"),
    ],
)  # fmt: skip
def test_every_back_end_gives_the_same_code_for_the_same_text(style: str, answer: str):
    task = load("humaneval", style)
    problem = task.problems[0]
    prompt = task.prompt(problem, ())
    assert prompt is not None
    local, served = (until_stop(answer, prompt.stop, inclusive=inclusive) for inclusive in (True, False))
    codes = {task.extract(problem, [text]).code.rstrip() for text in (local, served, answer)}
    assert len(codes) == 1
    assert task.extract(problem, [answer]).code
