"""Compares two runs of one model row by row: where their answers differ, and why."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.completion import Completion
from harness.models.hf.stopping import StopRule
from harness.runs.run import Run
from harness.runs.verdict_log import read_summaries
from tasks.prompt import Prompt

NEAR_TIE = 0.01
"""Nats between two tokens below which rounding alone may have chosen; float32 adds up far less differently, bfloat16
may add up more."""
DRAWING_SETTINGS = ("temperature", "top_p", "top_k", "seed")
"""Settings of a run that decide which token is drawn."""
COMPUTING_FACTS = ("weights", "adapter", "dtype", "chat_template_sha256")
"""Facts of a back end that decide what it computes, where it knows them."""
_SHOWN = 24


class Reason(StrEnum):
    """Why two answers to one sample are the same or not. The first that holds counts."""

    SAME = "same text"
    """Character by character."""
    MISSING = "not in both runs"
    """One of them has no such row."""
    PROMPT = "another prompt"
    """The words asked differ: style, task version or an earlier turn."""
    TEMPLATE = "another template"
    """The same words became another number of prompt tokens."""
    STOP = "another end"
    """One goes on where the other was stopped: at a stop string, or once the block that was asked for had closed."""
    LENGTH = "another token limit"
    """One goes on where the other had used up its tokens."""
    SPACE = "white space"
    """Only at their ends."""
    TIE = "near tie"
    """The model holds the two next tokens for equally likely: rounding chose."""
    TOKEN = "another token"
    """They part at a token; the weights, to be asked with --model, say whether that was a near tie."""
    SETTING = "another setting"
    """They part at a token, and the runs differ in a setting that moves tokens, such as the dtype."""
    UNEXPLAINED = "unexplained"
    """They part at a token, and by the weights it was no near tie."""


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One answer of each run."""

    task_id: str
    sample: int
    turn: int
    reason: Reason
    detail: str = ""
    place: int = 0
    """Character at which they part."""


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """Two answers to one prompt that part at a token."""

    prompt: Prompt
    one: str
    other: str


Margin = Callable[[AnswerPair], float]
"""How many nats lie between the two next tokens where a pair parts, by the weights."""


def compare_rows(one: Run, other: Run, margin: Margin | None = None) -> Iterator[DiffRow]:
    """Every row of either run, in the order of the first."""
    logs = one.folder.completions, other.folder.completions
    settings = "; ".join(differing_settings(one, other))
    problems = {problem.task_id: problem for problem in one.problems}
    # A dict keeps the first order and drops doubles.
    for key in dict.fromkeys((*logs[0].samples(), *logs[1].samples())):
        turns = [log.turns(key) for log in logs]
        for turn in range(max(map(len, turns))):
            if key[0] not in problems or any(turn >= len(answers) for answers in turns):
                yield DiffRow(*key, turn, Reason.MISSING)
                continue
            prompt = one.task.prompt(problems[key[0]], [answer.completion for answer in turns[0][:turn]])
            assert prompt
            reason, detail, place = _judge(turns[0][turn], turns[1][turn], prompt, margin)
            if settings and reason in (Reason.TOKEN, Reason.UNEXPLAINED):
                reason, detail = Reason.SETTING, f"{settings}; {detail}"
            yield DiffRow(*key, turn, reason, detail, place)


def differing_settings(one: Run, other: Run) -> list[str]:
    """What both runs say of how tokens are drawn and computed, where they do not say the same."""
    found: list[str] = []
    greedy = one.config.temperature == other.config.temperature == 0
    for name in DRAWING_SETTINGS[:1] if greedy else DRAWING_SETTINGS:  # nothing is drawn at temperature 0
        first, second = getattr(one.config, name), getattr(other.config, name)
        found += [f"{name} {first} | {second}"] if first != second else []
    facts = [run.folder.manifest().get("model", {}) for run in (one, other)]
    for name in COMPUTING_FACTS:
        first, second = (str(each.get(name, "")) for each in facts)
        found += [f"{name} {first} | {second}"] if first and second and first != second else []
    return found


