"""OpenAI's batch API: the output file, one request's answer per line."""

from collections.abc import Iterator
from typing import Any, cast

from harness.judging.foreign.sample import ForeignFileError, ForeignSample
from tasks.task import AnswerForm


def is_openai_batch(first: dict[str, Any]) -> bool:
    """Whether the first line of a file is one of these."""
    return {"custom_id", "response"} <= first.keys()


def openai_batch_samples(rows: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[ForeignSample]:
    """Every choice of every answer; `custom_id` names the problem, with `-0`, `-1`, ... behind it for several requests.

    Raises ForeignFileError for a request that failed.
    """
    for place, row in rows:
        response: Any = row.get("response")
        status = cast("dict[str, Any]", response).get("status_code") if isinstance(response, dict) else None
        if row.get("error") or status != 200:
            said = row.get("error") or (f"status {status}" if status else "no response")
            raise ForeignFileError(
                f"{place} ({row.get('custom_id')!r}) is of a request that failed ({said}): send it again, or remove it."
            )
        try:
            texts: list[str] = [
                choice["text"] if "text" in choice else choice["message"]["content"] or ""
                for choice in cast("list[dict[str, Any]]", response["body"]["choices"])
            ]
        except (KeyError, TypeError, IndexError):
            raise ForeignFileError(f"{place} holds no answer of the chat or completions endpoint: remove it.") from None
        for text in texts:
            yield ForeignSample(str(row["custom_id"]), text, AnswerForm.AUTO)
