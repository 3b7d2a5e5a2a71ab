"""What today's models really write: thinking, drafts, corrections, usage, code over several blocks, glued fences.

Modelled on public bug reports of ten harnesses. The handed answers are judged; their neighbours stand here.
"""

import json
from pathlib import Path

import pytest

from harness.judging.judge import Sample, judge_samples
from sandbox.sandbox import Sandbox
from tasks.extraction.chat import extract_braced
from tasks.extraction.normalise import END_TOKENS
from tasks.extraction.python import extract_python
from tasks.extraction.thinking import without_thinking
from tasks.registry import load
from tasks.task import AnswerForm

CASES = Path(__file__).parents[3] / "shared" / "cases" / "answers"
FORMS = {"raw": AnswerForm.AUTO, "completion": AnswerForm.CONTINUATION, "solution": AnswerForm.PROGRAM}

PROMPT = 'from typing import List\n\n\ndef total(xs: List[int]) -> int:\n    """Sum of xs."""\n'
RIGHT = "def total(xs):\n    result = 0\n    for x in xs:\n        result += x\n    return result\n"
WRONG = "def total(xs):\n    return 0\n"


def handed() -> list[Path]:
    return sorted(CASES.glob("K*.*.*.jsonl")) if CASES.is_dir() else []


@pytest.mark.skipif(not CASES.is_dir(), reason="the handed answers are not beside this checkout")
@pytest.mark.parametrize("file", handed(), ids=lambda file: file.stem)
def test_handed_answers_get_their_expected_verdicts(sandbox: Sandbox, benchmarks: Path, file: Path):
    _, name, form, *style = file.stem.split(".")
    task = load(name, style=style[0] if style else None, data_dir=benchmarks)
    problems = {problem.task_id: problem for problem in task.problems}
    rows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    samples = [
        Sample(problems[row["task_id"]], number, [row.get("completion", row.get("solution"))], FORMS[form])
        for number, row in enumerate(rows)
    ]
    records = {record.sample: record for record in judge_samples(task, samples, sandbox)}
    for number, row in enumerate(rows):
        expected = row["expected"] if isinstance(row["expected"], list) else [row["expected"]]
        assert records[number].verdict in expected, (row["id"], row["what"], records[number])


def works(answer: str, asked_for: AnswerForm = AnswerForm.AUTO) -> bool:
    """Whether the program that the answer stands for sums; only this file's own code is ever run here."""
    extraction = extract_python(answer, PROMPT, "total", asked_for=asked_for)
    names: dict[str, object] = {"__name__": "extracted"}
    exec(compile(extraction.code, "extracted", "exec"), names)
    total = names["total"]
    assert callable(total)
    return total([1, 2, 3]) == 6


