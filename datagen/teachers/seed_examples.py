"""The rows that a teacher is shown before the loop has rows of its own: a good and a bad one for each task."""

from functools import cache
from importlib.resources import files

import msgspec

from datagen.rows.example import Example, Opinion, Review, TaskType
from datagen.rows.raw_function import Origin


class _Row(msgspec.Struct):
    instruction: str
    information: str
    solution: str
    tests: str
    reasons: str


@cache
def seed_examples(task: TaskType, opinion: Opinion) -> tuple[Example, ...]:
    """The shipped rows of a task and verdict, with their analysis."""
    text = files("datagen").joinpath(f"data/seed_examples/{task.value}.toml").read_text()
    row = msgspec.toml.decode(text, type=dict[str, _Row]).get(opinion.value)
    if row is None:
        return ()
    example = Example(
        task=task,
        instruction=row.instruction,
        input=row.information.strip("\n"),
        output=row.solution.strip("\n"),
        language="python",
        function_id=f"seed {task.value} {opinion.value}",
        function_name="",
        origin=Origin("seed examples", f"{task.value}.toml"),
        teacher="shipped",
        wording="",
        core_rank=-1,
        review=Review("shipped", opinion, reasons=row.reasons),
        tests=row.tests.strip("\n"),
    )
    return (example,)
