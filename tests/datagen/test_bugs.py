# ruff: noqa: E501 (each line is one whole source file)
import random

import pytest

from datagen.bugs.bug import BugType
from datagen.bugs.inject import plant_bugs, possible_bugs
from datagen.code.syntax import parses

FUNCTIONS = {
    "python": "def f(a, b):\n    total = 0\n    if a > 1 and not b:\n        total += min(a, 3)\n    if b:\n        return a - 1\n    return total + a * 2\n",
    "javascript": "function f(a, b) {\n  let total = 0;\n  if (a > 1 && !b) {\n    total += Math.min(a, 3);\n  }\n  if (b) {\n    return a - 1;\n  }\n  return total + a * 2;\n}\n",
    "java": "int f(int a, boolean b) {\n  int total = 0;\n  if (a > 1 && !b) {\n    total += Math.min(a, 3);\n  }\n  if (b) {\n    return a - 1;\n  }\n  return total + a * 2;\n}\n",
    "go": "func f(a int, b bool) int {\n\ttotal := 0\n\tif a > 1 && !b {\n\t\ttotal += min(a, 3)\n\t}\n\tif b {\n\t\treturn a - 1\n\t}\n\treturn total + a*2\n}\n",
    "cpp": "int f(int a, bool b) {\n  int total = 0;\n  if (a > 1 && !b) {\n    total += min(a, 3);\n  }\n  if (b) {\n    return a - 1;\n  }\n  return total + a * 2;\n}\n",
    "rust": "fn f(a: i32, b: bool) -> i32 {\n    let mut total = 0;\n    if a > 1 && !b {\n        total += min(a, 3);\n    }\n    if b {\n        return a - 1;\n    }\n    total + a * 2\n}\n",
    "php": "function f($a, $b) {\n  $total = 0;\n  if ($a > 1 && !$b) {\n    $total += min($a, 3);\n  }\n  if ($b) {\n    return $a - 1;\n  }\n  return $total + $a * 2;\n}\n",
    "ruby": "def f(a, b)\n  total = 0\n  if a > 1 && !b\n    total += min(a, 3)\n  end\n  if b\n    return a - 1\n  end\n  total + a * 2\nend\n",
    "csharp": "int f(int a, bool b) {\n  int total = 0;\n  if (a > 1 && !b) {\n    total += Math.min(a, 3);\n  }\n  if (b) {\n    return a - 1;\n  }\n  return total + a * 2;\n}\n",
}


@pytest.mark.parametrize("language", sorted(FUNCTIONS))
def test_all_six_types_have_places_in_every_language(language: str):
    assert {kind for kind, places in possible_bugs(FUNCTIONS[language], language).items() if places} == set(BugType)


@pytest.mark.parametrize("language", sorted(FUNCTIONS))
def test_every_fault_parses_and_changes_the_code(language: str):
    code = FUNCTIONS[language]
    bugs = plant_bugs(code, language, random.Random(3), 60)
    assert {bug.bug_type for bug in bugs} == set(BugType)
    assert len({bug.code for bug in bugs}) == len(bugs) > 15
    for bug in bugs:
        assert parses(bug.code, language), bug
        assert "".join(bug.code.split()) != "".join(code.split())


def test_the_same_seed_plants_the_same_faults():
    one, same, other = (plant_bugs(FUNCTIONS["python"], "python", random.Random(seed), 3) for seed in (1, 1, 2))
    assert one == same != other


def test_the_first_faults_are_of_different_types():
    assert len({bug.bug_type for bug in plant_bugs(FUNCTIONS["go"], "go", random.Random(0), 4)}) == 4


def test_code_that_is_no_function_has_no_faults():
    assert plant_bugs("x = 1", "python", random.Random(0), 3) == []


def test_no_fault_leaves_a_trace_of_the_surgery():
    code = (
        "def f(items, name):\n    total = 0\n\n    name.strip()\n\n    label = '%s' % name\n"
        "    if ready(name):\n        total += 1\n        log(name)\n    return total, label"
    )
    faults = [bug.code for bug in plant_bugs(code, "python", random.Random(1), 200)]
    assert "name.strip()" not in "".join(fault for fault in faults if fault.count("\n\n") == 1)
    for fault in faults:
        assert "\n\n\n" not in fault
        assert not any(line and not line.strip() for line in fault.split("\n"))
        assert "% name + 1" not in fault
        assert "not (ready" not in fault
    assert any("if not ready(name):" in fault for fault in faults)
    assert not any(fault.count("label = '%s' % name") == 2 for fault in faults)


VISIBLE = {
    "python": "def f(self, items, n):\n    first = items[1]\n    self.lock()\n    if n is None:\n        return 7\n    ok = True\n    return wrap(first, ok, False, 3, n + 2)\n",
    "java": "int f(int[] items, int n) {\n  int first = items[1];\n  lock();\n  boolean ok = true;\n  return wrap(first, ok, false, 3, n * 2);\n}\n",
    "javascript": "function f(items, n) {\n  const first = items[1];\n  lock();\n  let ok = true;\n  return wrap(first, ok, false, 3, n * 2);\n}\n",
    "go": "func f(items []int, n int) int {\n\tfirst := items[1]\n\tlock()\n\tok := true\n\treturn wrap(first, ok, false, 3, n*2)\n}\n",
}


@pytest.mark.parametrize("language", sorted(VISIBLE))
def test_without_tests_no_constant_and_no_call_has_to_be_guessed(language: str):
    code = VISIBLE[language]
    values = [bug for bug in plant_bugs(code, language, random.Random(1), 200, True) if bug.bug_type == "value misuse"]
    assert {bug.change.lower() for bug in values} == {"1 became 0", "1 became 2", "true became false"}
    steps = [
        bug.change for bug in plant_bugs(code, language, random.Random(1), 200, True) if bug.change.endswith("nothing")
    ]
    assert not any("lock" in change or "if " in change for change in steps)
    assert not [
        each
        for each in plant_bugs(FUNCTIONS[language], language, random.Random(1), 200, True)
        if "&&" in each.change and each.bug_type == "missing logic"
    ]
    everything = [bug.change for bug in plant_bugs(code, language, random.Random(1), 200)]
    assert any("lock" in change for change in everything)
    assert "3 became 4" in everything


def test_a_step_is_left_out_only_where_its_names_stand_elsewhere():
    code = "def f(items):\n    most = len(items)\n    root = find(items)\n    half = items[most]\n    return half, most, root, items\n"
    changes = {bug.change for bug in plant_bugs(code, "python", random.Random(1), 200, True)}
    assert {each for each in changes if each.endswith("nothing")} == {"half = items[most] became nothing"}


def test_a_block_that_keeps_a_comment_alone_is_no_fault():
    code = "def f(items):\n    for item in items:\n        # why\n        print(item)\n    return items\n"
    for bug in plant_bugs(code, "python", random.Random(1), 200):
        compile(bug.code, "fault", "exec")


def test_no_number_is_added_to_a_tuple():
    code = "def f(items):\n    return items[:6] + (1,)\n"
    assert not [bug for bug in plant_bugs(code, "python", random.Random(1), 200) if "(1,) +" in bug.code]
