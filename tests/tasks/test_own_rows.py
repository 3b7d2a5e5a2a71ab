"""Rows of one's own problems that cannot be scored are refused by row, value and remedy; good rows are taken."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tasks.data.dataset import DataSet
from tasks.data.files import read_rows
from tasks.data.own.rows import find_faults
from tasks.errors import DataError
from tasks.humaneval.dataset import HUMANEVAL
from tasks.humanevalpack.dataset import HUMANEVALPACK
from tasks.mbpp.dataset import MBPP, MBPP_SANITIZED
from tasks.registry import load
from tests.benchmark_files import benchmark_file

Row = dict[str, Any]
CHECK = "def check(candidate):\n    assert candidate(1, 2) == 3\n"
HUMANEVAL_ROW: Row = {
    "task_id": "own/0",
    "prompt": 'def add(a, b):\n    """The sum."""\n',
    "entry_point": "add",
    "canonical_solution": "    return a + b\n",
    "test": CHECK,
}
MBPP_ROW: Row = {
    "task_id": 7,
    "text": "Write a function to add two numbers.",
    "code": "def add(a, b):\n    return a + b\n",
    "test_setup_code": "",
    "test_list": ["assert add(1, 2) == 3", "assert add(0, 0) == 0"],
    "challenge_test_list": [],
}
PYTHON_ROW: Row = {
    **HUMANEVAL_ROW,
    "declaration": "def add(a, b):\n",
    "buggy_solution": "    return a - b\n",
    "docstring": "The sum.",
    "instruction": "Write a function.",
    "test": f"{CHECK}\ncheck(add)",
}
JS_ROW: Row = {
    **PYTHON_ROW,
    "prompt": "/* The sum. */\nconst add = (a, b) => {\n",
    "declaration": "const add = (a, b) => {\n",
    "canonical_solution": "  return a + b;\n}\n",
    "buggy_solution": "  return a - b;\n}\n",
    "test": "const testAdd = () => { console.assert(add(1, 2) === 3) }\ntestAdd()\n",
}
JAVA_ROW: Row = {
    **PYTHON_ROW,
    "prompt": "class Solution {\n    public int add(int a, int b) {\n",
    "declaration": "class Solution {\n    public int add(int a, int b) {\n",
    "canonical_solution": "        return a + b;\n    }\n}\n",
    "buggy_solution": "        return a - b;\n    }\n}\n",
    "test": "public class Main {\n    public static void main(String[] args) {\n"
    "        if (new Solution().add(1, 2) != 3) { throw new AssertionError(); }\n    }\n}\n",
}
GO_ROW: Row = {
    **PYTHON_ROW,
    "entry_point": "Add",
    "prompt": "// The sum.\nfunc Add(a int, b int) int {\n",
    "import": "",
    "declaration": "func Add(a int, b int) int {\n",
    "canonical_solution": "    return a + b\n}\n",
    "buggy_solution": "    return a - b\n}\n",
    "test_setup": 'package main\n\nimport (\n    "testing"\n    "github.com/stretchr/testify/assert"\n)\n',
    "test": "func TestAdd(t *testing.T) {\n    assert := assert.New(t)\n    assert.Equal(3, Add(1, 2))\n}\n",
}
CPP_ROW: Row = {
    **PYTHON_ROW,
    "prompt": "int add(int a, int b) {\n",
    "declaration": "int add(int a, int b) {\n",
    "canonical_solution": "    return a + b;\n}\n",
    "buggy_solution": "    return a - b;\n}\n",
    "test": "#undef NDEBUG\n#include<assert.h>\nint main(){\n    assert (add(1, 2) == 3);\n}\n",
}
RUST_ROW: Row = {
    **PYTHON_ROW,
    "prompt": "fn main(){}\nfn add(a: i32, b: i32) -> i32 {\n",
    "declaration": "fn add(a: i32, b: i32) -> i32 {\n",
    "canonical_solution": "    a + b\n}\n",
    "buggy_solution": "    a - b\n}\n",
    "test": "#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn sum() { assert_eq!(add(1, 2), 3) }\n}\n",
}
GOOD: dict[str, tuple[DataSet, Row]] = {
    "humaneval": (HUMANEVAL, HUMANEVAL_ROW),
    "mbpp": (MBPP, MBPP_ROW),
    "mbpp-sanitized": (
        MBPP_SANITIZED,
        {
            "task_id": 7,
            "prompt": "Add.",
            "test_imports": ["import math"],
            "code": MBPP_ROW["code"],
            "test_list": ["assert add(1, 2) == 3"],
        },
    ),
    **{
        code: (HUMANEVALPACK[code], row)
        for code, row in (
            ("python", PYTHON_ROW),
            ("js", JS_ROW),
            ("java", JAVA_ROW),
            ("go", GO_ROW),
            ("cpp", CPP_ROW),
            ("rust", RUST_ROW),
        )
    },
}


def faults(form: str, **changes: Any) -> list[str]:
    """What is said of the form's good row after the changes; None removes a column."""
    dataset, row = GOOD[form]
    changed = {name: value for name, value in {**row, **changes}.items() if value is not None}
    return [str(fault) for fault in find_faults(dataset, [changed])]


