"""Makes a whole data set and its variants: the main path, which only names the steps."""

import shutil
from dataclasses import replace
from pathlib import Path

from datagen.config import DatagenConfig, override
from datagen.output.figures import gather
from datagen.output.write import write_data_set
from datagen.pipeline.select_rows import SelectedRows, SelectionRules, select_rows
from datagen.pipeline.stages import PROBLEMS_NAME, Pipeline, Progress, StageName
from datagen.rows.content_store import read_facts, run_stage
from datagen.rows.example import TaskType
from datagen.workplace.local import LOCAL
from datagen.workplace.workplace import Workplace
from harness.files.atomic_write import open_whole_folder


def make(config: DatagenConfig, out: Path, progress: Progress, workplace: Workplace = LOCAL) -> dict[str, Path]:
    """The data set in `out`/dataset and each variant in `out`/variants/NAME; returns their folders by name.

    A data set may come out empty: its card then shows where every row was lost.

    Raises WavebenchError where the user has to fix something; the same call again resumes.
    """
    pipeline = Pipeline(config, out, progress, workplace)
    rules = read_selection_rules(pipeline)
    base = select_rows(pipeline.rows(), rules)
    folders = {config.name: _publish(pipeline, rules, base, config.name, out / "dataset")}
    for variant in config.variants:
        own = replace(override(config, variant.settings), variants=(), name=variant.name)
        # A pipeline of its own finds every stage that the variant's settings leave as it is already finished.
        pipeline = Pipeline(own, out, progress, workplace)
        rules = replace(
            read_selection_rules(pipeline),
            mixture={task: 0 if task in variant.without else own.mixture.get(task, 0) for task in TaskType},
            use_discriminator=variant.use_discriminator,
            use_execution=variant.use_execution,
            total=len(base.rows) if variant.size_matched else None,
        )
        place = out / "variants" / variant.name
        folders[variant.name] = _publish(pipeline, rules, select_rows(pipeline.rows(), rules), variant.name, place)
    return folders


def read_selection_rules(pipeline: Pipeline) -> SelectionRules:
    """The rules that decide which rows of the pool are taken."""
    config = pipeline.config
    report = read_facts(pipeline.folder(StageName.LEAKAGE) / "report.json")
    removed = {check.value for check in config.leakage.remove}
    leaked = frozenset(leak["example_id"] for leak in report["leaks"] if leak["check"] in removed)
    return SelectionRules(mixture=config.mixture, leaked=leaked)


def _publish(pipeline: Pipeline, rules: SelectionRules, selected: SelectedRows, name: str, place: Path) -> Path:
    """Builds the data set's folder as one more stage, then puts a copy in its place."""
    inputs = [pipeline.folder(stage) for stage in StageName]
    config = replace(pipeline.config, variants=())
    rules_as_json = {
        "mixture": {task.value: count for task, count in rules.mixture.items()},
        "leaked": sorted(rules.leaked),
        "use_discriminator": rules.use_discriminator,
        "use_execution": rules.use_execution,
        "total": rules.total,
        "name": name,
    }

    def build(draft: Path) -> None:
        write_data_set(draft, config, selected.rows, gather(pipeline, rules, selected, name))
        shutil.copy(pipeline.folder(StageName.PROBLEMS) / PROBLEMS_NAME, draft)

    folder = run_stage(pipeline.work, "dataset", 2, [config, rules_as_json], inputs, build)
    with open_whole_folder(place) as draft:
        shutil.copytree(folder, draft, dirs_exist_ok=True)
    return place


def count_rows(folder: Path) -> int:
    """The number of rows of a published data set, from its manifest."""
    return int(read_facts(folder / "manifest.json")["rows"])
