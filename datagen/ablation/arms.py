"""The data and the base models of an ablation: made or found once, then known by their hashes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from datagen.ablation.config import CONTROL, AblationConfig, AblationError, VariantArm, load_datagen
from datagen.finetune.base.model import SCRATCH, BaseModel, find_base
from datagen.finetune.config import AskedPrompt, FinetuneConfig, parse_finetune
from datagen.finetune.rows.training_rows import DataSource, is_filled, is_held_out, load_training_rows, read_data
from datagen.make import make
from datagen.pipeline.stages import Progress
from datagen.rows.content_store import write_facts

MADE = "data"
"""Folder of what datagen makes."""
_NOTED = "arms.json"


@dataclass(frozen=True, slots=True)
class VariantData:
    """The rows of one variant."""

    source: DataSource
    """Its path is below the ablation's folder where datagen made it."""
    trainable: int
    """Rows with a response that are not held out."""


@dataclass(frozen=True, slots=True)
class Arms:
    """Paths are those of this machine; whatever decides a result is a hash."""

    variants: Mapping[str, VariantData]
    """Without those that learn from the answers of another."""
    bases: Mapping[str, BaseModel]

    def limit(self, config: AblationConfig, variant: VariantArm) -> int | None:
        """The most rows that a variant may train on."""
        limits = [variant.limit] if variant.limit is not None else []
        if variant.rows_of:
            other = config.variant(variant.rows_of)
            limits += [each for each in (self.variants[other.name].trainable, other.limit) if each is not None]
        if config.same_size and not variant.after:
            limits.append(min(each.trainable for each in self.variants.values()))
        return min(limits, default=None)


def make_arms(config: AblationConfig, out: Path, progress: Progress) -> Arms:
    """Runs datagen where a variant wants it, and finds or makes every base model; notes the variants in arms.json."""
    firsts = [variant for variant in config.variants if not variant.after]
    if any(not variant.data for variant in firsts):
        make(load_datagen(config), out / MADE, progress)
    share = recipe(config, next(iter(config.recipes))).held_out
    variants: dict[str, VariantData] = {}
    noted: dict[str, VariantData] = {}
    for variant in firsts:
        made = str(out / MADE / "variants" / variant.name)
        rows, source = read_data((config.control if variant.data == CONTROL else variant.data) or made)
        trainable = sum(is_filled(row) and not is_held_out(row, share) for row in rows)
        variants[variant.name] = VariantData(source, trainable)
        # What lies in the folder is noted relative to it, so that another machine finds it there too.
        path = Path(source.path)
        below = str(path.relative_to(out)) if path.is_relative_to(out) else source.path
        noted[variant.name] = VariantData(replace(source, path=below), trainable)
    out.mkdir(parents=True, exist_ok=True)
    write_facts(out / _NOTED, noted)
    return Arms(variants, _bases(config, variants, out))


def read_arms(config: AblationConfig, out: Path) -> Arms:
    """What make_arms noted, here or on another machine. Raises AblationError when it did not, or for other variants."""
    file = out / _NOTED
    if not file.exists():
        raise AblationError(f"{str(out)!r} holds no data yet: run `wavebench ablate ... --only data` first.")
    noted = msgspec.json.decode(file.read_bytes(), type=dict[str, VariantData])
    if missing := [each.name for each in config.variants if not each.after and each.name not in noted]:
        raise AblationError(
            f"The data of variant {missing[0]!r} is not in {str(out)!r}: run `wavebench ablate ... --only data` again."
        )
    variants = {
        name: replace(each, source=replace(each.source, path=str(out / each.source.path)))
        for name, each in noted.items()
    }
    return Arms(variants, _bases(config, variants, out))


def recipe(config: AblationConfig, name: str, variant: VariantArm | None = None) -> FinetuneConfig:
    """A recipe with all that the ablation itself decides left open; with the settings of a variant's own."""
    asked = [
        AskedPrompt(run.task, run.style, run.data)
        for evaluation in config.evaluations
        for run in config.runs_of(evaluation, "none")
    ]
    own = {**variant.training, "method": variant.method} if variant else {}
    values = {**config.recipes[name], **own, "base": "demo", "data": "-"}
    return replace(parse_finetune(values, f"the recipe {name!r}"), asked=tuple(asked), scratch=config.scratch)


def _bases(config: AblationConfig, variants: Mapping[str, VariantData], out: Path) -> dict[str, BaseModel]:
    """A new model's tokenizer is trained on the rows of the reference."""
    asked = recipe(config, next(iter(config.recipes)))
    found: dict[str, BaseModel] = {}
    for base in config.bases:
        own = replace(asked, base=base, data=variants[config.reference].source.path)
        found[base] = find_base(own, load_training_rows(own).train if base == SCRATCH else (), out)
    return found