@pytest.mark.parametrize("form", GOOD)
def test_a_good_row_has_no_fault(form: str):
    assert faults(form) == []


@pytest.mark.parametrize(
    ("form", "changes", "said"),
    [
        ("humaneval", {"test": CHECK.replace("check", "chekc")}, "defines no check() (it defines chekc)"),
        ("humaneval", {"test": ""}, "defines no check()"),
        ("humaneval", {"test": CHECK.replace("==", "=")}, "test = "),
        ("humaneval", {"test": CHECK.replace("==", "=")}, "is not Python (SyntaxError"),
        ("humaneval", {"test": "def check():\n    assert add(1, 2) == 3\n"}, "is called with one argument"),
        ("humaneval", {"test": "def check(add, more):\n    assert add(1, 2) == 3\n"}, "is called with one argument"),
        ("humaneval", {"test": f"async {CHECK}"}, "never runs its tests, since check() is async"),
        ("humaneval", {"test": f"{CHECK}    yield\n"}, "never runs its tests, since check() holds a yield"),
        ("humaneval", {"test": "def check(candidate):\n    candidate(1, 2) == 3\n"}, "asserts nothing"),
        ("humaneval", {"test": "def check(candidate):\n    pass\n"}, "asserts nothing"),
        ("humaneval", {"test": 'def check(f):\n    assert (f(1, 2) == 4, "no")\n'}, "a tuple, which is always true"),
        ("humaneval", {"entry_point": "Solution().add"}, "entry_point = 'Solution().add' is not a Python identifier"),
        ("humaneval", {"entry_point": "class"}, "is not a Python identifier"),
        ("humaneval", {"entry_point": "check"}, "is the name that the tests define themselves"),
        ("humaneval", {"entry_point": "sum2"}, "is not what the prompt defines (it defines add)"),
        ("humaneval", {"prompt": 7}, "prompt = 7 is not a text"),
        ("humaneval", {"prompt": ["def f():"]}, "is not a text"),
        ("humaneval", {"prompt": {"text": "x"}}, "is not a text"),
        ("humaneval", {"prompt": True}, "prompt = True is not a text"),
        ("humaneval", {"prompt": None}, "prompt is missing"),
        ("humaneval", {"prompt": " \n"}, "is empty"),
        ("humaneval", {"prompt": "Write a function that adds two numbers."}, "is no beginning of a Python program"),
        ("humaneval", {"prompt": "def f():\n    '''\ud83d'''\n"}, "half a character"),
        ("humaneval", {"canonical_solution": "return a + b"}, "does not continue the prompt"),
        ("humaneval", {"task_id": ""}, "is empty"),
        ("humaneval", {"task_id": " own/0"}, "holds space at an end"),
        ("humaneval", {"task_id": 1.5}, "is neither a text nor a whole number"),
        ("humaneval", {"task_id": None}, "task_id is missing"),
        ("mbpp", {"task_id": "add"}, "task_id = 'add' is no number"),
        ("mbpp", {"task_id": "Mbpp/7"}, "is no number"),
        ("mbpp", {"text": 3}, "text = 3 is not a text"),
        ("mbpp", {"code": ""}, "code = '' is empty"),
        ("mbpp", {"code": "def add(a, b) return"}, "is not Python"),
        ("mbpp", {"test_list": []}, "test_list = [] is empty"),
        ("mbpp", {"test_list": None}, "test_list is missing"),
        ("mbpp", {"test_list": "['assert add(1, 2) == 4']"}, "calls nothing of what code defines"),
        ("mbpp", {"test_list": ["add(1, 2) == 4"]}, "asserts nothing"),
        ("mbpp", {"test_list": ["assert add(1, 2) == 3", "assert (add(1, 2) == 4, '')"]}, "which is always true"),
        ("mbpp", {"test_list": ["assert plus(1, 2) == 3"]}, "calls nothing of what code defines (add)"),
        ("mbpp", {"test_list": [["assert add(1, 2) == 3"]]}, "is not a list of texts"),
        ("mbpp", {"test_setup_code": "x ="}, "test_setup_code = 'x =' is not Python"),
        ("mbpp", {"challenge_test_list": ["assert add(1 2)"]}, "challenge_test_list = ['assert add(1 2)'] is"),
        ("mbpp-sanitized", {"test_imports": ["import"]}, "test_imports = ['import'] is not Python"),
        ("python", {"test": CHECK}, "never calls check()"),
        ("python", {"buggy_solution": "    return a -\n"}, "buggy_solution = '    return a -\\n' does not continue"),
        ("python", {"instruction": " "}, "instruction = ' ' is empty"),
        ("js", {"test": "testAdd()\n"}, "lacks a console.assert"),
        ("js", {"test": JS_ROW["test"].replace("testAdd()\n", "testAdd(\n")}, "does not parse as javascript"),
        ("js", {"entry_point": "Math.add"}, "is not an identifier"),
        ("java", {"test": "class Tests { }"}, "lacks a class Main with a method main"),
        ("go", {"test": "func add(t *testing.T) { Add(1, 2) }"}, "lacks a function func TestName"),
        ("go", {"test_setup": "package main\n"}, 'lacks package main and the import of "testing"'),
        ("cpp", {"test": "void tests() { assert(add(1, 2) == 3); }"}, "lacks a function main"),
        ("cpp", {"prompt": "Adds two numbers.\n"}, "defines no function add"),
        ("rust", {"test": RUST_ROW["test"].replace("#[test]", "")}, "lacks a function marked #[test]"),
        ("rust", {"test": RUST_ROW["test"].replace("add(1, 2)", "sum(1, 2)")}, "does not call add"),
    ],
)  # fmt: skip
def test_a_row_that_would_score_every_model_the_same_is_named(form: str, changes: Row, said: str):
    found = faults(form, **changes)
    assert any(said in fault for fault in found), found
    assert all(fault.startswith("row 1 (") and "\n" not in fault for fault in found)


