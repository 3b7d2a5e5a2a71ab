"""The stages of a data set, from raw code to files; each is content-addressed, resumable, and may run alone."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np

from datagen.code.duplicates import Drops, drop_duplicates
from datagen.code.filters import Funnel, apply_rules
from datagen.config import DatagenConfig, LeakCheck, TeacherKind
from datagen.coreset.choose import choose
from datagen.coreset.embed import embed
from datagen.coreset.selection import Vectors
from datagen.execution.differential import prove_repairs
from datagen.execution.execution_check import check_rows, sandbox_runner
from datagen.execution.run_programs import open_cached_sandbox
from datagen.leakage.benchmark import load_benchmarks
from datagen.leakage.check import check_leakage, with_known
from datagen.rows.content_store import read_facts, read_rows, run_stage, write_facts, write_rows
from datagen.rows.example import Example
from datagen.rows.raw_function import RawFunction
from datagen.sources.collect import Collection, collect, source_fingerprint
from datagen.teachers.teach import teach
from harness.runs.settings import ConfigError


class StageName(StrEnum):
    """The stages in order."""

    COLLECT = "collect"
    """Functions out of every source."""
    RULES = "rules"
    """The hand rules."""
    DUPLICATES = "duplicates"
    """Exact and near-duplicates removed."""
    EMBED = "embed"
    """One vector a function."""
    SELECT = "select"
    """The core set."""
    TEACH = "teach"
    """Rows written and judged."""
    PROVE = "prove"
    """Rows executed."""
    LEAKAGE = "leakage"
    """Rows compared with the benchmarks."""


Progress = Callable[[str, int], None]
"""Called with a stage's name and how many more of its items are done."""


