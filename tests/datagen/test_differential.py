"""Repairs are proven by running both versions on drawn inputs; what nothing can tell apart is no repair."""

from dataclasses import replace
from pathlib import Path

import pytest

from datagen.code.functions import cut_functions
from datagen.execution.differential import prove_repairs
from datagen.execution.inputs import draw_arguments
from datagen.execution.run_programs import open_cached_sandbox
from datagen.rows.example import Example, Fact, TaskType
from datagen.rows.raw_function import Origin, RawFunction
from datagen.teachers.rules_teacher import draft_rows, load_templates

MODULE = '''
import math
import random
import time
from collections import Counter

LIMIT = 3

def clip(value, low=0, high=10):
    """Limits a number to a range."""
    if value > high:
        return high
    return max(value, low)

def root(x: float) -> float:
    """The square root of a number, 0 for negative ones."""
    if x < 0:
        return 0.0
    return math.sqrt(x)

def noisy(n):
    """Some random number up to n, more or less."""
    return random.random() * n + 1

def module_bound(values):
    """Those above the limit of the module."""
    return [value for value in values if value > LIMIT]

def sorts(items):
    """Sorts the list itself and gives its length."""
    items.sort()
    return len(items) + 1

def forever(n):
    """Counts down from a number to zero."""
    while n > 0:
        n -= 1
    return n

def spell(word, times=2):
    """Repeats a word.

    >>> spell("ab", times=3)
    'ababab'
    """
    return word * times

def dated(seconds, offset=0):
    """The date of a time in seconds since the epoch, that of today when none is given."""
    import datetime
    when = datetime.datetime.utcnow() if seconds is None else datetime.datetime.utcfromtimestamp(seconds + offset)
    return "%04d-%02d-%02d" % (when.year, when.month, when.day)

def most_common(text):
    """The most common letter of a text, with its count."""
    counts = Counter(text)
    best = max(counts.values()) if counts else 0
    return sorted(letter for letter, count in counts.items() if count == best), best
'''


@pytest.fixture(scope="module")
def raw() -> dict[str, RawFunction]:
    return {each.name: each for each in cut_functions(MODULE, "python", Origin("t", "pkg/mod.py"))}


@pytest.fixture(scope="module")
def proven(raw: dict[str, RawFunction]) -> list[Example]:
    templates = load_templates()
    rows = [row for rank, each in enumerate(raw.values()) for row in draft_rows(each, rank, 0, templates)]
    with open_cached_sandbox(workers=1) as sandbox:
        return prove_repairs(rows, {each.function_id: each for each in raw.values()}, sandbox.run, 7)


def repairs(rows: list[Example], name: str) -> list[Example]:
    return [row for row in rows if row.function_name == name and row.task is TaskType.REPAIR]


@pytest.mark.parametrize("name", ["clip", "root", "spell", "most_common"])
def test_pure_functions_have_a_proven_repair_with_tests_that_tell(
    proven: list[Example], raw: dict[str, RawFunction], name: str
):
    rows = repairs(proven, name)
    assert rows
    assert {row.execution.fact for row in rows} <= {Fact.PROVEN, Fact.REFUTED, Fact.NOT_JUDGED}
    taken = [row for row in rows if row.execution.fact is Fact.PROVEN]
    assert taken
    for row in taken:
        imports = "\n".join(raw[name].imports)
        exec(f"{imports}\n{row.output}\n{row.tests}", {})
        with pytest.raises(Exception):  # noqa: B017, PT011 (an assert, or whatever the fault raises)
            exec(f"{imports}\n{row.input}\n{row.tests}", {})


def test_chance_proves_nothing(proven: list[Example]):
    assert {row.execution.fact for row in repairs(proven, "noisy")} == {Fact.NOT_JUDGED}


def test_the_clock_proves_nothing(proven: list[Example]):
    assert {row.execution.fact for row in repairs(proven, "dated")} == {Fact.NOT_JUDGED}
    assert not any(row.tests for row in repairs(proven, "dated"))


def test_no_assert_is_about_an_argument_that_the_function_changes(proven: list[Example]):
    for row in repairs(proven, "sorts"):
        assert "[3, 1, 2]" not in row.tests


def test_what_needs_its_module_is_left_as_it_was(proven: list[Example]):
    assert {row.execution.fact for row in repairs(proven, "module_bound")} == {Fact.NOTHING_TO_RUN}


def test_the_same_version_twice_is_refuted(raw: dict[str, RawFunction], proven: list[Example]):
    row = repairs(proven, "clip")[0]
    same = replace(row, input=row.output.replace("value", "number"), execution=type(row.execution)(Fact.NOTHING_TO_RUN))
    with open_cached_sandbox(workers=1) as sandbox:
        (found,) = prove_repairs([same], {row.function_id: raw["clip"]}, sandbox.run, 7)
    assert found.execution.fact is Fact.REFUTED


def test_inputs_begin_with_the_documentations_own_and_hold_the_codes_constants(raw: dict[str, RawFunction]):
    spell = raw["spell"]
    assert draw_arguments(spell.code, spell.docstring, "spell", "1")[0] == "'ab', times=3"
    assert draw_arguments(spell.code, spell.docstring, "spell", "1") == draw_arguments(
        spell.code, spell.docstring, "spell", "1"
    )
    code = "def f(n: int):\n    return 'big' if n > 4242 else 'small'"
    assert any("4242" in each for each in draw_arguments(code, "", "f", "1"))
    assert draw_arguments("def f(*values):\n    return values", "", "f", "1") == []


def test_generation_rows_stand_alone(raw: dict[str, RawFunction], proven: list[Example]):
    rows = {row.function_name: row for row in proven if row.task is TaskType.GENERATION}
    assert "module_bound" not in rows
    assert rows["root"].output.startswith("import math\n\n\ndef root(")
    assert rows["most_common"].output.startswith("from collections import Counter\n")
    assert ">>> spell(" in rows["spell"].input
    for row in rows.values():
        exec(row.output, {})
    assert Path(raw["root"].origin.path).name == "mod.py"
