"""The settings behind a score; scores under different settings are never compared silently."""

from collections.abc import Collection
from dataclasses import dataclass, fields

from leaderboards.runs.record import RunRecord
from sandbox.errors import WavebenchError
from tasks.errors import unknown
from tasks.policy import ExtractionPolicy

UNKNOWN = "unknown"
"""Samples made elsewhere do not say how they were drawn."""


class IncomparableError(WavebenchError):
    """Two runs were made under different settings."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Everything but the model that moves a score."""

    task: str
    version: str
    data: str
    """Fingerprint of the rows."""
    style: str
    """Name and hash of the prompt's wording."""
    sampling: str
    max_tokens: str
    limits: str
    """What the run set in place of the task's own limits."""
    extraction: str
    """The policy by which code was found in answers: robust, upstream, ..."""

    @property
    def column_policy(self) -> str:
        """The policy where it is not the usual one: scores under others stand in columns of their own."""
        return "" if self.extraction in (UNKNOWN, ExtractionPolicy.ROBUST) else self.extraction

    def names(self) -> tuple[str, ...]:
        return tuple(self.__slots__)


MAY_DIFFER = tuple(field.name for field in fields(RunSettings) if field.name != "task")
"""What --allow-different may name: scores of different tasks are never compared."""


@dataclass(frozen=True, slots=True)
class SettingsMismatch:
    """One setting that differs."""

    term: str
    """The setting's name; the JSON output calls it a term."""
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.term} ({self.first} and {self.second})"


def settings_of(record: RunRecord) -> RunSettings:
    """The settings of a run; those of samples made elsewhere are partly unknown."""
    config, task = record.config, record.task
    sampling = f"temperature {config.temperature:g}"
    if config.temperature > 0:
        sampling += f", top-p {config.top_p:g}" + (f", top-k {config.top_k}" if config.top_k else "")
    return RunSettings(
        task=task.name,
        version=task.version,
        data=task.fingerprint[:12],
        style=UNKNOWN if config.made_elsewhere else f"{task.style} {task.style_sha256[:8]}",
        sampling=UNKNOWN if config.made_elsewhere else sampling,
        max_tokens=UNKNOWN if config.made_elsewhere else str(config.max_tokens),
        limits=", ".join(f"{name} {value:g}" for name, value in config.limit_changes().items()) or "the task's own",
        extraction=UNKNOWN if config.extraction_used == "none" else config.extraction_used,
    )


def mismatches(first: RunSettings, second: RunSettings) -> list[SettingsMismatch]:
    """Every setting that both state and that differs."""
    pairs = [(name, getattr(first, name), getattr(second, name)) for name in first.names()]
    return [SettingsMismatch(name, one, two) for name, one, two in pairs if one != two and UNKNOWN not in (one, two)]


def unknown_settings(first: RunSettings, second: RunSettings) -> list[str]:
    """The settings that at least one side does not state."""
    return [name for name in first.names() if UNKNOWN in (getattr(first, name), getattr(second, name))]


def refuse_mismatches(first: RunRecord, second: RunRecord, allowed: Collection[str] = ()) -> list[SettingsMismatch]:
    """The mismatches that were allowed by name. Raises IncomparableError for the others.

    Raises TaskError where `allowed` names no setting that may differ.
    """
    for name in allowed:
        if name not in MAY_DIFFER:
            raise unknown("setting of --allow-different", name, MAY_DIFFER)
    found = mismatches(settings_of(first), settings_of(second))
    refused = [mismatch for mismatch in found if mismatch.term not in allowed]
    if any(mismatch.term == "task" for mismatch in refused):
        raise IncomparableError(
            f"{str(first.path)!r} and {str(second.path)!r} answer different tasks ({first.task.name} and "
            f"{second.task.name}): compare runs of one task."
        )
    if refused:
        names = ",".join(mismatch.term for mismatch in refused)
        raise IncomparableError(
            f"{str(first.path)!r} and {str(second.path)!r} differ in {', '.join(map(str, refused))}: compare runs made "
            f"with the same settings, or add --allow-different {names} to mark the difference instead."
        )
    return found
