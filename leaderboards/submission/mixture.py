"""Which runs belong into one submission: one model, one way of sampling, and no run twice."""

from collections.abc import Iterator, Sequence

from leaderboards.runs.folding import why_separate
from leaderboards.runs.record import RunRecord
from leaderboards.runs.settings import mismatches, settings_of

SHARED_TERMS = ("sampling", "max_tokens", "limits", "extraction")


def mixture(records: Sequence[RunRecord]) -> Iterator[tuple[int, str]]:
    """The place of each run that does not belong to those before it, and why: one sentence with its remedy."""
    for number, record in enumerate(records):
        if why := next(filter(None, (_against(earlier, record) for earlier in records[:number])), ""):
            yield number, why


def _against(first: RunRecord, second: RunRecord) -> str:
    both = f"{str(first.path)!r} and {str(second.path)!r}"
    if first.model != second.model:
        return (
            f"{str(first.path)!r} is of {first.model[:80]!r} and {str(second.path)!r} of {second.model[:80]!r}: "
            f"submit one model at a time."
        )
    if differing := [each for each in mismatches(settings_of(first), settings_of(second)) if each.term in SHARED_TERMS]:
        return f"{both} differ in {differing[0]}: submit runs made under the same settings."
    if first.task != second.task:
        return ""
    if first.config.seed == second.config.seed:
        return f"{both} are the same task and seed twice: submit one of them."
    if why := why_separate(first, second):
        return f"{both} do not count together, {why}: submit one of them."
    return ""
