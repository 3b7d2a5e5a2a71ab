"""Every sample of a row as lines of Every Eval Ever's instance schema, version 0.3.0."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.runs.run import Run
from harness.runs.verdict_log import VerdictRecord
from leaderboards.runs.publishing import open_published
from leaderboards.runs.row import ModelRow
from tasks.task import Problem
from tasks.verdict import Verdict


def sample_lines(row: ModelRow, data: Path | None = None) -> Iterator[dict[str, Any]]:
    """One line per judged sample, one in memory at a time, without the fields that join it to a record.

    `data` is where the benchmarks' rows lie.
    """
    for record in row.runs:
        with open_published(record, data) as run:
            problems = {problem.task_id: problem for problem in run.problems}
            for _, judged in run.folder.verdicts.read():
                if judged.verdict is not Verdict.NOT_JUDGED:
                    yield _sample_line(run, problems[judged.task_id], judged)


def _sample_line(run: Run, problem: Problem, judged: VerdictRecord) -> dict[str, Any]:
    turns = run.folder.completions.turns((judged.task_id, judged.sample))
    answers = [turn.completion for turn in turns]
    extraction = run.task.extract(problem, answers, run.config.form_of(turns))
    asked = [
        prompt.as_text if (prompt := run.task.prompt(problem, answers[:turn])) else "" for turn in range(len(turns))
    ]
    reference = run.task.reference(problem)
    single = len(turns) == 1
    attribution = {
        "turn_idx": 0 if single else 2 * len(turns) - 1,
        "source": "output.raw" if single else f"messages[{2 * len(turns) - 1}].content",
        "extracted_value": extraction.code,
        "extraction_method": extraction.rule or "none",
        "is_terminal": True,
    }
    line: dict[str, Any] = {
        "sample_id": judged.task_id,
        "sample_hash": hashlib.sha256((asked[0] + reference).encode("utf-8", "surrogatepass")).hexdigest(),
        "interaction_type": "single_turn" if single else "multi_turn",
        "input": {"raw": asked[0], "reference": [reference]},
        "output": {"raw": answers} if single else None,
        "messages": None,
        "answer_attribution": [attribution],
        # A forged pass is a failure here, as in ranks: nobody who reads these lines sees the mark beside them.
        "evaluation": {
            "score": float(judged.verdict is Verdict.PASSED),
            "is_correct": judged.verdict is Verdict.PASSED,
            **({} if single else {"num_turns": 2 * len(turns)}),
        },
        "error": None if judged.verdict is Verdict.PASSED else f"{judged.verdict}: {judged.detail}"[:1000].rstrip(": "),
        "metadata": {
            "sample": str(judged.sample),
            "verdict": str(judged.verdict),
            **({} if judged.confirmed is None else {"confirmed": str(judged.confirmed).lower()}),
            "finish_reason": turns[-1].finish_reason or "unknown",
            "program_sha256": judged.program_sha256,
        },
    }
    if not single:
        line["messages"] = [
            {"turn_idx": 2 * turn + side, "role": role, "content": text}
            for turn, pair in enumerate(zip(asked, answers, strict=True))
            for side, (role, text) in enumerate(zip(("user", "assistant"), pair, strict=True))
        ]
    if not run.config.made_elsewhere:
        read, written = sum(turn.prompt_tokens for turn in turns), sum(turn.completion_tokens for turn in turns)
        line["token_usage"] = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
        line["performance"] = {"latency_ms": 1000 * sum(turn.seconds for turn in turns)}
    return line
