"""Rows that bring their own checks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.languages import language
from sandbox.toolchains.install import install
from sandbox.toolchains.installed import ToolchainMissingError
from wavebench.rewards import CodeReward, RewardError, close_warm_sandboxes
from wavebench.rewards.own.stdio import same_output

SQUARE = "def f(x):\n    return x * x\n"
HALF = "def f(x):\n    return x * x if x > 0 else 0\n"
EQUAL = "class E:\n    def __eq__(self, other):\n        return True\ndef f(x):\n    return E()\n"
ASSERTS = ["assert f(2) == 4", "assert f(-1) == 1"]
CALLS = [{"args": [2], "expected": 4}, {"args": [-1], "expected": 1}]


@pytest.fixture(scope="module", autouse=True)
def closed_in_the_end() -> Iterator[None]:
    yield
    close_warm_sandboxes()


@pytest.fixture(scope="module")
def passed() -> CodeReward:
    return CodeReward(workers=2)


@pytest.fixture(scope="module")
def share() -> CodeReward:
    return CodeReward(scale="share", workers=2)


def rows(answers: list[str], **row: Any) -> dict[str, list[Any]]:
    return {"completions": answers, **{name: [value] * len(answers) for name, value in row.items()}}


@pytest.mark.parametrize("checks", [{"tests": ASSERTS}, {"calls": CALLS, "fn_name": "f"}], ids=["tests", "calls"])
def test_python_checks_run_apart_from_the_answer(passed: CodeReward, share: CodeReward, checks: dict[str, Any]):
    answers = [SQUARE, f"Here:\n```python\n{SQUARE}```", HALF, EQUAL, "no code"]
    assert passed(**rows(answers, **checks)) == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert share(**rows(answers, **checks)) == [1.0, 1.0, 0.5, 0.0, 0.0]


def test_grades_tell_how_many_checks_held_and_the_first_that_did_not(passed: CodeReward, share: CodeReward):
    cases = [{"stdin": "1", "stdout": "4"}, {"stdin": "2", "stdout": "5"}]
    answers = ["def f(x):\n    return 4\n", "def f(x):\n    return 4\n", "print(4)"]
    checks = [{"tests": ASSERTS}, {"calls": CALLS, "fn_name": "f"}, {"stdio": cases}]
    for reward in (passed, share):
        grades = reward.grade(answers, checks)
        assert [(each.tests, each.tests_held) for each in grades] == [(2, 1)] * 3
        first = [each.failing and (each.failing.call, each.failing.got) for each in grades]
        assert first == [("f(-1)", "4"), ("f(-1)", "4"), ("stdin '2'", "'4\\n'")]


def test_the_forms_of_public_data_sets(passed: CodeReward):
    """verl's and PRIME's inputs and outputs, with arguments as lines of JSON or as lists; ScaleBox' assert_case."""
    two = "def add(a, b):\n    return (a + b,)\n"
    lines = {"fn_name": "add", "inputs": ["1\n2", "3\n4"], "outputs": ["[3]", "[7]"]}
    lists = {"fn_name": "add", "inputs": [[1, 2], [3, 4]], "outputs": [[3], [7]]}
    assert passed(**rows([two], **lines)) == passed(**rows([two], **lists)) == [1.0]
    assert passed(**rows([SQUARE, HALF], assert_case=ASSERTS)) == [1.0, 0.0]


def test_setup_stands_above_the_tests_and_is_trusted(passed: CodeReward):
    setup = "def twice(x):\n    return 2 * x"
    assert passed(**rows([SQUARE], setup=setup, tests=["assert f(2) == twice(2)"])) == [1.0]


def test_raising_is_not_returning_what_was_expected(passed: CodeReward):
    """The fault of verl#7853: a raised exception earned 1.0 where "" or None was expected."""
    raises = "def f(x):\n    raise ValueError\n"
    assert passed(**rows([raises], calls=[{"args": [1], "expected": None}], fn_name="f")) == [0.0]
    reads = "```python\nraise ValueError\n```"
    assert passed(**rows([reads], inputs=["1"], outputs=[""])) == [0.0]


