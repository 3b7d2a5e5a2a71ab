"""TRL's call of a reward function: completions, and the data set's columns as lists of equal length."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from tasks.verdict import Verdict
from wavebench.rewards.grade import Row

Completion = str | Sequence[Mapping[str, Any]]
"""A text, or the messages of a chat, of which the last one counts."""


def answer_texts(completions: Sequence[Completion]) -> list[str]:
    """What the model said in each completion."""
    answers: list[str] = []
    for completion in completions:
        said = completion
        if not isinstance(said, str):
            said = said[-1].get("content") if said else ""
        answers.append(said if isinstance(said, str) else "")
    return answers


def rows_of_columns(columns: Mapping[str, Any], count: int) -> list[Row]:
    """One row for each completion. Trainers pass settings of their own beside the columns, which are left out."""
    named: dict[str, Sequence[Any]] = {
        name: column
        for name, column in columns.items()
        if isinstance(column, Sequence) and not isinstance(column, str) and len(cast(Sequence[Any], column)) == count
    }
    return [{name: named[name][place] for name in named} for place in range(count)]


def tell_trainer(columns: Mapping[str, Any], verdicts: Sequence[str], judged: Sequence[bool]) -> None:
    """Where TRL offers them, `log_extra` gets each verdict, and `log_metric` the shares not judged and forged."""
    if callable(log_extra := columns.get("log_extra")):
        log_extra("verdict", list(verdicts))
    if callable(log_metric := columns.get("log_metric")) and verdicts:
        log_metric("not_judged", judged.count(False) / len(judged))
        log_metric("forged", verdicts.count(Verdict.FORGED) / len(verdicts))
