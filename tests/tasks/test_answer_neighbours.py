"""Neighbours of the handed answers: other words, marks and shapes for the same mistakes of a reader in a hurry.

Each is an answer as a model writes it; the code that a careful reader takes is known.
"""

import pytest

from tasks.extraction.chat import extract_braced
from tasks.extraction.normalise import answer_text
from tasks.extraction.python import extract_python
from tasks.task import AnswerForm
from tests.tasks.test_answers import BRACED, PROMPT, RIGHT, WRONG, block, works

PROGRAMS = {
    language: (head + body, head + other, tag, "total" if language == "python" else "add")
    for language, (head, body, other, tag) in BRACED.items()
} | {"python": (RIGHT, WRONG, "python", "total")}


def found(answer: str, language: str) -> str:
    """The code found, without blanks."""
    name = PROGRAMS[language][3]
    if language == "python":
        return "".join(extract_python(answer, "", name).code.split())
    return "".join(extract_braced(answer, BRACED[language][0], name, language).code.split())


@pytest.mark.parametrize("language", PROGRAMS)
@pytest.mark.parametrize(
    "answer",
    [
        "You might be tempted to write\n\nWRONG\n\nbut this fails for 0. Use this instead:\n\nRIGHT",
        "RIGHT\n\n\u274c Common pitfall:\n\nWRONG\nAvoid it.",
        "**Final code**\n\nRIGHT\n\n**Previously (bug):**\n\nWRONG",
        "First:\n\nWRONG\nThat is slow. Add instead of subtracting:\n\nRIGHT",
        "RIGHT\n\nInstead of:\n\nWRONG",
        "WRONG\nTo avoid an overflow, use:\n\nRIGHT",
        "RIGHT\n\nSo please don't write this:\n\nWRONG",
    ],
)
def test_the_last_sentence_before_a_block_says_what_it_is(language: str, answer: str):
    right, wrong, tag, _ = PROGRAMS[language]
    text = answer.replace("RIGHT", block(right, tag)).replace("WRONG", block(wrong, tag))
    assert found(text, language) == "".join(right.split())


@pytest.mark.parametrize("language", PROGRAMS)
def test_without_fences_the_last_version_counts_too(language: str):
    right, wrong, *_ = PROGRAMS[language]
    assert found(f"First attempt:\n\n{wrong}\nThat subtracts, so:\n\n{right}", language) == "".join(right.split())


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<chain_of_thought>", "</chain_of_thought>"),
        ("<thinking_process>", "</thinking_process>"),
        ("<inner_thoughts>", "</inner_thoughts>"),
        ("<reasoning_content>", "</reasoning_content>"),
        ("<cot>", "</cot>"),
        ('<think type="draft">', "</think>"),
        ("<|start_think|>", "<|end_think|>"),
        ("<|thinking|>", "<|/thinking|>"),
        ("<|content_thinking|>", "<|end_message|><|message_model|><|content_text|>"),
        ("Here is my thought process:", "Here is my response:"),
        ("<details>\n<summary>Thought for 3 seconds</summary>\n", "</details>"),
        ('<details type="reasoning" done="true" duration="3">\n<summary>x</summary>\n', "</details>"),
    ],
)
def test_other_marks_of_thinking(opening: str, closing: str):
    assert works(f"{opening}Perhaps\n{block(RIGHT)}\nno.{closing}\n{RIGHT}")
    assert "Perhaps" not in answer_text(f"{opening}Perhaps\n{block(WRONG)}\nno.{closing}\n{RIGHT}")


def test_other_folded_sections_are_no_thinking():
    assert works(f"{block(RIGHT)}\n<details><summary>Tests</summary>\n\n{block('assert total([]) == 0')}\n</details>\n")


@pytest.mark.parametrize("token", ["<|unheard_of|>", "<|/s|>", "<|file_sep|>other.py", "<|assistant|>", "[/INST]"])
def test_tokens_of_no_list_end_an_answer(token: str):
    assert works(f"{RIGHT.rstrip()}{token}")
    assert works(f"{token.partition('>')[0]}>\n{RIGHT}" if token.startswith("<") else RIGHT)
    assert token in extract_python(block(f'MARK = "{token}"\n{RIGHT}'), PROMPT, "total").code