def block(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}```\n"


@pytest.mark.parametrize(
    "answer",
    [
        block(WRONG) + "\nNo, that ignores xs. Corrected:\n\n" + block(RIGHT),
        block(WRONG) + "\nWait.\n" + block(WRONG) + "\nFinal answer:\n" + block(RIGHT),
        block("def total(xs):\n    ...\n") + "becomes\n" + block(RIGHT),
        block("def total(xs):\n    raise NotImplementedError()\n") + block(RIGHT),
        block(RIGHT) + "\nAn interface for it:\n" + block("def total(xs):\n    pass\n"),
        block(RIGHT) + "\nUsage:\n" + block("print(total([1]))\n"),
        block(RIGHT) + "\nA common mistake:\n" + block(WRONG),
        block(RIGHT) + "\nDo not write this:\n" + block(WRONG),
        "The buggy version was:\n" + block(WRONG) + "\nThe fixed version:\n" + block(RIGHT),
        block(RIGHT) + "\nTests:\n" + block("from solution import total\n\ndef test():\n    assert total([]) == 0\n"),
    ],
)
def test_the_last_sound_block_that_is_not_shown_as_wrong_counts(answer: str):
    assert works(answer)


@pytest.mark.parametrize(
    "answer",
    [
        block("def add(a, b):\n    return a + b\n") + block("def total(xs):\n    return add(sum(xs), 0)\n"),
        block("import functools\n") + block("def total(xs):\n    return functools.reduce(lambda a, b: a + b, xs, 0)\n"),
        block("START = 0\n") + block("def total(xs):\n    return sum(xs, START)\n"),
        block("def total(xs):\n    return fold(xs)\n") + "with\n" + block("def fold(xs):\n    return sum(xs)\n"),
        block("class Adder:\n    def __call__(self, xs):\n        return part(xs)\n")
        + block("def part(xs):\n    return sum(xs)\n")
        + block("def total(xs):\n    return Adder()(xs)\n"),
    ],
)  # fmt: skip
def test_code_over_several_blocks_is_put_together(answer: str):
    assert works(answer)


def test_of_other_blocks_only_what_is_used_is_taken():
    answer = block("def helper():\n    pass\n\nprint('x')\n") + block(RIGHT)
    assert "helper" not in extract_python(answer, PROMPT, "total").code


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<think>", "</think>"),
        ("<Thinking>", "</Thinking>"),
        ("< reasoning >", "</ reasoning >"),
        ("[THINK]", "[/THINK]"),
        ("<seed:think>", "</seed:think>"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("◁think▷", "◁/think▷"),
        ("<mm:think>", "</mm:think>"),
        ("<ifm|think_fast>", "</ifm|think_fast>"),
        ("<think:6124c78e>", "</think:6124c78e>"),
        ("<|open|>think<|sep|>", "<|close|>think<|sep|><|open|>response<|sep|>"),
        ("<|channel>thought\n", "<channel|>"),
        ("<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>"),
        ("Thinking...\n", "...done thinking."),
        ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
        ("analysis", "assistantfinal"),
    ],
)
def test_what_was_thought_is_no_answer(opening: str, closing: str):
    thought = f"{opening}Perhaps\n{block(RIGHT)}or\n{block(WRONG)}no.{closing}"
    assert works(f"{thought}\n{block(RIGHT)}")
    assert "Perhaps" not in without_thinking(f"{thought}\n{block(RIGHT)}")
    assert extract_python(f"{opening}Perhaps\n{block(RIGHT)}", PROMPT, "total").code == "" or opening == "analysis"


@pytest.mark.parametrize("word", ["<think>", "</think>", "[THINK]", "<|im_end|>", "</s>"])
def test_code_may_speak_of_marks(word: str):
    code = f'MARK = "{word}"\n\n\n{RIGHT}'
    assert f'"{word}"' in extract_python(block(code), PROMPT, "total").code


@pytest.mark.parametrize("token", END_TOKENS)
def test_an_end_token_ends_an_answer(token: str):
    for text in (f"{RIGHT.rstrip()}{token}", f"{RIGHT}{token}\nuser: thanks", f"{block(RIGHT).rstrip()}{token}"):
        assert works(text), text
    body = RIGHT.partition("\n")[2]
    assert works(f"{body.rstrip()}{token}", AnswerForm.CONTINUATION)


@pytest.mark.parametrize(
    "answer",
    [
        f"Sure: ```python\n{RIGHT}```\nIt adds.",
        f"{RIGHT}```\n\nIt adds.",
        f"```python\n{RIGHT.rstrip()}```\nIt adds.",
        f"```python\n{RIGHT.rstrip()} ```",
        f"```python\n{RIGHT.rstrip()}```python\n",
        f"1. **Code** ```py\n{RIGHT}```\n2. Done",
        "> ```python\n" + "".join(f"> {line}\n" for line in RIGHT.splitlines()) + "> ```\n",
        "```python def total(xs): return sum(xs)```",
        "`def total(xs): return sum(xs)`",
        "The code:\n\n" + "".join(f"    {line}\n" for line in RIGHT.splitlines()) + "\nIt adds.",
        f"\u200b```python\n{RIGHT}```",
        block('def total(xs):\n    """Adds.\n\n    ```\n    total([1])\n    ```\n    """\n    return sum(xs)\n'),
        block(f'{RIGHT}\n\nTEXT = """\n```\nx\n```\n"""\n'),
        f"{RIGHT}\nOutput:\n\n```\n6\n```\n",
        f"[BEGIN]\n{RIGHT}[DONE]\nmore",
    ],
)
def test_fences_where_markdown_would_not_see_them(answer: str):
    assert works(answer)


@pytest.mark.parametrize(
    "answer",
    [
        f"import the list first.\n\n{RIGHT}",
        f"@you, here:\n\n{RIGHT}",
        f"from typing import List is needed.\n\n{RIGHT}",
        f"{RIGHT}\nDone",
        f"{RIGHT}\n- adds all\n- returns it\n",
        f"def total(xs):\n    retrun 0\n\nThat was wrong.\n\n{RIGHT}",
        f"{RIGHT}\nTime complexity: O(n)\n",
    ],
)
def test_words_are_not_run(answer: str):
    assert works(answer)


