"""A run in hand: what was asked, of which problems, and the folder where it all goes."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from harness.runs.config import RunConfig
from harness.runs.run_folder import RunFolder, identify
from tasks.policy import ExtractionPolicy, policy_of, under_policy
from tasks.registry import load
from tasks.task import Problem, Task


@dataclass(frozen=True, slots=True)
class Run:
    """Open for as long as the `with` that made it."""

    config: RunConfig
    task: Task[Any]
    folder: RunFolder

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems that are asked: the first `limit`, or all."""
        return self.task.problems[: self.config.limit]

    @property
    def task_version(self) -> str:
        """The version of the task under which the folder's verdicts are made: the one that its manifest names."""
        section: object = self.folder.manifest().get("task")
        recorded = cast(dict[str, Any], section) if isinstance(section, dict) else {}
        return str(recorded.get("version", self.task.version))

    @property
    def label(self) -> str:
        """Model and task, as progress bars and tables name them."""
        return f"{self.config.model} on {self.config.task}"


@contextmanager
def open_run(config: RunConfig, path: Path, task: Task[Any] | None = None) -> Generator[Run]:
    """Starts a run in `path`, or goes on with it. Raises RunFolderError when another run lives there.

    `task` is used in place of the one that `config` names.
    """
    if task is None:
        task = load_task(config)
    elif config.extraction is not ExtractionPolicy.ROBUST:
        task = under_policy(task, config.extraction)
    resolved = replace(config, style=task.style, extraction=policy_of(task))
    with RunFolder(path, writable=True) as folder:
        folder.settle(resolved, identify(task))
        yield Run(resolved, task, folder)


@contextmanager
def reopen_run(path: Path, changes: Mapping[str, object] | None = None, writable: bool = False) -> Generator[Run]:
    """An existing run folder, its config changed where `changes` says so and the folder allows it.

    Nothing is to be added to its verdicts, which may be those of earlier extraction rules. `writable` takes the
    folder's lock.
    """
    config = RunFolder(path, writable=False).config().override(changes or {})
    task = load_task(config)
    with RunFolder(path, writable=writable) as folder:
        folder.refuse_another(config, identify(task), other_rules=True)
        yield Run(config, task, folder)


def load_task(config: RunConfig) -> Task[Any]:
    """The task in the run's style and split, over the known rows or a file of own problems, under its policy."""
    data = Path(config.data) if config.data else None
    own = data is not None and data.is_file()
    loaded = load(
        config.task,
        config.style or None,
        None if own else data,
        split=config.split or None,
        data_file=data if own else None,
    )
    return under_policy(loaded, config.extraction)
