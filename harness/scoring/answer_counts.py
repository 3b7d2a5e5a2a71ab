"""How many answers of a run are not what the model would have said: cut, empty, refused, beyond the context."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.completion import Loss, loss_of
from harness.files.json_lines import JsonLines
from harness.runs.verdict_log import VerdictSummary

MOVING_SHARE = 0.01
"""From this share of lost and failed samples on, a remark names the remedy: they may move the score by a point."""


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """Counts over the answers of a model, each turn by itself; every lost answer counts for one reason."""

    total: int
    refused: int
    beyond_context: int
    """Prompts that do not fit into the model's context."""
    thinking_only: int
    """Answers of reasoning alone, mostly cut before the text began."""
    cut: int
    """By the limit of new tokens or the end of the context."""
    empty: int
    with_reasoning: int
    """Answers, whole ones too, of which a server sent reasoning apart."""
    failed: Mapping[str, int]
    """By kind of loss: samples that were judged and did not pass, and might have without it."""

    @property
    def lost(self) -> int:
        return self.refused + self.beyond_context + self.thinking_only + self.cut + self.empty

    def count(self, loss: Loss) -> int:
        """How many answers were lost that way."""
        return getattr(self, loss.name.lower())


class _AnswerMark(msgspec.Struct):
    """The part of a line that says whether the answer is whole."""

    task_id: str
    sample: int
    turn: int = 0
    finish_reason: str = ""
    completion: str = ""
    completion_tokens: int = 0
    reasoning_content: str = ""


def count_answers(
    completions: Path, problems: set[str], marks: Mapping[tuple[str, int], VerdictSummary]
) -> AnswerCounts | None:
    """Counts the answers to `problems`; None where no line says how its answer ended, as of samples made elsewhere."""
    losses: Counter[Loss] = Counter()
    failed: Counter[str] = Counter()
    seen: set[tuple[str, int, int]] = set()
    total = reasoned = 0
    for _, line in JsonLines(completions, _AnswerMark).read():
        key = (line.task_id, line.sample, line.turn)
        # As in the run folder itself, the first of several lines with one key counts.
        if line.task_id not in problems or key in seen or not line.finish_reason:
            continue
        seen.add(key)
        total += 1
        reasoned += bool(line.reasoning_content)
        has_text, has_reasoning = bool(line.completion.strip()), bool(line.reasoning_content)
        if loss := loss_of(line.finish_reason, has_text, line.completion_tokens, has_reasoning):
            losses[loss] += 1
            # What is not judged yet has not failed.
            mark = marks.get((line.task_id, line.sample))
            failed[loss.value] += mark is not None and not mark.verdict.passes_upstream
    if not total:
        return None
    counts = {loss.name.lower(): losses[loss] for loss in Loss}
    return AnswerCounts(total=total, **counts, with_reasoning=reasoned, failed={**failed})


def answer_remarks(counts: AnswerCounts, max_tokens: int) -> Iterator[str]:
    """A sentence with the remedy for each kind of loss that can move the score."""
    remedies = {
        Loss.REFUSED: "refused by the model or a filter of its server: read some of them in the report",
        Loss.BEYOND_CONTEXT: "not asked for, since their prompts do not fit into the model's context: serve it with "
        "a longer one (vLLM: --max-model-len), or leave these problems out",
        Loss.THINKING_ONLY: "reasoning alone, without a text that could be judged: raise --max-tokens, or ask for less "
        "thinking (--set request.add.reasoning_effort=low), with another --out",
        Loss.CUT: f"cut off, mostly by max_tokens = {max_tokens}: raise --max-tokens, with another --out",
        Loss.EMPTY: "empty, without a reason given: ask in the --style that the model was trained in; of a server, "
        "look at its log and try `wavebench serve-check`",
    }
    for loss, remedy in remedies.items():
        failed = counts.failed.get(loss.value, 0)
        if failed and failed >= MOVING_SHARE * counts.total:
            yield f"{counts.count(loss)} of {counts.total} answers ({failed} of them failed) are {remedy}."