@pytest.mark.parametrize(
    "code",
    [
        "if True:\n    def total(xs):\n        return sum(xs)\n",
        "try:\n    from nowhere import total\nexcept ImportError:\n    def total(xs):\n        return sum(xs)\n",
        "def _sum(xs):\n    return sum(xs)\n\nglobals()['total'] = _sum\n",
        "def _sum(xs):\n    return sum(xs)\n\nadd = total = _sum\n",
        "total, other = sum, max\n",
        "from math import fsum as total\n",
        "total: object = lambda xs: sum(xs)\n",
    ],
)
def test_an_entry_point_may_be_made_in_any_way(code: str):
    assert works(block(code))


@pytest.mark.parametrize(
    "head", ["from __future__ import annotations\n", "# no from __future__ here\n", 'X = "from __future__ import x"\n']
)
def test_imports_of_the_prompt_are_put_back_whatever_the_future(head: str):
    code = f"{head}def total(xs: List[int]) -> int:\n    assert List\n    return sum(xs)\n"
    assert works(block(code))


@pytest.mark.parametrize(
    "tail",
    [
        "\nassert total([1]) == 2\n",
        "\nprint(total(input()))\n",
        '\nif __name__ == "extracted":\n    raise SystemExit\n',
        "\nfor case in [[1]]:\n    assert total(case) == 5\n",
        "\ntotal(None)\n",
    ],
)
def test_own_examples_behind_the_function_are_left_out_of_a_chat(tail: str):
    assert works(block(RIGHT + tail))
    assert tail.strip() in extract_python(RIGHT + tail, PROMPT, "total", AnswerForm.PROGRAM).code


def test_what_prepares_the_function_stays():
    code = "TABLE = {}\n\n\ndef fill():\n    TABLE.update(a=1)\n\n\nfill()\n\n\n" + RIGHT + "\ntotal = total\n"
    assert extract_python(block(code), PROMPT, "total").code.endswith(code.rstrip())


@pytest.mark.parametrize(
    "tail",
    ["\nThis adds.\n", "\nAnswer: it adds.\n", '\n"""\nopen', "\nExplanation:\n- adds\n", "</s>", "\n<|im_end|>\nuser"],
)
def test_a_continuation_loses_its_tail_of_words(tail: str):
    assert works(RIGHT.partition("\n")[2] + tail, AnswerForm.CONTINUATION)


BRACED = {
    "javascript": ("const add = (x, y) => {\n", "  return x + y;\n}\n", "  return 0;\n}\n", "js"),
    "java": (
        "class Solution {\n  public int add(int x, int y) {\n",
        "    return x + y;\n  }\n}\n",
        "    return 0;\n  }\n}\n",
        "java",
    ),
    "go": ("func add(x int, y int) int {\n", "    return x + y\n}\n", "    return 0\n}\n", "go"),
    "cpp": ("int add(int x, int y) {\n", "    return x + y;\n}\n", "    return 0;\n}\n", "cpp"),
    "rust": ("fn add(x: i32, y: i32) -> i32 {\n", "    x + y\n}\n", "    0\n}\n", "rust"),
}  # fmt: skip


@pytest.mark.parametrize("language", BRACED)
def test_braced_answers_in_every_shape(language: str):
    head, body, other, tag = BRACED[language]
    right, wrong = head + body, head + other
    for answer in (
        block(wrong, tag) + "Corrected:\n" + block(right, tag),
        block(right, tag) + "A common mistake:\n" + block(wrong, tag),
        f"Sure: ```{tag}\n{right}```\nIt adds.",
        f"{right}```\n\nIt adds.",
        f"```{tag}\n{right.rstrip()}```\nIt adds.",
        f"{right.rstrip()}<|im_end|>",
        f"<think>\n{block(wrong, tag)}</think>\n{block(right, tag)}",
        f"{right}\nOutput:\n\n```\n6\n```\n",
        f"Adds.\n\n{right}",
    ):
        assert extract_braced(answer, head, "add", language).code.strip() == right.strip(), answer


@pytest.mark.parametrize(
    ("language", "example"),
    [
        ("javascript", "console.log(add(1, 2));\n"),
        ("javascript", "for (const x of [1]) { console.log(add(x, x)); }\n"),
        ("javascript", "if (require.main === module) { add(1, 2); }\n"),
        ("go", "func TestAdd(t *testing.T) {\n    add(1, 2)\n}\n"),
        ("go", "func main() {\n    add(1, 2)\n}\n"),
        ("rust", "#[cfg(test)]\nmod tests {\n    use super::*;\n}\n"),
        ("rust", "#[test]\nfn adds() {\n    assert_eq!(add(1, 2), 3);\n}\n"),
    ],
)
def test_own_examples_of_braced_answers_are_left_out(language: str, example: str):
    head, body, _, tag = BRACED[language]
    found = extract_braced(block(f"{head}{body}\n{example}", tag), head, "add", language)
    assert found.code.strip() == (head + body).strip()
