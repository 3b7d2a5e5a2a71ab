"""A diagnosis as one page for the terminal, and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from tabulate import tabulate

from harness.completion import Loss
from leaderboards.diagnosis.diagnosis import Diagnosis
from leaderboards.diagnosis.reasons import reasons

NAMED = 20
"""How many disputed answers are listed; --json has all."""


def diagnosis_json(found: Diagnosis) -> dict[str, Any]:
    """All fields, and the reasons in words."""
    return {**asdict(found), "reasons": list(reasons(found))}


def diagnosis_text(found: Diagnosis) -> str:
    """Why my number is not the published one, on one page."""
    lines = [f"{found.model} on {found.task} {found.version}, style {found.style}, extraction {found.extraction}"]
    if found.score:
        low, high = 100 * found.score.low, 100 * found.score.high
        interval = f"95 % interval {low:.1f} to {high:.1f}"
        lines.append(f"pass@1 {100 * found.score.value:.1f} % ({interval}), {found.sampling}")
    for each in found.published:
        variant = f", {each.variant}" if each.variant else ""
        how = f"{each.metric}, decoding {each.decoding}{variant}"
        lines.append(f"published: {each.model} {each.value:.1f} ({how}; {each.source})")
    lines.append("\nWhy the number may not be the published one")
    lines += [f"- {sentence}" for sentence in reasons(found)]
    if found.policies:
        lines.append("\nThe same answers under each extraction policy")
        rows = [[str(each.policy), f"{100 * each.pass_at_1:.1f}", each.passed, each.samples] for each in found.policies]
        lines.append(tabulate(rows, ["policy", "pass@1 %", "passed", "samples"], disable_numparse=True))
        lines.append(f"\nAnswers on which the policy decides: {len(found.disputed)}")
        if found.disputed:
            policies = [each.policy for each in found.policies]
            rows = [
                [f"{each.task_id} #{each.sample}", *(str(each.verdicts.get(policy, "")) for policy in policies)]
                for each in found.disputed[:NAMED]
            ]
            lines.append(tabulate(rows, ["sample", *map(str, policies)]))
            first = found.disputed[0]
            lines.append(f"See one with: wavebench explain {found.run} {first.task_id} {first.sample}")
        if (more := len(found.disputed) - NAMED) > 0:
            lines.append(f"... and {more} more, see --json")
    elif found.extraction == "none":
        lines.append("\nThe texts run as they are (no code is searched for in them): extraction plays no part.")
    else:
        lines.append(f"\nThe task {found.task} finds code by its own rules alone: there is no other policy to try.")
    lines.append("\nFacts")
    lines += [f"- {name}: {value}" for name, value in _facts(found)]
    return "\n".join(lines)


def _facts(found: Diagnosis) -> Iterator[tuple[str, object]]:
    if found.answers:
        lost = [f"{count} {loss}" for loss in Loss if (count := found.answers.count(loss))]
        yield "lost answers", f"{', '.join(lost) or 'none'} of {found.answers.total}"
    yield "answers with thinking in their text", found.thought
    met = {**found.stop_strings, **found.end_tokens}
    yield "stop strings and end tokens met", ", ".join(f"{key!r} in {count}" for key, count in met.items()) or "none"
    yield "chat template", found.chat_template + (", used" if found.chat and found.chat_template == "present" else "")
    fits = {True: "fits", False: "does not fit", None: "unknown"}[found.style_fits]
    yield "prompt style against training", f"{fits}{f' (trained with {found.training})' if found.training else ''}"
    yield "not compiled", f"{found.not_compiled} of {found.samples}, by {found.toolchain or 'an unknown toolchain'}"
    newer = ", ".join(f"{name} in {count}" for name, count in found.newer_features.items())
    yield "features newer than the toolchain", newer or "none"