@dataclass(slots=True)
class Pipeline:
    """One configuration at work in one folder."""

    config: DatagenConfig
    work: Path
    progress: Progress = lambda stage, items: None  # noqa: ARG005
    _done: dict[StageName, Path] = field(default_factory=dict[StageName, Path])

    def folder(self, stage: StageName) -> Path:
        """The finished folder of a stage; runs it, and those before it, when it is not there."""
        if stage not in self._done:
            self._done[stage] = getattr(self, f"_{stage.value}")()
        return self._done[stage]

    def rows(self) -> Iterator[Example]:
        """The pool: every row with verdict and execution, in the order of the core set."""
        return read_rows(self.folder(StageName.PROVE) / "pool.jsonl", Example)

    def _collect(self) -> Path:
        sources = self.config.sources
        settings: list[object] = [[source, source_fingerprint(source)] for source in sources]
        if any(source.limit for source in sources):
            settings.append(self.config.seed)

        def build(folder: Path) -> None:
            counts = Collection()
            write_rows(
                folder / "functions.jsonl", self._count(StageName.COLLECT, collect(sources, counts, self.config.seed))
            )
            write_facts(folder / "facts.json", {"found": counts.found, "skipped": counts.skipped})

        folder = run_stage(self.work, StageName.COLLECT, 2, settings, [], build)
        if not sum(read_facts(folder / "facts.json")["found"].values()):
            raise ConfigError(
                f"No function was found in {', '.join(repr(each.name) for each in sources)}: name other sources."
            )
        return folder

    def _rules(self) -> Path:
        before = self.folder(StageName.COLLECT)

        def build(folder: Path) -> None:
            funnel = Funnel()
            functions = read_rows(before / "functions.jsonl", RawFunction)
            kept = apply_rules(self._count(StageName.RULES, functions), self.config.rules, funnel)
            write_rows(folder / "functions.jsonl", kept)
            write_facts(folder / "facts.json", funnel)

        return run_stage(self.work, StageName.RULES, 1, self.config.rules, [before], build)

    def _duplicates(self) -> Path:
        before = self.folder(StageName.RULES)

        def build(folder: Path) -> None:
            drops = Drops()
            functions = self._count(StageName.DUPLICATES, read_rows(before / "functions.jsonl", RawFunction))
            write_rows(folder / "functions.jsonl", drop_duplicates(functions, self.config.duplicates, drops))
            write_facts(folder / "facts.json", drops)

        folder = run_stage(self.work, StageName.DUPLICATES, 2, self.config.duplicates, [before], build)
        if not read_facts(folder / "facts.json")["kept"]:
            raise ConfigError(
                "No function passed the rules: loosen [rules]; facts.json of the stage 'rules' has the counts."
            )
        return folder

    def _embed(self) -> Path:
        before = self.folder(StageName.DUPLICATES)

        def build(folder: Path) -> None:
            texts = [function.code for function in read_rows(before / "functions.jsonl", RawFunction)]
            vectors = self._encode(texts)
            with (folder / "vectors.npy").open("wb") as stream:
                np.save(stream, vectors)

        return run_stage(self.work, StageName.EMBED, 1, self.config.embed, [before], build)

    def _select(self) -> Path:
        functions, vectors = self.folder(StageName.DUPLICATES), self.folder(StageName.EMBED)

        def build(folder: Path) -> None:
            rows = list(read_rows(functions / "functions.jsonl", RawFunction))
            wanted = self.config.core_set.size or len(rows)
            languages = [function.language for function in rows]
            selection = choose(
                self.config.core_set.method,
                np.load(vectors / "vectors.npy"),
                languages,
                min(wanted, len(rows)),
                self.config.seed,
            )
            write_rows(folder / "functions.jsonl", (rows[int(pick)] for pick in selection.picks))
            with (folder / "picks.npz").open("wb") as stream:
                np.savez(stream, picks=selection.picks, distances=selection.pick_distances)
            facts = {
                "method": self.config.core_set.method,
                "wanted": wanted,
                "of": len(rows),
                "size": len(selection.picks),
                "radius": selection.radius,
            }
            write_facts(folder / "facts.json", facts)
            self.progress(StageName.SELECT, len(selection.picks))

        return run_stage(
            self.work, StageName.SELECT, 1, [self.config.core_set, self.config.seed], [functions, vectors], build
        )

    def _teach(self) -> Path:
        before = self.folder(StageName.SELECT)
        deciding = [self.config.teacher, self.config.mixture, self.config.seed]

        def build(folder: Path) -> None:
            functions = list(read_rows(before / "functions.jsonl", RawFunction))
            counts: Counter[str] = Counter()
            rows = teach(
                self.config, functions, self.work / "cache", counts, lambda n: self.progress(StageName.TEACH, n)
            )
            write_rows(folder / "pool.jsonl", rows)
            write_facts(folder / "facts.json", counts)

        return run_stage(self.work, StageName.TEACH, 3, deciding, [before], build)

    def _prove(self) -> Path:
        core, before = self.folder(StageName.SELECT), self.folder(StageName.TEACH)
        execution = self.config.execution

        def build(folder: Path) -> None:
            functions = {each.function_id: each for each in read_rows(core / "functions.jsonl", RawFunction)}
            rows = list(read_rows(before / "pool.jsonl", Example))
            log = self.work / "cache" / "executions.jsonl"
            runner = sandbox_runner(log, execution.tier, execution.workers, lambda n: self.progress(StageName.PROVE, n))
            checked = list(check_rows(rows, functions, runner))
            with open_cached_sandbox(execution.tier, execution.workers) as sandbox:
                proven = prove_repairs(checked, functions, sandbox.run, self.config.seed)
            write_rows(folder / "pool.jsonl", proven)

        return run_stage(self.work, StageName.PROVE, 2, [execution.tier, self.config.seed], [before], build)

    def _leakage(self) -> Path:
        vectors, before = self.folder(StageName.EMBED), self.folder(StageName.PROVE)
        config = self.config.leakage
        benchmarks = load_benchmarks(config)
        settings = [config, [[each.name, len(each.problems), each.missing] for each in benchmarks]]

        def build(folder: Path) -> None:
            rows = [row for row in read_rows(before / "pool.jsonl", Example) if row.instruction and row.output]
            # Most rows teach a function whose vector is known from the core set's stage.
            functions = read_rows(self.folder(StageName.DUPLICATES) / "functions.jsonl", RawFunction)
            encoded: Vectors = np.load(vectors / "vectors.npy")
            known = {function.code: row for function, row in zip(functions, encoded, strict=True)}
            with open_cached_sandbox(self.config.execution.tier, self.config.execution.workers) as sandbox:
                sandbox_or_none = sandbox if LeakCheck.BEHAVIOUR in config.checks else None
                report = check_leakage(
                    rows,
                    benchmarks,
                    config,
                    with_known(known, self._encode),
                    sandbox_or_none,
                    lambda n: self.progress(StageName.LEAKAGE, n),
                )
            write_facts(folder / "report.json", report)

        return run_stage(self.work, StageName.LEAKAGE, 1, settings, [vectors, before], build)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        index = self.work / "cache" / "embeddings"
        return embed(texts, self.config.embed, index, lambda n: self.progress(StageName.EMBED, n))

    def _count(self, stage: StageName, items: Iterator[RawFunction]) -> Iterator[RawFunction]:
        for item in items:
            self.progress(stage, 1)
            yield item

    @property
    def needs_model(self) -> bool:
        """Whether the teach stage asks a model."""
        return self.config.teacher.kind is TeacherKind.LLM
