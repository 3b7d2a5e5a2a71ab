"""The teacher that needs no LLM: what the code's own authors wrote, turned into rows."""

import hashlib
import json
import random
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from datagen.bugs.inject import plant_bugs
from datagen.code.documentation import summary
from datagen.code.languages import LANGUAGES
from datagen.execution.doctests import is_runnable
from datagen.rows.example import RULES, Example, TaskType
from datagen.rows.raw_function import RawFunction

RULES_TASKS = (TaskType.GENERATION, TaskType.SUMMARIZATION, TaskType.REPAIR)
"""What it can write; a translation has no author's text to take it from."""
_PROVABLE_FAULTS = 4
"""Faults tried where execution can show which of them matter."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Instruction templates by task."""

    by_task: Mapping[str, tuple[str, ...]]
    sha256: str


@cache
def load_templates() -> Templates:
    """The templates that ship with datagen."""
    tables = tomllib.loads(files("datagen").joinpath("data/templates.toml").read_text())
    by_task = {task: tuple(text for group in table.values() for text in group) for task, table in tables.items()}
    digest = hashlib.sha256(json.dumps(by_task, sort_keys=True).encode()).hexdigest()
    return Templates(by_task, digest[:16])


def draft_rows(function: RawFunction, rank: int, seed: int, templates: Templates) -> Iterator[Example]:
    """Every row that a documented function gives; for repair as many as there are faults worth trying."""
    if not summary(function.docstring):
        return
    generator = random.Random(f"{seed}:{function.function_id}")
    if function.is_self_contained:
        # Only then the instruction determines what to write; all others use names that nobody could know.
        code = "\n".join([*function.imports, "", "", function.code]) if function.imports else function.code
        yield _row(TaskType.GENERATION, function, rank, templates, generator, asked_for(function), code)
    yield _row(TaskType.SUMMARIZATION, function, rank, templates, generator, function.code, summary(function.docstring))
    is_pure = function.language == "python" and function.is_self_contained
    at_most = _PROVABLE_FAULTS if is_pure or is_runnable(function) else 1
    for bug in plant_bugs(function.code, function.language, generator, at_most, visible_only=not is_pure):
        yield _row(TaskType.REPAIR, function, rank, templates, generator, bug.code, function.code, bug.bug_type.value)


def asked_for(function: RawFunction) -> str:
    """The head of the function with what its author says of it, examples included."""
    if function.language == "python":
        quote = "'''" if '"""' in function.docstring or function.docstring.endswith('"') else '"""'
        if "\n" not in function.docstring:
            documentation = f"    {quote}{function.docstring}{quote}"
        else:
            documentation = textwrap.indent(
                f"{quote}{function.docstring}\n{quote}", "    ", lambda line: bool(line.strip())
            )
        # A head of several lines keeps them.
        head = function.code[: function.code.find(function.signature) + len(function.signature)]
        return f"{head if function.signature in function.code else function.signature}\n{documentation}"
    lines = function.docstring.splitlines()
    if len(lines) < 2:
        return function.signature
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in lines), " */", function.signature])


def _row(
    task: TaskType,
    function: RawFunction,
    rank: int,
    templates: Templates,
    generator: random.Random,
    given: str,
    wanted: str,
    bug_type: str = "",
) -> Example:
    template = generator.choice(templates.by_task[task.value])
    words = {"language": LANGUAGES[function.language].title, "summary": summary(function.docstring)}
    return Example(
        task=task,
        instruction=template.format_map(words),
        input=given,
        output=wanted,
        language=function.language,
        function_id=function.function_id,
        function_name=function.name,
        origin=function.origin,
        teacher=RULES,
        wording=templates.sha256,
        core_rank=rank,
        bug_type=bug_type,
    )
