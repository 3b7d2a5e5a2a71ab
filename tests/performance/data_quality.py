"""How good the rows of a data set are, as far as a script can tell; and rows drawn by a seed, to be read.

python tests/performance/data_quality.py FOLDER                      FOLDER/dataset of `wavebench datagen run`
python tests/performance/data_quality.py FOLDER --draw 100 --seed 7  the rows to read, after the figures

self-contained  the output uses no name that nobody could know from the row alone
proven          running showed that the row is right; of repairs of functions that stand alone
agreement       words of the description that the code holds, mean share
duplicates      rows whose output is a near-duplicate of an earlier row's of the same task
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from datagen.code.duplicates import Drops, DuplicatesConfig, drop_duplicates
from datagen.code.names import module_imports, other_names, python_names
from datagen.output.published_row import PublishedRow
from datagen.rows.content_store import read_rows
from datagen.rows.example import Fact, TaskType
from datagen.rows.raw_function import Origin, RawFunction
from datagen.teachers.rules_discriminator import word_stems


def is_self_contained(code: str, language: str) -> bool:
    names = python_names(code, module_imports(code)) if language == "python" else other_names(code, language)
    return (
        not names.unknown
        and not code.lstrip().startswith(("def __", "@property"))
        and "(self" not in code
        and "(cls" not in code
    )


def share(found: Sequence[bool]) -> str:
    return f"{100 * fmean(found):5.1f} % of {len(found):,}" if found else "none"


def agreement(row: PublishedRow) -> float:
    is_summary = row.task == TaskType.SUMMARIZATION.value
    said = word_stems(row.output if is_summary else row.instruction.split(":", 1)[-1])
    code = word_stems(row.input if is_summary else row.output)
    return len(said & code) / len(said) if said else 0.0


def figures(rows: Sequence[PublishedRow]) -> Iterator[str]:
    yield f"rows            {len(rows):,}: " + ", ".join(
        f"{task} {n:,}" for task, n in Counter(r.task for r in rows).items()
    )
    yield "languages       " + ", ".join(f"{name} {n:,}" for name, n in Counter(r.language for r in rows).most_common())
    made = [row for row in rows if row.task == TaskType.GENERATION.value]
    yield f"self-contained  {share([is_self_contained(row.output, row.language) for row in made])} generation rows"
    repairs = [row for row in rows if row.task == TaskType.REPAIR.value]
    pure = [row for row in repairs if row.language == "python" and is_self_contained(row.output, row.language)]
    facts = [row.execution == Fact.PROVEN.value for row in pure]
    yield f"proven          {share(facts)} repairs of lone Python functions"
    yield f"                {share([row.execution == Fact.PROVEN.value for row in repairs])} repairs"
    for task in TaskType:
        some = [agreement(row) for row in rows if row.task == task.value]
        if some:
            yield f"agreement       {fmean(some):.2f} {task.value}"
    for task in TaskType:
        functions = [
            RawFunction(row.id, row.language, row.function_name, row.output, "", "", Origin(row.source, row.path))
            for row in rows
            if row.task == task.value
        ]
        drops = Drops()
        kept = sum(1 for _ in drop_duplicates(functions, DuplicatesConfig(), drops))
        if functions:
            yield f"duplicates      {100 * (1 - kept / len(functions)):.1f} % of {len(functions):,} {task.value}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draw", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    rows = list(read_rows(arguments.folder / "dataset" / "data.jsonl", PublishedRow))
    for line in figures(rows):
        print(line)
    drawn = random.Random(arguments.seed).sample(rows, min(arguments.draw, len(rows)))
    for number, row in enumerate(drawn, start=1):
        print(f"\n===== {number} {row.task} {row.language} {row.function_name} {row.execution}")
        print(f"{row.instruction}\n--- input\n{row.input}\n--- output\n{row.output}")
        if row.tests:
            print(f"--- tests\n{row.tests}")


if __name__ == "__main__":
    main()
