"""What an ablation is asked to be: variants of data, base models, recipes, seeds and evaluations, from TOML."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from datagen.config import DatagenConfig, LeakageConfig, VariantConfig, parse_datagen
from datagen.finetune.config import ScratchSettings, TrainingMethod, parse_finetune
from datagen.rows.example import TaskType
from harness.runs.config import RunConfig, parse_config
from harness.runs.settings import (
    ConfigError,
    fill_preset,
    parse_settings,
    read_settings,
    resolve_model,
    resolve_path,
)
from sandbox.errors import WavebenchError
from tasks.registry import expand

CONTROL = "control"
"""As a variant's data: the data set that the configuration names as its control."""
_UNUSED = "unused"
_REQUIRED = {
    name: f"{name}, or a preset that sets it" for name in ("variants", "reference", "evaluations", "bases", "recipes")
}


class AblationError(WavebenchError):
    """An ablation cannot begin or continue; the user can fix the cause."""


@dataclass(frozen=True, slots=True)
class VariantArm:
    """One variant: rows made by datagen, a data set that is there, or verdicts over the answers of another variant."""

    name: str
    """Name of the variant in the tables."""
    data: str = ""
    """Folder of a data set, or a file of rows; empty makes it by datagen."""
    limit: int | None = None
    """Only so many rows, drawn by the seed."""
    rows_of: str = ""
    """Only as many rows as this variant has."""
    recipe: str = ""
    """Only this recipe; empty takes each."""
    after: str = ""
    """Trains on from this variant's model, on rows that the verdicts over its own answers give; see [sampling]."""
    method: TrainingMethod = TrainingMethod.SFT
    """What is learnt of such rows: sft takes the confirmed answers, dpo, kto and grpo as `wavebench finetune` does."""
    training: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Settings of `wavebench finetune` in place of the recipe's."""
    without: tuple[TaskType, ...] = ()
    """Kinds of rows that datagen leaves out."""
    size_matched: bool = False
    """Fill up with the other kinds of rows, so that size and kind are not confounded."""
    use_discriminator: bool = True
    """False takes every well-formed row, whatever the discriminator says."""
    use_execution: bool = True
    """False takes rows that execution refutes or cannot prove, too."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Other settings of datagen by dotted name."""

    def as_datagen(self) -> VariantConfig:
        """What datagen has to make."""
        return VariantConfig(
            self.name, self.without, self.size_matched, self.use_discriminator, self.use_execution, self.settings
        )


@dataclass(frozen=True, slots=True)
class SampledRows:
    """What becomes of sampled answers, as in `wavebench datagen from-runs`."""

    per_problem: int = 4
    """Most right answers, and most wrong ones, of one problem."""
    unconfirmed: bool = False
    """Take passes that nothing could confirm for right ones."""
    leakage: LeakageConfig = field(default_factory=LeakageConfig)
    """Benchmarks that the problems are compared with; a problem that resembles one gives no rows."""