@pytest.mark.parametrize(
    ("form", "changes"),
    [
        ("humaneval", {"canonical_solution": None}),
        ("humaneval", {"prompt": "def add(a, b):\n", "canonical_solution": "    return a + b"}),
        ("humaneval", {"prompt": "def add(a, b):\n    c = ", "canonical_solution": "a + b\n    return c"}),
        ("humaneval", {"test": "check = lambda f: exec('assert f(1, 2) == 3', {'f': f})\n"}),
        ("humaneval", {"test": "def check(f, more=None):\n    if f(1, 2) != 3:\n        raise ValueError\n"}),
        ("humaneval", {"test": "import numpy as np\ndef check(f):\n    np.testing.assert_allclose(f(1, 2), 3)\n"}),
        ("humaneval", {"prompt": "class add:\n    '''Adds.'''\n", "canonical_solution": "    pass"}),
        ("humaneval", {"task_id": 12}),
        ("mbpp", {"task_id": "7", "text": None, "prompt": "Add."}),
        ("mbpp", {"test_list": "assert add(1, 2) == 3"}),
        ("mbpp", {"test_list": ["r = add(1, 2)\nassert r == 3"]}),
        ("python", {"prompt": "def add(a, b):\n"}),
    ],
)  # fmt: skip
def test_unusual_but_sound_rows_are_taken(form: str, changes: Row):
    assert faults(form, **changes) == []