def rows_text(rows: Sequence[DiffRow], one: Run, other: Run) -> str:
    """Every row that differs, the counts by reason, and what that made of the verdicts."""
    lines = [
        f"{row.task_id} sample {row.sample}{f' turn {row.turn}' if row.turn else ''}  "
        f"{row.reason}{f': {row.detail}' if row.detail else ''}"
        for row in rows
        if row.reason is not Reason.SAME
    ]
    counts = Counter(row.reason for row in rows)
    words = [f"{counts[reason]} {reason}" for reason in Reason if counts[reason]]
    differing = differing_settings(one, other)
    lines += [f"The runs differ in their settings: {'; '.join(differing)}."] if differing else []
    lines.append(f"{len(rows)} rows: {', '.join(words) or 'none'}.")
    first, second = (read_summaries(run.folder.verdicts.path) for run in (one, other))
    if first and second:
        changed = [
            f"{key[0]} sample {key[1]}: {first[key].verdict} | {second[key].verdict} ({reason})"
            for key, reason in {(row.task_id, row.sample): row.reason for row in rows}.items()
            if key in first and key in second and first[key].verdict is not second[key].verdict
        ]
        passed = [sum(mark.verdict.passes_upstream for mark in marks.values()) for marks in (first, second)]
        lines.append(
            f"Passed: {passed[0]} of {len(first)} | {passed[1]} of {len(second)}; {len(changed)} verdicts differ."
        )
        lines += changed
    return "\n".join(lines)


def _judge(one: Completion, other: Completion, prompt: Prompt, margin: Margin | None) -> tuple[Reason, str, int]:
    if one.prompt_sha256 != other.prompt_sha256:
        return Reason.PROMPT, "", 0
    if one.completion == other.completion:
        return Reason.SAME, "", 0
    if one.prompt_tokens and other.prompt_tokens and one.prompt_tokens != other.prompt_tokens:
        return Reason.TEMPLATE, f"{one.prompt_tokens} and {other.prompt_tokens} prompt tokens", 0
    place = parting(one.completion, other.completion)
    detail = f"at character {place}, {_around(one.completion, place)} | {_around(other.completion, place)}"
    shorter, longer = sorted((one, other), key=lambda answer: len(answer.completion))
    if one.completion.strip() == other.completion.strip():
        return Reason.SPACE, detail, place
    rule, parts_at = StopRule(prompt), parting(shorter.completion, longer.completion)
    # The one may keep a stop string, or the rest of its last token, that the other leaves out.
    is_cut = parts_at == len(shorter.completion) or rule.ends(longer.completion[: parts_at + 1])
    if is_cut or rule.ends(shorter.completion[:parts_at]):
        limit = shorter.finish_reason == "length"
        return (Reason.LENGTH if limit else Reason.STOP), _end(shorter, longer, prompt), place
    if margin is None:
        return Reason.TOKEN, detail, place
    nats = margin(AnswerPair(prompt, one.completion, other.completion))
    return (Reason.TIE if nats < NEAR_TIE else Reason.UNEXPLAINED), f"{nats:.2g} nats apart {detail}", place


def parting(one: str, other: str) -> int:
    """The first character that differs."""
    shared = (place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    return next(shared, min(len(one), len(other)))


def _end(shorter: Completion, longer: Completion, prompt: Prompt) -> str:
    more = len(longer.completion) - len(shorter.completion)
    place = parting(shorter.completion, longer.completion)
    said = next((stop for stop in prompt.stop if stop and longer.completion.startswith(stop, place)), "")
    if StopRule(prompt).ends(shorter.completion[:place]) and not said:
        where = "once its block had closed"
    else:
        where = f"before the stop string {said!r}" if said else f"by {shorter.finish_reason!r}"
    return f"ended at character {place} {where}, the other {more} characters later by {longer.finish_reason!r}"


def _around(text: str, place: int) -> str:
    return repr(text[max(0, place - 8) : place + _SHOWN])