@pytest.mark.parametrize(
    "answer",
    [
        f"````markdown\n{block(RIGHT)}````\n",
        f"```markdown\nIt adds:\n{block(RIGHT)}```\n\nUsage:\n{block('total([1])')}",
        f"```python\n{block(RIGHT)}```\n",
        f"```\n{block(RIGHT)}```\n",
        block("".join(f"    {line}\n" for line in RIGHT.splitlines())),
        "```diff\n-def total(xs):\n-    return 0\n+def total(xs):\n+    return sum(xs)\n```",
        "```diff\n def total(xs):\n-    return 0\n+    return sum(xs)\n```",
        "".join(f">> {line}\n" for line in block(RIGHT).splitlines()),
        block("def total(xs):\n    result = 0\n") + "and then\n" + block("    return result + sum(xs)\n"),
        "\\begin{lstlisting}[language=Python]\n" + RIGHT + "\\end{lstlisting}\n",
        f'<code language="python">{RIGHT}</code>',
        '{"language": "python", "code": "def total(xs):\\n    return sum(xs)\\n"}',
        '```json\n{"code": "def total(xs):\\n    return sum(xs)\\n"}\n```',
        "```python\\ndef total(xs):\\n    return sum(xs)\\n```\\n",
    ],
)  # fmt: skip
def test_wrappings_of_code(answer: str):
    assert works(answer)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("go", "func add(x int, y int) int {\n    s := `\n```\n`\n    _ = s\n    return x + y\n}\n"),
        ("javascript", "const add = (x, y) => {\n  const s = `\n```\n`;\n  return x + y;\n}\n"),
        (
            "javascript",
            "const add = (x, y) => {\n  let sum = x;\n```\nand then\n```js\n  sum += y;\n  return sum;\n}\n",
        ),
        ("cpp", "int add(int x, int y) {\n```\n```cpp\n    return x + y;\n}\n"),
        ("rust", "fn add(x: i32, y: i32) -> i32 {\n    let z = x;\n```\n```rust\n    z + y\n}\n"),
        ("java", "class Solution {\n  public int add(int x, int y) {\n```\n```java\n    return x + y;\n  }\n}\n"),
    ],
)
def test_a_fence_in_the_middle_of_code_is_no_part_of_it(language: str, code: str):
    answer = f"Here:\n\n{block(code, PROGRAMS[language][2])}\nDone.\n"
    result = found(answer, language)
    assert result.endswith("}")
    assert not any(text in result for text in ("```", "Done", "and then"))


@pytest.mark.parametrize(
    ("language", "part", "code", "expected"),
    [
        ("cpp", "struct Pair { int x; int y; };\n", "int add(int x, int y) { Pair p{x, y}; return p.x; }\n", "};"),
        ("cpp", "#define PLUS(a, b) a + b\n", "int add(int x, int y) { return PLUS(x, y); }\n", "#define PLUS"),
        ("go", 'package main\n\nimport "math/big"\n', "func add(x int, y int) int { return big.X(x) }\n", '"math/big"'),
        ("rust", "use std::ops::Add;\n", "fn add(x: i32, y: i32) -> i32 { Add::add(x, y) }\n", "use std::ops::Add;"),
        ("rust", "#[derive(Clone)]\nstruct P(i32);\nimpl P { fn f(&self) {} }\n", "fn add() { P(1).f() }\n", "impl P"),
        ("rust", "#[derive(Clone)]\nstruct P(i32);\n", "fn add() { P(1); }\n", "#[derive(Clone)]\nstruct P"),
        (
            "java",
            "import java.util.List;\n",
            "class Solution { int add(int x, int y) { List<A> a; } }\n",
            "java.util.List",
        ),
        ("javascript", "import { plus } from 'x';\n", "const add = (x, y) => plus(x, y);\n", "import { plus }"),
    ],
)
def test_what_other_blocks_lend_is_whole(language: str, part: str, code: str, expected: str):
    tag = PROGRAMS[language][2]
    answer = block(part, tag) + "then\n" + block(code, tag)
    extraction = extract_braced(answer, "", "add", language)
    assert expected in extraction.code, extraction


@pytest.mark.parametrize(
    ("language", "signature"),
    [("go", "func add(x int, y int) int\n"), ("java", "public int add(int x, int y);\n")],
)
def test_a_signature_alone_is_no_version(language: str, signature: str):
    right, _, tag, _ = PROGRAMS[language]
    assert found(block(right, tag) + "Its signature:\n" + block(signature, tag), language) == "".join(right.split())