def test_two_rows_of_one_id_are_refused(tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    rows = [HUMANEVAL_ROW, {**HUMANEVAL_ROW, "task_id": "own/1"}, {**HUMANEVAL_ROW, "test": CHECK + "\n"}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(DataError, match=r"mine\.jsonl, row 3 \('own/0'\): task_id = 'own/0' is that of row 1, too"):
        load("humaneval", data_file=file)
    same = [{**MBPP_ROW, "task_id": spelling} for spelling in (7, "7", "007", 8)]
    assert [fault.row for fault in find_faults(MBPP, same)] == [2, 3]


def test_a_refused_file_names_the_first_row_and_counts_the_others(tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    rows = [{**HUMANEVAL_ROW, "task_id": f"own/{number}", "prompt": number} for number in range(3)]
    file.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {**HUMANEVAL_ROW, "task_id": "own/9"}]))
    with pytest.raises(DataError) as caught:
        load("humaneval", data_file=file)
    assert "row 1 ('own/0'): prompt = 0 is not a text" in str(caught.value)
    assert f"; 2 more of the 4 rows have faults (wavebench tasks --check {file} --task humaneval names" in str(
        caught.value
    )


@pytest.mark.parametrize(
    "dataset", [HUMANEVAL, MBPP, MBPP_SANITIZED, *HUMANEVALPACK.values()], ids=lambda each: each.name
)
def test_no_known_row_has_a_fault(benchmarks: Path, dataset: DataSet):
    rows = list(read_rows(benchmarks / dataset.files[0][0]))
    assert len(rows) == dataset.rows
    assert find_faults(dataset, rows) == []


@pytest.mark.parametrize(
    ("task", "name", "belongs"),
    [
        ("humaneval", "HumanEvalPlus.jsonl.gz", "humaneval-plus"),
        ("mbpp", "MbppPlus.jsonl.gz", "mbpp-plus"),
        ("mbpp-sanitized", "MbppPlus-v0.1.0.jsonl.gz", "mbpp-plus"),
        ("humaneval", "humanevalpack_python.jsonl", "humanevalpack-{fix,fixdocs,explain,synthesize}-python"),
        ("humaneval", "humanevalpack_go.jsonl", "humanevalpack-{fix,fixdocs,explain,synthesize}-go"),
        ("humanevalpack-fix-java", "humanevalpack_js.jsonl", "humanevalpack-{fix,fixdocs,explain,synthesize}-js"),
        ("humanevalpack-fix-python", "HumanEval.jsonl.gz", "the task humaneval"),
        ("humaneval", "mbpp.jsonl", "the task mbpp"),
        ("humaneval", "sanitized-mbpp.json", "the task mbpp-sanitized"),
        ("mbpp", "sanitized-mbpp.json", "the task mbpp-sanitized"),
        ("mbpp-sanitized", "mbpp.jsonl", "the task mbpp"),
        ("mbpp", "HumanEval.jsonl.gz", "the task humaneval"),
    ],
)
def test_rows_of_another_format_are_refused_with_their_task(task: str, name: str, belongs: str):
    with pytest.raises(DataError) as caught:
        load(task, data_file=benchmark_file(name))
    assert "belongs to the format of" in str(caught.value)
    assert belongs in str(caught.value)


def test_one_row_of_another_format_is_found_among_good_ones():
    rows = [HUMANEVAL_ROW, {**HUMANEVAL_ROW, "task_id": "own/1", "plus_input": [[1, 2]]}]
    assert [(fault.row, fault.column) for fault in find_faults(HUMANEVAL, rows)] == [(2, "plus_input")]


def test_a_hub_row_with_the_plus_tests_in_a_column_of_their_own_is_not_mbpp():
    row = {**MBPP_ROW, "test": "assertion(add(1, 2), 3, 0)"}
    assert [fault.column for fault in find_faults(MBPP, [row])] == ["test"]


DOUBLED = """
from dataclasses import replace
from tasks.humaneval.task import load_humaneval
def load(style, data_dir, split, data_file):
    task = load_humaneval(style)
    return replace(task, problems=(*task.problems, task.problems[3]))
"""


def test_no_task_of_another_package_may_have_a_problem_twice(tmp_path: Path):
    (tmp_path / "doubled.py").write_text(DOUBLED)
    installed = tmp_path / "doubled-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: doubled\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[wavebench.tasks]\ntwice = doubled:load\n")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\nfrom tasks.registry import load\n"
        "from tasks.errors import DataError\ntry:\n    load('twice')\nexcept DataError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "'twice' has the problem 'HumanEval/3' twice" in done.stdout
