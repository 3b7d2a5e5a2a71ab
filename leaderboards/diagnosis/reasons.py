"""The sentences of a diagnosis: why a number may not be the published one."""

from collections.abc import Iterator

from harness.scoring.answer_counts import answer_remarks
from leaderboards.diagnosis.diagnosis import Diagnosis
from tasks.policy import ExtractionPolicy


def reasons(found: Diagnosis) -> Iterator[str]:
    """Sentences on why the number may not be the published one: those with a known effect first, by its size."""
    weighed = sorted(_weighed(found), key=lambda each: -each[0])
    yield from (sentence for _, sentence in weighed)
    # What follows may move the number by an amount that only another run can tell.
    if found.style_fits is False:
        yield f"Prompt: the model was trained with {found.training}; style {found.style!r} words it otherwise."
    if found.chat_template == "present" and not found.chat:
        yield f"Prompt: the model has a chat template, and style {found.style!r} does not use it."
    if found.chat_template == "absent" and found.chat:
        yield "Prompt: the style asks for a chat, and the model has no chat template."
    decodings = sorted({each.decoding for each in found.published if each.decoding != "unknown"})
    if decodings:
        yield f"Sampling: published with {', '.join(decodings)}; this run has {found.sampling}."
    if found.end_tokens or found.stop_strings:
        held = ", ".join(
            f"{string!r} in {count}" for string, count in {**found.end_tokens, **found.stop_strings}.items()
        )
        yield f"Stop strings stand in answers ({held}): the server went on behind them. What follows is not judged."
    if found.thought:
        yield f"Thinking stands in the text of {found.thought} answers. It is taken out; other harnesses may keep it."
    if not found.published:
        yield "Nothing that this release knows was published of this model on this task, by its name."


def _weighed(found: Diagnosis) -> Iterator[tuple[float, str]]:
    """What moves the number, with the share of 1 by which it may."""
    values = {each.policy: each.pass_at_1 for each in found.policies}
    if values:
        own, upstream = values[ExtractionPolicy(found.extraction)], values[ExtractionPolicy.UPSTREAM]
        spread = max(values.values()) - min(values.values())
        policies = ", ".join(f"{policy} {100 * value:.1f}" for policy, value in values.items())
        if found.extraction != ExtractionPolicy.UPSTREAM and abs(own - upstream) > 0:
            yield (
                abs(own - upstream),
                f"Extraction: in the same answers the benchmark's own harness finds code worth {100 * upstream:.1f} %, "
                f"policy {found.extraction} {100 * own:.1f} % ({100 * (own - upstream):+.1f} points).",
            )
        elif spread:
            yield spread, f"Extraction: pass@1 by policy is {policies}."
    counts = found.answers
    if counts:
        failed = sum(counts.failed.values())
        for sentence in answer_remarks(counts, found.max_tokens):
            yield failed / counts.total, f"Lost answers: {sentence}"
    if found.newer_features and found.samples:
        number = sum(found.newer_features.values())
        names = ", ".join(f"{name} in {count}" for name, count in found.newer_features.items())
        yield (
            number / found.samples,
            f"Language version: {number} of {found.samples} samples fail by features that the toolchain "
            f"({found.toolchain.partition(' [')[0] or 'unknown'}) lacks: {names}.",
        )
    if found.score and found.published:
        best = max(found.published, key=lambda each: each.value)
        inside = found.score.low <= best.value / 100 <= found.score.high
        if inside:
            yield (
                0.0,
                f"Chance: the 95 % interval of this run, {100 * found.score.low:.1f} to {100 * found.score.high:.1f}, "
                f"holds the published {best.value:.1f}; these problems cannot tell the two apart.",
            )
