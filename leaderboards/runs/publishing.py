"""Which runs may be published: one rule for `submit`, `verify`, `leaderboard hub` and `leaderboard eval-ever`."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.runs.config import Judging, RunConfig
from harness.runs.run import Run, load_task
from harness.runs.run_folder import RunFolder
from harness.scoring.confirmations import Confirming, confirming
from leaderboards.runs.record import RunRecord, read_checked_manifest
from leaderboards.runs.run_checks import check_run
from sandbox.errors import WavebenchError
from sandbox.outcome import Tier
from tasks.facts import facts
from tasks.task import AnswerForm

_ASKED = (
    *("model", "task", "style", "split", "samples", "temperature", "top_p", "top_k", "max_tokens", "seed"),
    *("revision", "adapter", "dtype", "confirm", "samples_sha256", "form"),
)
"""The settings that decide the answers and verdicts. All others only set place and speed: addresses, paths, workers."""
ELSEWHERE = "samples made elsewhere"
"""Stands in place of the path of a samples file."""


class UnpublishableError(WavebenchError):
    """A run that may not be published."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against publishing a run."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return self.what


def asked_config(config: RunConfig, data: Path | None, tier: Tier = Tier.NAMESPACES) -> RunConfig:
    """The settings that decide a run's result, with rows at `data` (None: the usual places); all others at defaults."""
    return RunConfig(
        **{name: getattr(config, name) for name in _ASKED},
        samples_file=ELSEWHERE if config.made_elsewhere else "",
        data=str(data.absolute()) if data else "",
        tier=tier,
    )


def open_published(record: RunRecord, data: Path | None) -> AbstractContextManager[Run]:
    """As `open_as_stranger`; without `data` the rows lie in the folder that the run named, or at the usual places."""
    named = Path(record.config.data) if record.config.data else None
    return open_as_stranger(record.path, data or (named if named and named.is_dir() else None))


@contextmanager
def open_as_stranger(folder: Path, data: Path | None, tier: Tier = Tier.NAMESPACES) -> Generator[Run]:
    """A run folder under `asked_config`. Raises TaskError for an unknown task, DataError where its rows are missing."""
    config = asked_config(RunFolder(folder, writable=False).config(), data, tier)
    task = load_task(config)
    with RunFolder(folder, writable=False) as opened:
        yield Run(config, task, opened)


def objections(folder: Path, run: Run) -> list[Objection]:
    """Why nobody else could confirm the run in `folder`; `run` is that folder, opened as a stranger. Empty allows it.

    Raises RecordError for a damaged manifest, BrokenLineError for a damaged line.
    """
    read_checked_manifest(folder)
    found = list(_about_settings(folder, RunFolder(folder, writable=False).config(), run))
    return found or [
        Objection(what, f"run `wavebench judge {folder}`, or make the run again") for what in check_run(run)
    ]


def refuse_unpublishable(records: Iterable[RunRecord], data: Path | None = None) -> None:
    """Raises UnpublishableError for the first run that strangers could not confirm, or that holds forged passes.

    `data` is the folder with the benchmarks' files; None takes the one that each run named, or the usual places.
    """
    if data and data.is_file():
        raise UnpublishableError(f"--data {str(data)!r} is a file: name the folder with the benchmarks' own files.")
    for record in records:
        named = Path(record.config.data) if record.config.data else None
        found: list[Objection] = []
        if record.forged:
            passes = "1 of its passes is" if record.forged == 1 else f"{record.forged} of its passes are"
            found.append(
                Objection(f"{passes} forged", "show it in your own table or site, where such passes are marked")
            )
        else:
            with open_published(record, data) as run:
                if named and named.is_file() and run.task.fingerprint != record.task.fingerprint:
                    found.append(
                        Objection(
                            f"its problems are those of {str(named)!r} and not {record.task.name}'s",
                            "publish a run over the benchmark's own rows",
                        )
                    )
                else:
                    found += objections(record.path, run)
        if found:
            raise UnpublishableError(f"{str(record.path)!r} cannot be published, {found[0].what}: {found[0].remedy}.")


def split_of(config: RunConfig) -> str:
    """The name of the part of the benchmark that was asked; empty for a task that has none."""
    if config.split:
        return config.split
    if config.data and Path(config.data).is_file():
        return "all"
    try:
        return next(iter(facts(config.task).splits), "")
    except (WavebenchError, OSError):
        return ""


def _about_settings(folder: Path, config: RunConfig, run: Run) -> Iterator[Objection]:
    again = f"correct that in config.toml, remove verdicts.jsonl and run `wavebench judge {folder}`"
    if config.limit is not None:
        yield Objection(f"it holds only the first {config.limit} problems", "make a run without --limit")
    if changes := config.limit_changes():
        named = ", ".join(f"{name} = {value:g}" for name, value in changes.items())
        yield Objection(f"it sets limits in place of the task's own ({named})", again)
    if not config.confirm and confirming(run.task, asked=True) is Confirming.TRIED:
        yield Objection("its passes were not confirmed (confirm = false)", again)
    if config.judging is Judging.SPLIT:
        yield Objection("it was not judged by the benchmark's own protocol (judging = split)", again)
    if config.form is not AnswerForm.AUTO and not config.made_elsewhere:
        yield Objection(f"it takes a model's answers for {config.form}s (form = {config.form})", again)
    if not config.samples and not config.made_elsewhere:
        yield Objection("it asks a model for 0 samples of each problem", "make a run with --samples")