@dataclass(frozen=True, slots=True)
class AblationConfig:
    """Everything that decides the table."""

    reference: str
    """The variant that the others are compared with."""
    variants: tuple[VariantArm, ...]
    evaluations: tuple[Mapping[str, Any], ...]
    """Settings of `wavebench eval` without the model; a family such as humanevalpack-fix is one column."""
    bases: tuple[str, ...]
    """`demo`, `hf:ID_OR_DIR` or `scratch`."""
    recipes: Mapping[str, Mapping[str, Any]]
    """Settings of `wavebench finetune` by the recipe's name."""
    name: str = "ablation"
    """Name of the ablation on its page."""
    preset: str = ""
    """Shipped ablation whose values hold where the file sets none."""
    seeds: tuple[int, ...] = (42,)
    """Random seeds; each trains every variant once."""
    datagen: str = ""
    """Configuration file of the data set that datagen makes variants of."""
    control: str = ""
    """A data set of your own, for presets that compare with one."""
    same_size: bool = False
    """Every variant takes as many rows as the smallest has."""
    sampling: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Settings of `wavebench eval` without the model, in a chat style: what variants with `after` learn from."""
    sampled_rows: SampledRows = field(default_factory=SampledRows)
    scratch: ScratchSettings = field(default_factory=ScratchSettings)
    at_once: int = 0
    """Steps at once; 0 takes one per GPU, or one on a machine without."""
    price_per_hour: float = 0.0
    """Of the machine, in any currency; 0 leaves cost out."""

    def __post_init__(self) -> None:
        names = [variant.name for variant in self.variants]
        _refuse_twice("variant", names)
        _refuse_twice("base", self.bases)
        _refuse_twice("seed", [str(seed) for seed in self.seeds])
        if not self.evaluations:
            raise ConfigError("The ablation evaluates nothing: add [[evaluations]] with task = '...'.")
        for name in (self.reference, *(each.rows_of for each in self.variants if each.rows_of)):
            if name not in names:
                raise ConfigError(f"There is no variant {name!r} to compare with: the variants are {', '.join(names)}.")
            if self.variant(name).after:
                raise ConfigError(
                    f"The variant {name!r} has no rows before others are trained: name one without after."
                )
        for variant in self.variants:
            self._check_rows(variant)

    def _check_rows(self, variant: VariantArm) -> None:
        """Raises ConfigError unless the variant has rows from one place."""
        named = f"The variant {variant.name!r}"
        firsts = [each.name for each in self.variants if not each.after]
        if variant.recipe and variant.recipe not in self.recipes:
            raise ConfigError(f"{named} wants the recipe {variant.recipe!r}: known are {', '.join(self.recipes)}.")
        if variant.data == CONTROL and not self.control:
            raise ConfigError(f"{named} needs a data set of your own: add control = 'FILE'.")
        if not variant.after:
            if variant.method is not TrainingMethod.SFT:
                raise ConfigError(
                    f"{named} has method = {variant.method.value!r}: add after = 'NAME', whose answers it takes."
                )
            if not variant.data and not self.datagen:
                raise ConfigError(f"{named} names no data: add data = 'FILE', or datagen = 'CONFIG.toml' to make it.")
            return
        if variant.after not in firsts:
            raise ConfigError(f"{named} comes after {variant.after!r}: it may come after {', '.join(firsts)}.")
        if variant.data or variant.rows_of or variant.as_datagen() != VariantConfig(variant.name):
            raise ConfigError(
                f"{named} learns from answers of {variant.after!r}: remove its data and what shapes them."
            )
        if not self.sampling:
            raise ConfigError(f"{named} needs problems to learn from: add [sampling] with task, data and samples.")

    def variant(self, name: str) -> VariantArm:
        return next(variant for variant in self.variants if variant.name == name)

    def runs_of(self, evaluation: Mapping[str, Any], model: str) -> list[RunConfig]:
        """One run for each task that an evaluation stands for."""
        return [
            parse_config({**evaluation, "task": task, "model": model}, "[[evaluations]]")
            for task in expand(str(evaluation["task"]))
        ]


def load_ablation(file: Path) -> AblationConfig:
    """Reads and checks a configuration with all that it names; relative paths are meant from its folder."""
    folder = file.resolve().parent
    found = resolve_path(read_settings(file), ("datagen", "control"), folder)
    if "sampling" in found:
        found["sampling"] = resolve_path(found["sampling"], ("data",), folder)
    for name in ("variants", "evaluations"):
        if name in found:
            # The word that stands for the control is no path.
            own = [("data",) if each.get("data") != CONTROL else () for each in found[name]]
            found[name] = [resolve_path(each, paths, folder) for each, paths in zip(found[name], own, strict=True)]
    if "bases" in found:
        found["bases"] = [resolve_model(str(base), folder) for base in found["bases"]]
    return parse_ablation(found, str(file))


def load_datagen(config: AblationConfig) -> DatagenConfig:
    """The data set with those variants that the ablation has datagen make."""
    values = dict(read_settings(Path(config.datagen)))
    made = [variant.as_datagen() for variant in config.variants if not variant.data and not variant.after]
    values["variants"] = [msgspec.to_builtins(each) for each in made]
    folder = Path(config.datagen).parent
    sources: list[Mapping[str, Any]] = []
    for source in values.get("sources", []):
        path = str(source.get("path", ""))
        is_local = bool(path) and (folder / path).exists()  # what does not exist may be a hub id
        sources.append({**source, "path": str(folder / path)} if is_local else source)
    values["sources"] = sources
    return parse_datagen(values, config.datagen)


def parse_ablation(values: Mapping[str, Any], origin: str) -> AblationConfig:
    """Fills in the preset and checks names and kinds. Raises ConfigError that names the setting."""
    presets = tomllib.loads(files("datagen").joinpath("data/ablations.toml").read_text())
    config = parse_settings(AblationConfig, fill_preset(values, presets), origin, _REQUIRED)
    # A wrong recipe or evaluation is found here, before hours are spent on data.
    for name, recipe in config.recipes.items():
        if own := sorted({"base", "data", "held_out_data", "seed", "limit", "asked", "scratch"} & set(recipe)):
            raise ConfigError(f"The recipe {name!r} sets {own[0]!r}, which the ablation itself decides: remove it.")
        parse_finetune({**recipe, "base": _UNUSED, "data": _UNUSED}, f"the recipe {name!r}")
        for variant in config.variants:
            if variant.training or variant.after:
                own = {**recipe, **variant.training, "method": variant.method, "base": _UNUSED, "data": _UNUSED}
                parse_finetune(own, f"the variant {variant.name!r} under the recipe {name!r}")
    for evaluation in (*config.evaluations, *([config.sampling] if config.sampling else [])):
        if "task" not in evaluation or "model" in evaluation:
            raise ConfigError("An evaluation names a task and no model: the ablation trains the models.")
        config.runs_of(evaluation, _UNUSED)
    return config


def _refuse_twice(what: str, names: Sequence[str]) -> None:
    if not names:
        raise ConfigError(f"The ablation names no {what}: add at least one.")
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"The {what} {twice[0]!r} is named twice: name each once.")