PRINTS_SUM = {
    "python": "a, b = map(int, input().split())\nprint(a + b)\n",
    "javascript": "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number)\nconsole.log(a + b)\n",
    "cpp": "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n",
    "java": (
        "import java.util.*;\npublic class Main { public static void main(String[] x) {\n"
        "Scanner s = new Scanner(System.in); System.out.println(s.nextInt() + s.nextInt()); } }\n"
    ),
    "go": (
        'package main\n\nimport "fmt"\n\nfunc main() {\n\tvar a, b int\n\tfmt.Scan(&a, &b)\n\tfmt.Println(a + b)\n}\n'
    ),
    "rust": (
        "use std::io;\nfn main() {\n    let mut line = String::new();\n    io::stdin().read_line(&mut line).unwrap();\n"
        "    let n: Vec<i64> = line.split_whitespace().map(|w| w.parse().unwrap()).collect();\n"
        '    let (a, b) = (n[0], n[1]);\n    println!("{}", a + b);\n}\n'
    ),
}


@pytest.mark.parametrize("name", PRINTS_SUM)
def test_stdin_and_stdout(passed: CodeReward, share: CodeReward, name: str):
    try:
        if language(name).needs_toolchain:
            install(language(name))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    code = PRINTS_SUM[name]
    cases = [{"stdin": "1 2\n", "stdout": "3\n"}, {"stdin": "20 3\n", "stdout": "23\n"}]
    wrong = code.replace("+ b", "+ b + 1").replace("+ s.next", "- s.next")
    answers = [f"```\n{code}```", wrong]
    assert passed(**rows(answers, stdio=cases, language=name)) == [1.0, 0.0]
    assert share(**rows([code], stdio=[*cases, {"stdin": "1 1\n", "stdout": "3\n"}], language=name)) == [2 / 3]


def test_a_python_program_does_its_work_in_its_main_block(passed: CodeReward):
    """As `python FILE` runs it: also dataclasses, annotations and pickles find their module."""
    code = (
        "from __future__ import annotations\nimport pickle, sys, typing\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Pair:\n    a: int\n    b: int\n"
        "def main():\n    pair = pickle.loads(pickle.dumps(Pair(*map(int, input().split()))))\n"
        "    assert typing.get_type_hints(Pair) == {'a': int, 'b': int}\n    print(pair.a + pair.b)\n"
        "if __name__ == '__main__':\n    main()\n"
    )
    cases = [{"stdin": "1 2\n", "stdout": "3\n"}]
    answers = [code, code.replace("pair.b)", "1)"), "if __name__ != '__main__':\n    print(3)\n"]
    assert passed(**rows(answers, stdio=cases)) == [1.0, 0.0, 0.0]


RANKED = {
    "javascript": (
        "const ranked = (words, counts, most) => ({best: words.slice(0, most), sum: counts[words[0]] + 0.5})\n"
    ),
    "go": """package main

import (
	"fmt"
)

type Found struct {
	Best []string `json:"best"`
	Sum  float64  `json:"sum"`
}

func ranked(words []string, counts map[string]int, most int) Found {
	fmt.Println("x")
	return Found{words[:most], float64(counts[words[0]]) + 0.5}
}

func main() { panic(1) }
""",
}
SUMS = {
    "javascript": "function f(items, text) { return [items.reduce((a, b) => a + b, 0), text + '\\n'] }\n",
    "go": """func f(items []int, text string) (int, string) {
	s := 0
	for _, x := range items {
		s += x
	}
	return s, text + "\\n"
}
""",
    "cpp": """using namespace std;
pair<long, string> f(const vector<int>& items, string text) {
    long s = 0;
    for (int x : items) s += x;
    return {s, text + "\\n"};
}
int main() { return 1; }
""",
    "rust": """fn f(items: &[i32], text: &str) -> (i64, String) {
    let s: i64 = items.iter().map(|&x| x as i64).sum();
    (s, format!("{}\\n", text))
}

fn main() {
    panic!("nobody calls this");
}
""",
}
SUMS["java"] = """package org.example;

import java.util.*;

public class Main {
    public List<Object> f(List<Integer> items, String text) {
        System.out.print("said: ");
        long s = 0;
        for (int x : items) s += x;
        return Arrays.asList(s, text + "\\n");
    }

    public static void main(String[] words) { throw new IllegalStateException(); }
}
"""
SUM_CALLS = [
    {"args": [[1, 2, 39], 'a "b" \u00fc\n'], "expected": [42, 'a "b" \u00fc\n\n']},
    {"args": [[], ""], "expected": [0, "\n"]},
]


