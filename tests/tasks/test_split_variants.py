"""Honest answers with another signature than the declared one: held, or unconfirmed with the reason, never refuted."""

import pytest

from sandbox.outcome import Confirmation
from sandbox.sandbox import Sandbox
from tests.tasks.pack_problems import pack_problem, pack_task
from tests.tasks.test_split_forgeries import run_apart

HELD, INEXPRESSIBLE = Confirmation.HELD, Confirmation.INEXPRESSIBLE
VARIANTS = {
    "js: a function declaration": (
        "js",
        "number",
        "function countBelow (numbers, bound) { return numbers.filter(each => each < bound).length }",
        HELD,
    ),
    "js: a function that is assigned later": (
        "js",
        "number",
        "let countBelow\ncountBelow = function (numbers, bound) { return numbers.filter(each => each < bound).length }",
        HELD,
    ),
    "js: it sorts its argument in place": (
        "js",
        "list",
        "const doubled = (numbers) => { numbers.forEach((each, i) => { numbers[i] = 2 * each }); return numbers }",
        HELD,
    ),
    "js: a promise": (
        "js",
        "list",
        "const doubled = async (numbers) => numbers.map(each => 2 * each)",
        INEXPRESSIBLE,
    ),
    "java: a static method of boxed numbers": (
        "java",
        "number",
        "import java.util.*;\nclass Solution { static Integer countBelow(List<Integer> numbers, Integer bound) "
        "{ int n = 0; for (int each : numbers) if (each < bound) n++; return n; } }",
        HELD,
    ),
    "java: it answers with a LinkedList": (
        "java",
        "list",
        "import java.util.*;\nclass Solution { LinkedList<Integer> doubled(List<Integer> numbers) "
        "{ LinkedList<Integer> all = new LinkedList<>(); for (int each : numbers) all.add(2 * each); return all; } }",
        HELD,
    ),
    "go: another integer type": (
        "go",
        "number",
        "package main\nfunc CountBelow(numbers []int, bound int) int64 { return 2 }",
        INEXPRESSIBLE,
    ),
    "go: a named result": (
        "go",
        "number",
        "package main\nfunc CountBelow(all []int, limit int) (n int) "
        "{ for _, e := range all { if e < limit { n++ } }; return }",
        HELD,
    ),
    "cpp: a constant reference and a double": (
        "cpp",
        "float",
        "#include<vector>\nusing namespace std;\n"
        "double mean(const vector<float>& n){ double s = 0; for (float x : n) s += x; return s / n.size(); }",
        HELD,
    ),
    "cpp: a vector of doubles": (
        "cpp",
        "float",
        "#include<vector>\nusing namespace std;\n"
        "double mean(vector<double> n){ double s = 0; for (double x : n) s += x; return s / n.size(); }",
        INEXPRESSIBLE,
    ),
    "cpp: a macro for int": (
        "cpp",
        "number",
        "#include<vector>\nusing namespace std;\n#define int long long\n"
        "int count_below(vector<int> n, int b){ int c = 0; for (int x : n) c += x < b; return c; }",
        HELD,
    ),
    "cpp: a template and an overload": (
        "cpp",
        "number",
        "#include<vector>\nusing namespace std;\nint count_below(int a, int b){ return a < b; }\n"
        "template <class T> int count_below(vector<T> n, T b)"
        "{ int c = 0; for (T x : n) c += count_below(x, b); return c; }",
        HELD,
    ),
    "rust: wider integers": (
        "rust",
        "number",
        "fn count_below(numbers:Vec<i64>, bound: i64) -> i64 { numbers.iter().filter(|e| **e < bound).count() as i64 }",
        INEXPRESSIBLE,
    ),
    "rust: a type parameter": (
        "rust",
        "number",
        "fn count_below<T: Ord>(numbers:Vec<T>, bound: T) -> i32 "
        "{ numbers.iter().filter(|e| **e < bound).count() as i32 }",
        HELD,
    ),
    "rust: a main function and a slice": (
        "rust",
        "float",
        "fn mean(numbers:&[f64]) -> f64 { numbers.iter().sum::<f64>() / numbers.len() as f64 }\n"
        "fn main() { mean(&[1.0]); }",
        HELD,
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_an_honest_answer_is_never_refuted(sandbox: Sandbox, name: str):
    code, kind, answer, expected = VARIANTS[name]
    outcome = run_apart(sandbox, pack_task(code).program(pack_problem(code, kind), answer))
    assert outcome.confirmation is expected, outcome
    assert outcome.confirmation is HELD or outcome.confirmation_detail
