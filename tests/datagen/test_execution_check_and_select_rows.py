from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from datagen.code.functions import cut_functions
from datagen.execution.execution_check import check_rows, sandbox_runner
from datagen.execution.run_programs import open_cached_sandbox
from datagen.pipeline.select_rows import SelectionRules, select_rows
from datagen.rows.example import Example, Execution, Fact, Opinion, Review, TaskType
from datagen.rows.raw_function import Origin, RawFunction
from datagen.teachers.rules_discriminator import review_by_rules
from datagen.teachers.rules_teacher import draft_rows, load_templates
from sandbox.outcome import Tier

MODULE = '''
LIMIT = 3

def clip(value, low=0):
    """Clips a value to the limit of this module.

    >>> clip(5)
    3
    >>> clip(-1)
    0
    """
    if value > LIMIT:
        return LIMIT
    return max(value, low)

def needs_a_screen(value):
    """Needs more than a sandbox has to show a value.

    >>> needs_a_screen(1)
    1
    """
    import no_such_screen
    shown = no_such_screen.show(value, 1)
    return shown + 1

def plain(values):
    """Sums the values that are above the limit."""
    total = 0
    for value in values:
        if value > LIMIT:
            total += value
    return total
'''


def functions() -> dict[str, RawFunction]:
    return {each.name: each for each in cut_functions(MODULE, "python", Origin("t", "pkg/mod.py"))}


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    raw, templates = functions(), load_templates()
    rows = [row for rank, each in enumerate(raw.values()) for row in draft_rows(each, rank, 0, templates)]
    by_id = {each.function_id: each for each in raw.values()}
    with open_cached_sandbox(Tier.NAMESPACES, 2) as sandbox:
        runner = sandbox_runner(tmp_path_factory.mktemp("log") / "ran.jsonl", sandbox, lambda _programs: None)
        return list(check_rows([replace(row, review=review_by_rules(row)) for row in rows], by_id, runner))


def facts(rows: list[Example], name: str, task: TaskType) -> set[Fact]:
    return {row.execution.fact for row in rows if row.function_name == name and row.task is task}


def test_repairs_with_examples_are_proven_or_refuted_in_their_module(proven: list[Example]):
    repairs = [row for row in proven if row.function_name == "clip" and row.task is TaskType.REPAIR]
    assert len(repairs) == 4
    assert {row.execution.fact for row in repairs} <= {Fact.PROVEN, Fact.REFUTED}
    assert Fact.PROVEN in {row.execution.fact for row in repairs}
    assert {row.execution.context for row in repairs} == {"module"}
    assert {row.execution.examples for row in repairs} == {2}


def test_what_cannot_run_here_is_not_judged_never_refuted(proven: list[Example]):
    assert facts(proven, "needs_a_screen", TaskType.REPAIR) == {Fact.NOT_JUDGED}
    assert facts(proven, "needs_a_screen", TaskType.GENERATION) == {Fact.NOT_JUDGED}


def test_without_examples_there_is_nothing_to_run(proven: list[Example]):
    assert facts(proven, "plain", TaskType.REPAIR) == {Fact.NOTHING_TO_RUN}
    assert facts(proven, "clip", TaskType.SUMMARIZATION) == {Fact.NOTHING_TO_RUN}


def test_a_proven_repair_really_differs_in_behaviour(proven: list[Example]):
    row = next(
        each for each in proven if each.function_name == "clip" and each.execution.fact is Fact.PROVEN and each.bug_type
    )
    fixed: dict[str, object] = {"LIMIT": 3}
    exec(row.output, fixed)
    assert fixed["clip"](5) == 3  # pyright: ignore[reportCallIssue]


def test_a_teachers_own_asserts_decide_its_rows(tmp_path: Path):
    row = example(0, TaskType.GENERATION, output="def f(a):\n    return a + 1", tests="assert f(1) == 2")
    wrong = replace(row, output="def f(a):\n    return a")
    quits = replace(row, output="import os\nos._exit(0)\ndef f(a):\n    return a")
    faulty = replace(row, task=TaskType.REPAIR, input=wrong.output)
    same = replace(faulty, input=row.output)
    with open_cached_sandbox(Tier.NAMESPACES, 2) as sandbox:
        runner = sandbox_runner(tmp_path / "ran.jsonl", sandbox, lambda _programs: None)
        found = [each.execution.fact for each in check_rows([row, wrong, quits, faulty, same], {}, runner)]
    assert found == [Fact.PROVEN, Fact.REFUTED, Fact.REFUTED, Fact.PROVEN, Fact.REFUTED]


def example(number: int, task: TaskType, opinion: Opinion = Opinion.GOOD, **more: object) -> Example:
    row = Example(
        task=task,
        instruction=f"Do {number} in Python.",
        input="",
        output="x",
        language="python",
        function_id=str(number),
        function_name="f",
        origin=Origin("t", "p"),
        teacher="model",
        wording="w",
        core_rank=number,
        review=Review("r", opinion),
    )
    return replace(row, **more)  # pyright: ignore[reportArgumentType]


MIXTURE = {TaskType.GENERATION: 6, TaskType.REPAIR: 2}


def test_every_row_that_is_left_out_has_a_counted_reason():
    pool = [
        example(0, TaskType.GENERATION),
        example(0, TaskType.GENERATION),
        example(1, TaskType.GENERATION, Opinion.BAD),
        example(2, TaskType.GENERATION, Opinion.UNPARSEABLE),
        example(3, TaskType.GENERATION, execution=Execution(Fact.REFUTED)),
        example(4, TaskType.REPAIR, execution=Execution(Fact.NOT_JUDGED)),
        example(5, TaskType.REPAIR),
        example(5, TaskType.REPAIR, input="other"),
        example(6, TaskType.TRANSLATION),
        example(7, TaskType.GENERATION, output=""),
        example(8, TaskType.GENERATION),
    ]
    leaked = frozenset({pool[-1].example_id})
    selected = select_rows(pool, SelectionRules(MIXTURE, leaked))
    assert [row.function_id for row in selected.rows] == ["0", "5"]
    assert sum(selected.dropped.values()) == len(pool) - 2
    assert selected.dropped["leak"] == 1
    assert selected.shortfall(MIXTURE) == {TaskType.GENERATION: 5, TaskType.REPAIR: 1}


def test_without_the_discriminator_unaccepted_rows_come_in():
    pool = [example(1, TaskType.GENERATION, Opinion.BAD), example(2, TaskType.GENERATION)]
    assert len(select_rows(pool, SelectionRules(MIXTURE, use_discriminator=False)).rows) == 2


def test_a_size_matched_variant_has_the_same_size_without_the_task():
    pool = [example(number, TaskType.GENERATION) for number in range(20)]
    pool += [example(number, TaskType.REPAIR) for number in range(20, 30)]
    base = select_rows(pool, SelectionRules(MIXTURE))
    without = select_rows(pool, SelectionRules({TaskType.GENERATION: 6}, total=len(base.rows)))
    assert len(without.rows) == len(base.rows) == 8
    assert Counter(row.task for row in without.rows) == {TaskType.GENERATION: 8}


def test_the_mixture_is_an_upper_bound_in_core_set_order():
    pool = [example(number, TaskType.GENERATION) for number in range(20)]
    assert [row.core_rank for row in select_rows(pool, SelectionRules(MIXTURE)).rows] == [0, 1, 2, 3, 4, 5]