@pytest.mark.parametrize("name", SUMS)
def test_calls_in_other_languages(passed: CodeReward, share: CodeReward, name: str):
    try:
        install(language(name))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    code = SUMS[name]
    half = code.replace("=> a + b, 0", "=> a + b, items.length ? 0 : 1").replace("s := 0", "s := 1 - len(items) / 3")
    empty = "items.isEmpty() ? 1 : 0" if name == "java" else "items.empty()"
    half = half.replace("long s = 0", f"long s = {empty}").replace("(s, format", "(s + items.is_empty() as i64, format")
    begin = {"go": "\ts := 0", "javascript": " return", "rust": "    let s"}.get(name, "    long")
    raising = {"go": "panic(1)\n", "rust": "panic!();", "java": "items.get(9);"}.get(name, "throw 1;")
    asked: dict[str, Any] = {"calls": SUM_CALLS, "fn_name": "f", "language": name}
    assert passed(**rows([f"```\n{code}```", half, code.replace("f(", "g(")], **asked)) == [1.0, 0.0, 0.0]
    assert share(**rows([code, half], **asked)) == [1.0, 0.5]
    assert passed(**rows([code.replace(begin, raising + begin, 1)], **asked)) == [0.0]
    if name in RANKED:
        call = {"args": [["b", "a", "c"], {"a": 1, "b": 2}, 2], "expected": {"best": ["b", "a"], "sum": 2.5}}
        assert passed(**rows([RANKED[name]], calls=[call], fn_name="ranked", language=name)) == [1.0]


JAVA_CALLS: list[tuple[str, list[Any], Any]] = [
    ("public static int f(int x) { return x * x; }", [3], 9),
    ("static long f(Long x, byte y) { return x + y; }", [1 << 40, -1], (1 << 40) - 1),
    ("double f(double x, float y) { return x / 2 + y; }", [3, 0.5], 2.0),
    ("Double f(Double x) { return x == null ? null : x * 2; }", [None], None),
    ("boolean f(boolean x, Boolean y) { return x && !y; }", [True, False], True),
    ("char f(char x) { return Character.toUpperCase(x); }", ["a"], "A"),
    ("String f(String x) { return x == null ? \"none\" : x + x.length(); }", ["\U0001f40d\x1e\n"], "\U0001f40d\x1e\n4"),
    ("int[][] f(int[][] x) { x[0][0]++; return x; }", [[[1, 2], []]], [[2, 2], []]),
    ("String[] f(String... x) { return x; }", [["b", "a"]], ["b", "a"]),
    ("Set<Integer> f(Collection<Integer> x) { return new TreeSet<>(x); }", [[3, 1, 3]], [1, 3]),
    ("int f(Set<String> x, Deque<Integer> y, Queue<Long> z) { return x.size() + y.peek(); }", [["a", "a"], [5], []], 6),
    (
        "Map<String, List<Integer>> f(Map<Integer, List<int[]>> x) {\n"
        "    Map<String, List<Integer>> y = new HashMap<>();\n"
        "    x.forEach((k, v) -> y.put(\"k\" + (k + 1), v.stream().map(i -> i[0]).collect(Collectors.toList())));\n"
        "    return y;\n}",
        [{"1": [[7], [8, 9]], "2": []}],
        {"k2": [7, 8], "k3": []},
    ),
    ("TreeMap<String, ? extends Number> f(TreeMap<String, Double> x) { return x; }", [{"a": 1}], {"a": 1.0}),
    ("Optional<String> f(Optional<Integer> x) { return x.map(n -> \"n\" + n); }", [4], "n4"),
    ("Optional<String> f(Optional<Integer> x) { return x.map(n -> \"n\" + n); }", [None], None),
    ("<T extends Comparable<T>> T f(List<T> x) { return Collections.max(x); }", [["b", "c", "a"]], "c"),
    ("Object f(Object x) { return x; }", [{"a": [1, 2.5, None, "x", 1 << 70]}], {"a": [1, 2.5, None, "x", 1 << 70]}),
    ("java.math.BigInteger f(java.math.BigInteger x) { return x.pow(2); }", [1 << 70], 1 << 140),
    ("int f(int x) { return 1; }\nint f(String x) { return 2; }\nint f(int x, int y) { return 3; }", ["a"], 2),
    ("void f(List<Integer> x) { x.clear(); }", [[1]], None),
    ("record Point(int x, List<Point> next) {}\nPoint f(Point p) { return new Point(p.x() + 1, p.next()); }",
     [{"x": 1, "next": [{"x": 5, "next": []}]}], {"x": 2, "next": [{"x": 5, "next": []}]}),
    ("static class Node { int val; Node next; }\nNode f(Node n) { return n.next; }",
     [{"val": 1, "next": {"val": 2, "next": None}}], {"val": 2, "next": None}),
    ("enum Side { LEFT, RIGHT }\nSide f(Side s) { return Side.values()[1 - s.ordinal()]; }", ["LEFT"], "RIGHT"),
]  # fmt: skip


