"""Whole programs of HumanEvalPack: as upstream puts them together, and around answers of every shape."""

import re
from pathlib import Path

import pytest

from tasks.extraction.chat import extract_braced
from tasks.humanevalpack.go_imports import merged
from tasks.humanevalpack.notes import unsound
from tasks.humanevalpack.task import HumanEvalPack, load_humanevalpack
from tests.benchmark_files import pack_source
from tests.tasks.pack_peer import LANGUAGES, Peer, load_peer, rows_of

REORDERED = {"#include<boost/any.hpp>", "#include<cstring>"}
"""Of upstream's import helper: the first is left out, the second stands last, but for CPP/23."""


@pytest.fixture(scope="session")
def peer() -> Peer:
    try:
        return load_peer()
    except ImportError as error:
        pytest.skip(str(error))


def lines(program: str, language: str) -> list[str]:
    """The program's lines; Go's, whose import blocks stand in another order, sorted and each once."""
    kept = [line.rstrip() for line in program.split("\n") if line.strip() and line.strip() not in REORDERED]
    if language != "go":
        return kept
    return sorted({re.sub(r"^import\b", "", line).strip() for line in kept} - {"(", ")", "package main"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_programs_of_references_are_those_of_the_peer(peer: Peer, language: str):
    task = load_humanevalpack("synthesize", language, **pack_source(language))
    rows = rows_of(language)
    codes = [[f"{row['prompt'].rstrip()}\n{row['canonical_solution'].rstrip()}"] for row in rows]
    theirs = peer.programs("synthesize", language, rows, codes)
    different = [
        problem.task_id
        for problem, (code,), (their_program,) in zip(task.problems, codes, theirs, strict=True)
        if lines(text_of(task, problem.task_id, code), language) != lines(their_program, language)
    ]
    # Upstream's program does not compile: it keeps an import that its own reference does not use.
    assert different == (["Go/27"] if language == "go" and len(rows) > 27 else [])


def text_of(task: HumanEvalPack, task_id: str, code: str) -> str:
    problem = next(problem for problem in task.problems if problem.task_id == task_id)
    (text,) = task.program(problem, code).files.values()
    return text


def extracted(benchmarks: Path, language: str, number: int, answer: str) -> str:
    """The whole program that an answer to the chat style stands for."""
    task = load_humanevalpack("synthesize", language, "chat", benchmarks)
    problem = task.problems[number]
    return text_of(task, problem.task_id, task.extract(problem, [answer]).code)


ANSWERS = {
    "fenced": "Sure, it's {{easy}}:\n\n```{fence}\n{whole}```\n\nThis doesn't need more.\n",
    "without a fence": "Here it is:\n\n{whole}\nI hope that it's clear.\n",
    "body in a fence": "```{fence}\n{body}```",
    "body": "{body}",
    "after thinking": "<think>```{fence}\nwrong\n```</think>```{fence}\n{whole}```",
    "cut off behind the function": "```{fence}\n{whole}\n",
}


@pytest.mark.parametrize("shape", ANSWERS)
@pytest.mark.parametrize("language", ["js", "java", "go", "cpp", "rust"])
def test_a_solution_is_found_in_answers_of_every_shape(language: str, shape: str):
    task = load_humanevalpack("synthesize", language, "chat", **pack_source(language))
    missed: list[str] = []
    for problem in [*task.problems[::9], *task.problems[156:157]]:
        whole, body = problem.declaration.strip("\n") + "\n" + problem.canonical_solution, problem.canonical_solution
        answer = ANSWERS[shape].format(whole=whole, body=body, fence=task.pack_language.fence)
        found = task.extract(problem, [answer]).code
        if "".join(body.split()) not in "".join(found.split()):
            missed.append(problem.task_id)
    assert missed == []


def test_a_function_gets_the_imports_and_helpers_that_the_prompt_offers(benchmarks: Path):
    bodies = {"go": "func DecodeCyclic(s string) string {\n\treturn EncodeCyclic(EncodeCyclic(s))\n}\n"}
    program = extracted(benchmarks, "go", 38, f"```go\n{bodies['go']}```")
    assert program.count("func EncodeCyclic(") == 1
    assert all(program.count(f'"{path}"') == 1 for path in ("math", "math/rand", "time", "strings", "testing"))
    cpp = extracted(benchmarks, "cpp", 22, "```cpp\nvector<int> filter_integers(list_any values){ return {}; }\n```")
    assert cpp.index("#include<boost/any.hpp>") < cpp.index("typedef std::list<boost::any> list_any;")


def test_go_imports_what_is_used_and_nothing_else():
    setup = 'package main\n\nimport (\n    "testing"\n    "math"\n)\n'
    code = (
        'package main\nimport "fmt"\nimport str "strings"\n\n'
        "// sort.Ints would do\nfunc F(time []int) int {\n    rand := 1\n    _ = str.ToUpper(`bytes.Buffer`)\n"
        "    return rand + len(strconv.Itoa(1))\n}\n"
    )
    program = merged(setup, code, "func TestF(t *testing.T) {}\n", ("strconv", "sort", "time", "bytes", "math/rand"))
    assert program.startswith('package main\n\nimport (\n    "strconv"\n    "testing"\n    str "strings"\n)\n')
    assert program.count("package main") == program.count("import") == 1


def test_java_is_put_into_a_class_solution_that_is_not_public(benchmarks: Path):
    body = "boolean hasCloseElements(List<Double> numbers, double threshold) { return true; }"
    alone = f"```java\nimport java.util.stream.*;\npublic {body}\n```"
    public = f"```java\nimport java.util.*;\npublic class Solution {{ public {body} }}\n```"
    renamed = (
        f"```java\nimport java.util.*;\npublic class Main {{ Main() {{}} public {body} "
        "public static void main(String[] args) { new Main(); } }\n```"
    )
    for answer in (alone, public, renamed):
        program = extracted(benchmarks, "java", 0, answer)
        assert program.count("class Solution {") == 1
        assert program.count("public class") == 1
        assert "import java.util.*;" in program
    assert "new Solution(); } }" in extracted(benchmarks, "java", 0, renamed)


def test_definitions_that_the_tests_make_too_are_taken_out(benchmarks: Path):
    cpp = extracted(
        benchmarks,
        "cpp",
        0,
        "```cpp\nbool has_close_elements(vector<float> numbers, float threshold){ "
        'string s = "int main"; return true; }\nint main(){ return 0; }\n```',
    )
    assert cpp.count("int main(){") == 1
    assert 'string s = "int main"; return true; }' in cpp
    rust = extracted(
        benchmarks,
        "rust",
        0,
        "```rust\nuse std::collections::HashMap;\nfn has_close_elements(a: Vec<f32>, "
        "b: f32) -> bool { true }\nfn main() { }\nfn main() { }\n#[cfg(test)]\nmod tests { }\n```",
    )
    assert rust.count("fn main()") == rust.count("mod tests") == 1
    assert len(re.findall(r"use .*\bHashMap\b", rust)) == 1
    assert "use rand::Rng;" in rust


def test_an_answer_without_code_is_empty():
    assert extract_braced("I cannot help with that.", "int f(int a){\n", "f", "cpp").code == ""


def test_explain_asks_twice_and_hides_the_solution(benchmarks: Path):
    task = load_humanevalpack("explain", "js", "chat", benchmarks)
    problem = task.problems[0]
    line = "let distance = Math.abs(numbers[i] - numbers[j]);"
    assert line in problem.canonical_solution
    first = task.prompt(problem, [])
    second = task.prompt(problem, [f"It says `{line}`, and " + "long " * 500])
    assert first is not None
    assert second is not None
    assert line in first.messages[0].content
    assert line not in second.messages[0].content
    described = second.messages[0].content.partition("Description:\n")[2].partition("\n\n```")[0]
    assert described.startswith("It says ``, and long long")
    assert len(described) + len(line) <= len(problem.docstring)
    assert task.prompt(problem, ["a", "b"]) is None


def test_unsound_problems_are_named_with_evidence(benchmarks: Path):
    assert set(load_humanevalpack("fix", "cpp", data_dir=benchmarks).unsound) == {"CPP/23"}
    assert set(load_humanevalpack("fix", "rust", data_dir=benchmarks).unsound) == {"Rust/32"}
    assert set(load_humanevalpack("fix", "js", data_dir=benchmarks).unsound) == {
        f"JavaScript/{number}" for number in (107, 136, 155)
    }
    assert set(load_humanevalpack("fix", "go", data_dir=benchmarks).unsound) == {"Go/50", "Go/95"}
    assert all(len(reason) > 100 for reason in unsound().values())


HOSTILE = {
    "js": ["const f = " + "(" * 9000, "{" * 30000, "`${" * 9000, "let a = 1\n" * 3000, "function test(){}\n" * 1800],
    "java": ["class A{" * 4000, "(" * 20000, "int a;\n" * 4000, "class Main{}\n" * 2400, "List<" * 6000],
    "go": ["func F(){}\n" * 2900, "struct{" * 4000, "import (\n" * 3000, "a." * 15000, "[]" * 15000],
    "cpp": ["int " + "*" * 30000 + "f(){}", "int main(){}\n" * 2400, "{" * 30000, "a<" * 15000, "#if 1\n" * 5000],
    "rust": ["use " + "a::{" * 7000, "fn main(){}\n" * 2600, "#[a]" * 7000, "mod a{" * 5000, "r#" * 15000],
}


@pytest.mark.parametrize("language", HOSTILE)
def test_no_answer_breaks_extraction(language: str):
    for style in ("chat", "instruct"):
        task = load_humanevalpack("synthesize", language, style, **pack_source(language))
        problem = task.problems[0]
        for text in HOSTILE[language]:
            answer = f"```{language}\n{text}\n```" if style == "chat" else f"\n{problem.canonical_solution}{text}"
            code = task.extract(problem, [answer]).code
            assert text_of(task, problem.task_id, code)


def test_only_cpp_23_does_without_cstring(benchmarks: Path):
    task = load_humanevalpack("fix", "cpp", data_dir=benchmarks)
    texts = {problem.task_id: text_of(task, problem.task_id, task.reference(problem)) for problem in task.problems}
    assert [task_id for task_id, text in texts.items() if "#include<cstring>" not in text] == ["CPP/23"]
