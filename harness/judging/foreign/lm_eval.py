"""lm-evaluation-harness: samples_TASK_DATE.jsonl, as `--log_samples` writes it."""

from collections.abc import Iterator
from typing import Any, cast

from harness.judging.foreign.sample import ForeignFileError, ForeignSample
from tasks.task import AnswerForm


def is_lm_eval(first: dict[str, Any]) -> bool:
    """Whether the first line of a file is one of these."""
    return {"doc_id", "doc", "filtered_resps", "resps"} <= first.keys()


def lm_eval_samples(rows: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[ForeignSample]:
    """The filtered responses: what lm-eval itself ran. Of a task with several filters, those of the first.

    `rows` are lines with what names them in a sentence. Raises ForeignFileError.
    """
    wanted: object = None
    for place, row in rows:
        wanted = row.get("filter") if wanted is None else wanted
        if row.get("filter") != wanted:
            continue
        document = row.get("doc")
        task_id: Any = cast("dict[str, Any]", document).get("task_id") if isinstance(document, dict) else None
        if not isinstance(task_id, str | int):
            raise ForeignFileError(
                f"{place} does not say which problem it answers (no task_id in its 'doc'): judge samples of lm-eval's "
                f"humaneval or mbpp tasks."
            )
        for text in _texts(row.get("filtered_resps")):
            yield ForeignSample(task_id, text, AnswerForm.PROGRAM)


def _texts(found: object) -> Iterator[str]:
    """Filters leave a text, a list of texts, or a list of such lists."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        for each in cast("list[object]", found):
            yield from _texts(each)