def test_java_takes_and_returns_what_json_can_say(passed: CodeReward):
    """Numbers, texts, null, arrays, collections, maps, nested generics, records, own classes and overloads."""
    try:
        install(language("java"))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    head = "import java.util.*;\nimport java.util.stream.*;\npublic class Solution {\n"
    answers = [f"{head}{code}\n}}\n" for code, _, _ in JAVA_CALLS]
    checks = [[{"args": json.dumps(args), "expected": expected}] for _, args, expected in JAVA_CALLS]
    found = passed.grade(answers, [{"calls": each, "fn_name": "f", "language": "java"} for each in checks])
    unpaid = {code: grade.detail for (code, _, _), grade in zip(JAVA_CALLS, found, strict=True) if not grade.confirmed}
    assert unpaid == {}


def test_java_answers_that_earn_nothing(passed: CodeReward):
    try:
        install(language("java"))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    calls = [{"args": [1], "expected": 2}]
    bare = "static int f(int x) { return helper(x); }\nstatic int helper(int x) { return x + 1; }\n"
    wrong = [
        bare.replace("x + 1", "x"),
        bare.replace("return helper(x)", "System.exit(0); return 2"),
        bare.replace("return helper(x)", 'throw new RuntimeException("no")'),
        bare.replace("f(int x) { return helper(x)", "f(String x) { return 2"),
        bare.replace(" f(", " g("),
        bare.replace("static int f", "static String f").replace("return helper(x)", 'return "2"'),
        bare.replace("x + 1", "x +"),
    ]
    grades = passed.grade([bare, *wrong], [{"calls": calls, "fn_name": "f", "language": "java"}] * 8)
    assert [str(grade.verdict) for grade in grades] == [
        "passed", "wrong", "error", "error", "error", "not compiled", "wrong", "not compiled",
    ]  # fmt: skip
    assert grades[0].confirmed
    assert (grades[1].detail, grades[3].detail) == ("f(1) returned 1, expected 2", "java.lang.RuntimeException: no")


GO = "package main\n\nfunc Square(x int) int { return x * x }\n"
GO_TESTS = """
func TestSquare(t *testing.T) { if Square(3) != 9 { t.Fatal("3") } }
"""
RUST = "fn square(x: i64) -> i64 { x * x }\nfn main() {}\n"
RUST_TESTS = "#[test]\nfn nine() { assert_eq!(square(3), 9); }\n"