@pytest.mark.parametrize(
    "tail",
    [
        "x = int(input())\nprint(total(x))\n",
        "import pytest\n\n@pytest.mark.slow\ndef test_total():\n    assert total([1]) == 2\n",
        "import unittest\n\nclass Tests(unittest.TestCase):\n    def test(self):\n        fail\n\nunittest.main()\n",
        "raise SystemExit(0)\n",
        "expected = 4\nactual = total([1])\nif actual != expected:\n    raise AssertionError\n",
        'lines = open("none.txt").read().split()\n',
        "import sys\nn = int(sys.stdin.readline())\n",
        "a, b = map(int, input().split())\n",
    ],
)
def test_more_of_ones_own_examples(tail: str):
    assert works(block(f"{RIGHT}\n\n{tail}"))
    assert works(block(f"import pytest\n\n{RIGHT}\n\n{tail}"))


@pytest.mark.parametrize(
    "code", ["LIMIT = int('9')\n", "CACHE = dict()\n", "total.cache = dict()\n", "A = B = list()\n"]
)
def test_values_that_the_function_uses_or_that_are_set_on_it_stay(code: str):
    function = "def total(xs):\n    return [LIMIT, CACHE, A] and sum(xs)\n"
    assert code.strip() in extract_python(block(f"{function}\n\n{code}"), PROMPT, "total").code


JS = "const add = (x, y) => x + y;\n"


@pytest.mark.parametrize(
    "example",
    [
        "(() => { console.log(add(1, 2)); })();\n",
        "!function () { console.log(add(1, 2)); }();\n",
        "void console.log(add(1, 2));\n",
        "const shown = [1].map(x => { console.log(x); return add(x, x); });\n",
        "var a = add(1, 2), b = console.log(a);\n",
        "switch (add(1, 2)) {\n  case 3: console.log('ok');\n}\n",
        "{\n  const r = add(1, 2);\n  console.log(r);\n}\n",
        "do { console.log(add(1, 2)); } while (false);\n",
        "add(1, 2) === 3 && console.log('ok');\n",
        "add(1, 2) === 3 ? console.log('ok') : console.log('no');\n",
        "again: for (;;) { console.log(add(1, 2)); break again; }\n",
    ],
)
def test_more_of_javascripts_examples(example: str):
    assert found(block(JS + "\n" + example, "js"), "javascript") == "".join(JS.split())


@pytest.mark.parametrize(
    "code",
    [
        "(function () { globalThis.zero = 0; console.log(1); })();\n",
        "const log = (x) => { console.log(x); };\n",
        "const size = console.log('x') || 1;\nfunction grow() { return size; }\n",
        "add.memo = {};\n",
    ],
)
def test_what_javascript_needs_stays(code: str):
    assert "".join(code.split()) in found(block(code + JS, "js"), "javascript")


@pytest.mark.parametrize(
    ("language", "example"),
    [
        ("rust", "mod test {\n    #[test]\n    fn t() { assert!(false); }\n}\n"),
        ("rust", "#[cfg(all(test, not(miri)))]\nmod more { #[test] fn t() {} }\n"),
        ("java", "class SolutionTest {\n    @org.junit.Test\n    public void t() { }\n}\n"),
        ("java", "import org.junit.jupiter.api.Test;\n\nclass SolutionTest {\n    @Test\n    void t() { }\n}\n"),
        ("cpp", "#include <gtest/gtest.h>\nTEST(A, B) { EXPECT_EQ(add(1, 2), 3); }\n"),
    ],
)
def test_tests_of_frameworks_are_left_out(language: str, example: str):
    right, _, tag, _ = PROGRAMS[language]
    assert found(block(f"{right}\n{example}", tag), language) == "".join(right.split())


def test_rust_code_for_all_but_tests_stays():
    helper = "#[cfg(not(test))]\nfn zero() -> i32 { 0 }\n"
    assert "zero" in found(block(helper + PROGRAMS["rust"][0], "rust"), "rust")


@pytest.mark.parametrize("tail", ["\nDone", "\n- adds\n- returns\n", "\nExplanation: adds\n"])
def test_a_continuation_loses_words_that_parse(tail: str):
    assert works(RIGHT.partition("\n")[2] + tail, AnswerForm.CONTINUATION)
    assert works(RIGHT + tail)


def test_the_future_stands_first_however_it_is_written():
    code = f'"""Sums."""\nfrom __future__ import annotations; import math\n{RIGHT}'
    assert works(block(code))
    assert works(block("from __future__ import annotations\n") + block(RIGHT.replace("(xs)", "(xs: Unknown)")))
