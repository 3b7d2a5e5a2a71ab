"""What the answers of a run cost: tokens, and money where prices are known."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.files.json_lines import JsonLines


@dataclass(frozen=True, slots=True)
class Spending:
    """Sums over completions.jsonl, and so over every start of the run."""

    answers: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    """US dollars of the answers with a known price; None when there is none."""
    unpriced: int
    """Answers without a known price."""

    def __str__(self) -> str:
        tokens = f"{self.prompt_tokens:,} prompt and {self.completion_tokens:,} completion tokens"
        rest = f", and {self.unpriced} answers without a known price" if self.unpriced else ""
        return f"{self.answers} answers of {tokens}: {self.cost or 0:.4f} US dollars{rest}."


class _AnswerCost(msgspec.Struct):
    """The part of a line that says what it cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None


def read_spending(completions: Path) -> Spending:
    """Sums up one file of completions."""
    answers = prompt_tokens = completion_tokens = 0
    costs: list[float] = []
    for _, line in JsonLines(completions, _AnswerCost).read():
        answers += 1
        prompt_tokens += line.prompt_tokens
        completion_tokens += line.completion_tokens
        # None is unknown and counts for nothing; 0 was kept from before and is known.
        if line.cost is not None:
            costs.append(line.cost)
    total = round(sum(costs), 6) if costs else None
    return Spending(answers, prompt_tokens, completion_tokens, total, answers - len(costs))