@pytest.mark.parametrize(
    ("name", "code", "tests"),
    [
        ("go", GO.replace("main\n", 'main\n\nimport "testing"\n', 1), GO_TESTS),
        ("rust", RUST, RUST_TESTS),
        ("javascript", "const square = x => x * x\n", "console.assert(square(3) === 9)\n"),
        (
            "cpp",
            "int square(int x) { return x * x; }\n",
            "#include <cassert>\nint main() { assert(square(3) == 9); }\n",
        ),
    ],
)
def test_test_programs_of_other_languages(name: str, code: str, tests: str):
    """Their passes cannot be confirmed: they are paid where the caller says so."""
    try:
        install(language(name))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    wrong = code.replace("x * x", "x + x")
    paid = CodeReward(unconfirmed=1.0, workers=2)
    assert paid(**rows([code, wrong], tests=tests, language=name)) == [1.0, 0.0]
    unpaid = CodeReward(workers=2)
    assert unpaid(**rows([code, wrong], tests=tests, language=name)) == [0.0, 0.0]


def test_hidden_tests_stay_in_a_file_of_their_own(tmp_path: Path):
    hidden = tmp_path / "hidden.jsonl"
    hidden.write_text(json.dumps({"tests_ref": "square", "tests": ASSERTS}) + "\n")
    reward = CodeReward(hidden_tests=hidden, workers=2)
    assert reward(**rows([SQUARE, HALF], tests_ref="square")) == [1.0, 0.0]
    with pytest.raises(RewardError, match="tests_ref 'cube' is in no line of the hidden tests"):
        reward([SQUARE], tests_ref=["cube"])
    hidden.write_text('{"tests": []}\n')
    with pytest.raises(RewardError, match=r"line 1 of .* no JSON object with the key tests_ref"):
        CodeReward(hidden_tests=hidden)


def test_rows_of_several_kinds_come_back_in_order(passed: CodeReward):
    answers = [SQUARE, "print(4)", HALF, "    return x\n"]
    columns = {
        "tests": [ASSERTS, None, ASSERTS, None],
        "stdio": [None, [{"stdin": "", "stdout": "4"}], None, None],
        "task_id": [None, None, None, "HumanEval/53"],
    }
    assert passed(answers, **columns) == [1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"tests": ASSERTS, "stdio": [{"stdin": "", "stdout": ""}]}, "exactly one of tests"),
        ({"tests": [1]}, "tests are assertions as text, not 1"),
        ({"tests": ASSERTS, "language": "cobol"}, "unknown language 'cobol'"),
        ({"calls": CALLS}, "calls need fn_name"),
        ({"calls": [{"args": [1]}], "fn_name": "f"}, "has no expected value"),
        (
            {"calls": [{"args": [], "kwargs": {"a": 1}, "expected": 1}], "fn_name": "f", "language": "java"},
            "calls in 'java' have no keyword arguments",
        ),
        ({"calls": [{"args": [], "kwargs": {"a": 1}, "expected": 1}], "fn_name": "f", "language": "go"}, "no keyword"),
        ({"inputs": ["1", "2"], "outputs": ["1"]}, "2 inputs and 1 outputs"),
        ({"stdio": [{"stdin": "", "stdout": "x" * 70_000}]}, "an expected output has 70000 bytes"),
    ],
)
def test_rows_that_cannot_be_checked_are_one_sentence(passed: CodeReward, row: dict[str, Any], sentence: str):
    with pytest.raises(RewardError, match=sentence):
        passed(**rows([SQUARE], **row))


def test_outputs_are_compared_by_lines_and_words():
    assert same_output("1 2 \n3\n\n", "1 2\n3")
    assert same_output("0.3333333\n", "0.33333334")
    assert same_output("1e-7\n", "1.0e-7")
    assert not same_output("1\n2\n", "1 2")
    assert not same_output("4", "5")
    assert not same_output("0.34", "0.33")
    assert not same_output("yes", "no")
    assert not same_output("nan", "0.5")
