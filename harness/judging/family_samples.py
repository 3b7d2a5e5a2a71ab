"""One file of samples for a family of tasks, such as HumanEvalPack's six languages."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from harness.files.atomic_write import write_whole
from harness.judging.external_samples import Layout, SamplesError, SamplesFile, open_samples


def samples_by_task(
    file: SamplesFile, problems: Mapping[str, Collection[str]], folder: Path
) -> Mapping[str, SamplesFile]:
    """The file that each task judges; `problems` are the ids of each task's problems.

    Tasks with the same ids, such as translations into one language, all judge the whole file. Where ids tell the tasks
    apart, those with rows get them in a file of their own in `folder`. Raises SamplesError where they do not.
    """
    if len({frozenset(ids) for ids in problems.values()}) == 1:
        return dict.fromkeys(problems, file)
    examples = " or ".join(repr(next(iter(ids), "")) for ids in list(problems.values())[:2])
    if file.layout is Layout.BIGCODE:
        raise SamplesError(
            f"{str(file.path)!r} has lists without ids, which are those of one task: name that task, not its family."
        )
    owners = {task_id: task for task, ids in problems.items() for task_id in ids}
    rows: dict[str, list[str]] = {}
    for place, row in file.rows():
        owner = owners.get(str(row.task_id))
        if owner is None:
            raise SamplesError(
                f"{place}: the id {row.task_id!r} does not say which task of the family it answers: write ids such as "
                f"{examples}, or name one task."
            )
        # as ASCII, since texts may hold half characters
        rows.setdefault(owner, []).append(json.dumps(msgspec.to_builtins(row)) + "\n")
    folder.mkdir(parents=True, exist_ok=True)
    files = {task: folder / f"{task}.samples.jsonl" for task in problems if task in rows}
    for task, path in files.items():
        write_whole(path, rows[task])
    return {task: open_samples(path.resolve()) for task, path in files.items()}
