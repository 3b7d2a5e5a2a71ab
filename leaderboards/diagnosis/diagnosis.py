"""Puts together all that may stand between a run's number and the published one."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.judging.explanation import feature_missing
from harness.runs.run import Run
from harness.runs.verdict_log import VerdictRecord, VerdictSummary, read_summaries
from harness.scoring.answer_counts import AnswerCounts, count_answers
from harness.scoring.score import ScoreError, compute_score
from harness.statistics.intervals import Interval
from leaderboards.diagnosis.policies import (
    DisputedAnswer,
    Key,
    PolicyScore,
    disputed_answers,
    has_policies,
    judge_by_policy,
    policy_score,
)
from leaderboards.diagnosis.training import family_of
from leaderboards.export.published import PublishedScore, published_for
from leaderboards.runs.problems import by_number
from sandbox.errors import WavebenchError
from tasks.extraction.normalise import END_TOKENS
from tasks.extraction.thinking import without_thinking
from tasks.task import Problem
from tasks.verdict import Verdict

_NO_TEMPLATE = hashlib.sha256(b"None").hexdigest()
"""What back ends note of a tokenizer without a chat template."""


class UndiagnosedError(WavebenchError):
    """A run without answers."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One run beside what is published of its model."""

    run: str
    model: str
    task: str
    version: str
    style: str
    extraction: str
    """The policy of the run itself."""
    sampling: str
    max_tokens: int
    score: Interval | None
    """pass@1 of the run as it was judged; None where no sample is judged."""
    policies: Sequence[PolicyScore]
    """One for each policy; empty where the texts run as they are."""
    disputed: Sequence[DisputedAnswer]
    """Samples on which the policy decides, in the task's order."""
    answers: AnswerCounts | None
    """Cut, empty and thinking-only answers; None for samples made elsewhere, which do not say."""
    thought: int
    """Answers with thinking in their text, which is taken out."""
    stop_strings: Mapping[str, int]
    """By stop string of the style: answers in which it stands although a server should have ended there."""
    end_tokens: Mapping[str, int]
    """By end token: answers that hold it as text, so that the server was not told of it."""
    chat: bool
    """Whether the style asks for a chat."""
    chat_template: str
    """present, absent or unknown."""
    training: str
    """How the model was trained to be asked; empty where its name does not tell."""
    style_fits: bool | None
    """Whether the prompt style is one of those; None where that is unknown."""
    samples: int
    """Those that the next fields are counted in."""
    not_compiled: int
    newer_features: Mapping[str, int]
    """By language feature that the toolchain lacks: samples that failed by it."""
    toolchain: str
    published: Sequence[PublishedScore]
    """What others print for this model and task."""


def diagnose(run: Run) -> Diagnosis:
    """Judges the answers under every policy and reads the rest from the run folder. Raises UndiagnosedError."""
    problems = {problem.task_id: problem for problem in run.problems}
    keys = [key for key in run.folder.completions.samples() if key[0] in problems]
    if not keys:
        raise UndiagnosedError(f"{str(run.folder.path)!r} holds no answers to its problems: ask or judge first.")
    found = judge_by_policy(run) if has_policies(run) else {}
    policies = [policy_score(policy, records) for policy, records in found.items()]
    summaries = read_summaries(run.folder.verdicts.path)
    texts = [turns[-1].completion if (turns := run.folder.completions.turns(key)) else "" for key in keys]
    prompt = run.task.prompt(run.problems[0], ())
    stops = prompt.stop if prompt else ()
    manifest = run.folder.manifest()
    model: dict[str, Any] = manifest.get("model") or {}
    judging: dict[str, Any] = manifest.get("judging") or {}
    template = str(model.get("chat_template_sha256", ""))
    answered = set(keys)
    own = found.get(run.config.extraction) or {
        key: record for _, record in run.folder.verdicts.read() if (key := (record.task_id, record.sample)) in answered
    }
    features = Counter(filter(None, (_feature(run, problems[key[0]], record) for key, record in own.items())))
    family = family_of(run.config.model)
    language = run.problems[0].language
    return Diagnosis(
        run=str(run.folder.path),
        model=run.config.model,
        task=run.task.name,
        version=run.task_version,
        style=run.task.style,
        extraction=run.config.extraction_used,
        sampling="an unknown sampling, made elsewhere"
        if run.config.made_elsewhere
        else f"{run.config.samples} samples per problem at temperature {run.config.temperature:g}",
        max_tokens=run.config.max_tokens,
        score=_score(run, summaries),
        policies=policies,
        disputed=disputed_answers(found, by_number) if found else (),
        answers=count_answers(run.folder.completions.path, set(problems), summaries),
        thought=sum(without_thinking(text) != text for text in texts),
        stop_strings=_counts(texts, stops),
        end_tokens=_counts(texts, [token for token in END_TOKENS if token not in stops]),
        chat=bool(prompt and prompt.messages),
        chat_template={"": "unknown", _NO_TEMPLATE: "absent"}.get(template, "present"),
        training=family.training if family else "",
        style_fits=run.task.style in family.styles if family else None,
        samples=len(own),
        not_compiled=sum(record.verdict is Verdict.NOT_COMPILED for record in own.values()),
        newer_features=dict(features.most_common()),
        toolchain=str(judging.get(f"toolchain {language}", "")),
        published=published_of(run.config.model, run.task.name),
    )


def _score(run: Run, marks: Mapping[Key, VerdictSummary]) -> Interval | None:
    try:
        return compute_score(run, marks).pass_rates.get(1)
    except ScoreError:
        return None


def published_of(model: str, task: str) -> list[PublishedScore]:
    """The scores that others print for a model, by its name without owner, version and punctuation."""
    name = _plain(model.rpartition(":")[2].rstrip("/").rpartition("/")[2])
    return [score for score in published_for(task) if _plain(score.model) and _plain(score.model) in name]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _counts(texts: Sequence[str], strings: Sequence[str]) -> dict[str, int]:
    counts = {string: sum(string in text for text in texts) for string in strings}
    return {string: count for string, count in counts.items() if count}


def _feature(run: Run, problem: Problem, record: VerdictRecord) -> str:
    if record.verdict not in (Verdict.NOT_COMPILED, Verdict.ERROR):
        return ""
    turns = run.folder.completions.turns((record.task_id, record.sample))
    code = run.task.extract(problem, [turn.completion for turn in turns], run.config.form_of(turns)).code
    return feature_missing(record, problem.language, code)
