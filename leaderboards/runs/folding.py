"""Which runs of one model may be pooled: only independent draws from the same weights add evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.completion import Completion
from harness.files.json_lines import JsonLines
from harness.runs.config import ASKING_FIELDS
from harness.runs.run_folder import RunFolder
from harness.runs.verdict_log import read_summaries
from leaderboards.runs.names import digest
from leaderboards.runs.record import RunRecord
from leaderboards.runs.settings import mismatches, settings_of

_MAY_DIFFER = frozenset({"seed", "samples", "samples_file"})
_WEIGHTS = ("kind", "weights", "adapter", "sha256", "dtype", "base_url")
"""Fields of a manifest's model section that identify the weights, as far as the back end knows them."""


@dataclass(frozen=True, slots=True)
class Content:
    """Hashes of what a run holds, independent of its seed and date."""

    answers: str
    """Hash of all answers; their order and the numbers of the samples do not count."""
    verdicts: str


@dataclass(frozen=True, slots=True)
class RunGroups:
    """Runs of one model on one task with one set of settings, in groups that may be pooled."""

    groups: tuple[tuple[RunRecord, ...], ...]
    remarks: tuple[str, ...]
    """Why a run counts once, or is not pooled; one sentence each."""


def group_runs(records: Sequence[RunRecord]) -> RunGroups:
    """Groups runs of one model with the same settings. A copy is left out; what may not be pooled opens a group."""
    groups: list[list[RunRecord]] = []
    remarks: list[str] = []
    contents = {record.path: content_of(record) for record in records} if len(records) > 1 else {}
    for number, record in enumerate(records):
        copied = [each for each in records[:number] if contents[each.path] == contents[record.path]]
        if copied:
            remarks.append(f"{str(record.path)!r} is a copy of {str(copied[0].path)!r} and counts once.")
            continue
        reasons = [
            next(filter(None, (_why_separate(each, record, contents) for each in group)), "") for group in groups
        ]
        if "" in reasons:
            groups[reasons.index("")].append(record)
            continue
        groups.append([record])
        if reasons:
            remarks.append(
                f"{str(groups[0][0].path)!r} and {str(record.path)!r} are both of {record.model!r} on "
                f"{record.task.name} and are listed separately: {reasons[0]}."
            )
    return RunGroups(tuple(map(tuple, groups)), tuple(remarks))


def why_separate(first: RunRecord, second: RunRecord) -> str:
    """Why the samples of two runs of one model may not be added up; empty when they may."""
    return _why_separate(first, second, {record.path: content_of(record) for record in (first, second)})


def weights_of(record: RunRecord) -> str:
    """The hashes of a run's weights and adapter; empty where its manifest does not say them."""
    model = record.section("model")
    return " ".join(str(model[name]) for name in ("weights", "adapter") if model.get(name))


def content_of(record: RunRecord) -> Content:
    """Reads the whole run once."""
    folder = RunFolder(record.path, writable=False)
    answers: dict[tuple[str, int], list[str]] = {}
    for _, line in JsonLines(folder.completions.path, Completion).read():
        turns = answers.setdefault((line.task_id, line.sample), [])
        if line.turn == len(turns):
            turns.append(digest(line.completion))
    marks = read_summaries(folder.verdicts.path)
    texts = {key: " ".join((key[0], *turns)) for key, turns in answers.items()}
    verdicts = [f"{texts.get(key, key[0])} {mark.verdict} {mark.confirmed}" for key, mark in marks.items()]
    return Content(digest("\n".join(sorted(texts.values()))), digest("\n".join(sorted(verdicts))))


def _why_separate(first: RunRecord, second: RunRecord, contents: Mapping[Path, Content]) -> str:
    if contents[first.path].answers == contents[second.path].answers:
        return "they hold the same answers"
    if differing := mismatches(settings_of(first), settings_of(second)):
        return f"they differ in {differing[0]}"
    if first.config.made_elsewhere or second.config.made_elsewhere:
        return "samples made elsewhere do not say which weights and seeds they come from"
    if name := first.config.difference(second.config, ASKING_FIELDS - _MAY_DIFFER):
        return f"they differ in {name} ({getattr(first.config, name)!r} and {getattr(second.config, name)!r})"
    models = first.section("model"), second.section("model")
    if name := next((name for name in _WEIGHTS if models[0].get(name) != models[1].get(name)), ""):
        return f"their models differ in {name} ({models[0].get(name)!r} and {models[1].get(name)!r})"
    if not any(models[0].get(name) for name in _WEIGHTS):
        return "their manifests do not say which weights answered"
    if first.config.temperature == 0:
        return "greedy answers are no new draws, whatever the seed"
    return f"both have seed {first.config.seed}" if first.config.seed == second.config.seed else ""
