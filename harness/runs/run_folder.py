"""The run folder: everything that was asked and everything that happened, one file each."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from harness.files.atomic_write import write_whole
from harness.files.folder_lock import lock_folder
from harness.files.json_lines import JsonLines
from harness.runs.completion_log import CompletionLog
from harness.runs.config import ASKING_FIELDS, JUDGING_FIELDS, RunConfig, parse_config
from harness.runs.manifest import Manifest, now, read_manifest, write_manifest
from harness.runs.settings import read_settings, to_toml
from harness.runs.verdict_log import VerdictRecord
from sandbox.errors import WavebenchError
from tasks.task import Task

if TYPE_CHECKING:
    from filelock import BaseFileLock


class RunFolderError(WavebenchError):
    """The folder is no run folder, or belongs to another run."""


@dataclass(frozen=True, slots=True)
class TaskIdentity:
    """What must stay the same for samples of one folder to be comparable."""

    name: str
    version: str
    fingerprint: str
    style: str
    style_sha256: str


def identify(task: Task[Any]) -> TaskIdentity:
    """The identity of a loaded task."""
    return TaskIdentity(task.name, task.version, task.fingerprint, task.style, task.style_sha256)


def same_but_for_rules(one: object, other: object) -> bool:
    """Whether two versions of a task differ in the extraction rules alone, their second number."""
    return str(one).rpartition(".")[0] == str(other).rpartition(".")[0] != ""


class RunFolder:
    """The files of one run. Use it with `with`; `writable` folders are locked against other processes."""

    def __init__(self, path: Path, writable: bool) -> None:
        self.path = path
        self.writable = writable
        self.completions = CompletionLog(path / "completions.jsonl")
        self.verdicts = JsonLines(path / "verdicts.jsonl", VerdictRecord)
        self._lock: BaseFileLock | None = None
        self._noting = Lock()

    @property
    def config_file(self) -> Path:
        return self.path / "config.toml"

    @property
    def manifest_file(self) -> Path:
        return self.path / "manifest.json"

    @property
    def score_file(self) -> Path:
        return self.path / "score.json"

    @property
    def report_file(self) -> Path:
        return self.path / "report.html"

    @property
    def audit_file(self) -> Path:
        return self.path / "audit.json"

    def config(self) -> RunConfig:
        """The config the folder was made under. Raises RunFolderError when this is no run folder."""
        if not self.config_file.is_file():
            raise RunFolderError(
                f"{str(self.path)!r} is no run folder, it holds no config.toml: "
                f"name a folder that `wavebench eval` or `wavebench generate` made."
            )
        return parse_config(read_settings(self.config_file), str(self.config_file))

    def settle(self, config: RunConfig, task: TaskIdentity) -> None:
        """Writes config and manifest, or checks those that are there. Raises RunFolderError that names what differs."""
        if self.config_file.exists():
            self.refuse_another(config, task)
        write_whole(self.config_file, to_toml(config))
        sections = {"task": asdict(task), "sampling": asdict(config.sampling), "extraction": config.extraction_used}
        self.note(sections)

    def manifest(self) -> Manifest:
        return read_manifest(self.manifest_file)

    def note(self, sections: Mapping[str, Any]) -> None:
        """Adds facts to the manifest, from any thread. The time of the first note is when the run started."""
        with self._noting:
            write_manifest(self.manifest_file, {"started": now(), **self.manifest(), **sections})

    def refuse_another(self, config: RunConfig, task: TaskIdentity, *, other_rules: bool = False) -> None:
        """Raises RunFolderError when the folder's contents were made with other settings or another task.

        With `other_rules` the rules of extraction may differ, the second number of the task's version: for commands
        that add no verdict to those that are there.
        """
        judged = self.verdicts.path.exists() and self.verdicts.path.stat().st_size > 0
        answered = judged or len(self.completions) > 0
        fields = (ASKING_FIELDS if answered else frozenset[str]()) | (JUDGING_FIELDS if judged else frozenset[str]())
        earlier = self.config()
        if name := earlier.difference(config, fields):
            raise self._differing(name, getattr(earlier, name), getattr(config, name))
        section: object = self.manifest().get("task", {}) if answered else {}
        if not isinstance(section, dict):
            raise RunFolderError(
                f"The manifest of {str(self.path)!r} is damaged (its task is {section!r:.80}): restore it, or make "
                f"the run again."
            )
        recorded = cast(dict[str, Any], section)
        for name, value in asdict(task).items():
            if recorded.get(name, value) == value:
                continue
            if name == "version" and same_but_for_rules(recorded[name], value):
                if other_rules:
                    continue
                raise RunFolderError(
                    f"{str(self.path)!r} was judged under version {recorded[name]} of the task; the rules that find "
                    f"the code in answers are now those of {value}. See what changes with `wavebench judge {self.path} "
                    f"--again`, or judge all its answers again: --model replay:{self.path} with another --out."
                )
            raise self._differing(f"task {name}", recorded[name], value)

    def _differing(self, name: str, earlier: object, asked: object) -> RunFolderError:
        return RunFolderError(
            f"{str(self.path)!r} was made with {name} = {_plain(earlier)}; this command asks for {_plain(asked)}: "
            f"choose another --out, or ask for the same."
        )

    def __enter__(self) -> Self:
        if self.writable:
            self.path.mkdir(parents=True, exist_ok=True)
            # A folder with other files in it, such as somebody's home, is not written to.
            own = (self.completions.path.name, self.verdicts.path.name)
            others = (entry.name for entry in self.path.iterdir() if not entry.name.startswith("."))
            if not self.config_file.exists() and any(name not in own for name in others):
                raise RunFolderError(
                    f"{str(self.path)!r} holds other files and is no run folder: choose a new or an empty folder as "
                    "--out."
                )
            self._lock = lock_folder(self.path)
        try:
            self.completions.open(self.writable)
            if self.writable:
                self.verdicts.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.completions.close()
        self.verdicts.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _plain(value: object) -> str:
    return repr(str(value) if isinstance(value, str) else value)
