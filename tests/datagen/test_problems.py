"""Functions whose results are proven come out as problems that the benchmark's own task can judge."""

import json
from pathlib import Path

from datagen.config import parse_datagen
from datagen.execution.run_programs import Ran, judge, open_cached_sandbox
from datagen.make import make
from sandbox.outcome import Tier
from tasks.registry import load

CODE = '''
import math


def widen(low: int, high: int, share: float = 0.5):
    """Widens a range of two numbers by a share of its length, rounded up.

    The range must not be empty.
    """
    length = high - low
    step = math.ceil(length * share)
    if length < 0:
        step = 0
    return low - step, high + step


def oddly(first: int, second: int):
  """Adds up the first and the second number and doubles their total."""
  total = first + second
  return total * 2


class Box:
    def grow(self, number: int):
        """Grows the number of this box by the number given."""
        self.number = number + 1
        return self.number
'''


def test_proven_functions_become_problems(tmp_path: Path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "ranges.py").write_text(CODE)
    values = {"sources": [{"name": "mine", "path": str(tmp_path / "code")}], "embed": {"encoder": "hashed"}}
    folders = make(parse_datagen(values, "test"), tmp_path / "out", lambda _stage, _items: None)
    file = folders["codeocean"] / "problems.jsonl"
    (row,) = (json.loads(line) for line in file.read_text().splitlines())
    assert row["entry_point"] == "widen", "a body that is indented otherwise and a method are no problems"
    assert row["prompt"].startswith("import math\n\n\ndef widen(low: int")
    assert '"""Widens a range' in row["prompt"]
    assert '"""' not in row["canonical_solution"]
    assert row["test"].count("assert candidate(") >= 2
    task = load("humaneval", data_file=file)
    (problem,) = task.problems
    wrong = "def widen(low, high, share=0.5):\n    return low, high\n"
    with open_cached_sandbox(Tier.NAMESPACES, 1) as sandbox:
        programs = {"right": task.program(problem, task.reference(problem)), "wrong": task.program(problem, wrong)}
        ran = {name: judge(outcome) for name, outcome in sandbox.run(programs.items())}
    assert ran == {"right": Ran.PASSED, "wrong": Ran.FAILED}
