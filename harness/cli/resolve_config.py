"""From what the command line says to the runs that are wanted."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.files.progress import warn
from harness.judging.external_samples import SamplesFile, open_samples
from harness.judging.family_samples import samples_by_task
from harness.judging.import_samples import config_of_samples
from harness.models.thinking import USUAL_MAX_TOKENS, is_known_to_think
from harness.runs.config import RunConfig, overridden, parse_config
from harness.runs.run import load_task
from harness.runs.settings import ConfigError, read_settings
from tasks.registry import groups


def overrides(named: Mapping[str, object], settings: Sequence[str] = ()) -> dict[str, object]:
    """The options that were given, then every NAME=VALUE; paths become absolute so that a run can be found again."""
    given = {name: value for name, value in named.items() if value is not None}
    for text in settings:
        name, mark, value = text.partition("=")
        if not mark:
            raise ConfigError(f"--set {text!r} is not of the form NAME=VALUE, such as --set top_p=0.95.")
        # Below request stand names of a server's own, which may hold hyphens.
        given[name.strip() if "." in name else name.strip().replace("-", "_")] = value.strip()
    return {name: str(value.resolve()) if isinstance(value, Path) else value for name, value in given.items()}


def plan_runs(
    tasks: Sequence[str],
    file: Path | None,
    named: Mapping[str, object],
    settings: Sequence[str],
    out: Path | None,
) -> dict[Path, RunConfig]:
    """One run per task, each in its own folder. Raises ConfigError for what is unknown or missing."""
    values = overridden(read_settings(file) if file else {}, overrides(named, settings))
    asked = list(tasks) or [str(values.get("task", ""))]
    names = [member for name in asked for member in groups().get(name, (name,))]
    origin = f"{str(file)!r} with the command line" if file else "the command line"
    configs = [parse_config({**values, "task": name}, origin) for name in names]
    if "max_tokens" not in values and is_known_to_think(configs[0].model):
        warn(
            f"{configs[0].model} is known to think before it answers: max_tokens = {configs[0].max_tokens} in place of "
            f"{USUAL_MAX_TOKENS}. --max-tokens sets another limit."
        )
    folder = out or Path("runs") / _folder_name(configs[0].model)
    alone = out is not None and len(configs) == 1
    return {folder if alone else folder / config.task: config for config in configs}


def plan_samples(
    file: Path, task: str | None, out: Path | None, changes: Mapping[str, object]
) -> tuple[Path, RunConfig]:
    """The run that judges a samples file. Raises ConfigError without a task, SamplesError for an unknown file."""
    samples = open_samples(file.resolve())
    if task is None:
        raise ConfigError(f"{str(file)!r} does not say which task it answers: name it with --task.")
    config = _config_for(samples, task, changes)
    return out or Path("runs") / _folder_name(config.model) / task, config


def plan_family_samples(
    file: Path, family: str, out: Path | None, changes: Mapping[str, object]
) -> dict[Path, RunConfig]:
    """One run for each task of a family that the file has samples of, each in its own folder."""
    samples = open_samples(file.resolve())
    configs = {task: _config_for(samples, task, changes) for task in groups()[family]}
    model = next(iter(configs.values())).model
    folder = out or Path("runs") / _folder_name(model)
    ids = {task: {problem.task_id for problem in load_task(config).problems} for task, config in configs.items()}
    files = samples_by_task(samples, ids, folder)
    if left_out := [task for task in configs if task not in files]:
        warn(f"{str(file)!r} has no samples of {', '.join(left_out)}: left out.")
    # under one name, whatever the file of a task is called
    return {folder / task: _config_for(own, task, {**changes, "model": model}) for task, own in files.items()}


def _config_for(samples: SamplesFile, task: str, changes: Mapping[str, object]) -> RunConfig:
    model = str(changes.get("model", ""))
    values = {**config_of_samples(samples, task, model), **{name: changes[name] for name in changes if name != "model"}}
    if "form" in changes:
        values["form_by_row"] = False
    return parse_config(values, "the command line")


def _folder_name(model: str) -> str:
    """A model's name as a folder: hf:org/model becomes hf-org-model."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", model).strip("-.") or "run"
