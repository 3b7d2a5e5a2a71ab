"""The stages of a data set, from raw code to files; each is content-addressed, resumable, and may run alone."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from datagen.code.duplicates import Drops, DuplicatesConfig, Sketches, kept_places, sketch
from datagen.code.filters import Funnel, RulesConfig, apply_rules
from datagen.config import DatagenConfig, TeacherKind
from datagen.coreset.choose import choose
from datagen.coreset.embed import embed
from datagen.coreset.selection import Vectors
from datagen.execution.differential import prove_repairs
from datagen.execution.execution_check import check_rows, sandbox_runner
from datagen.leakage.benchmark import load_benchmarks
from datagen.leakage.check import check_leakage
from datagen.problems.make import make_problems
from datagen.rows.content_store import read_facts, run_stage, write_facts, write_lines, write_rows
from datagen.rows.example import Example
from datagen.rows.modules import MODULES_NAME, Modules
from datagen.rows.raw_function import RawFunction
from datagen.rows.row_file import MappedRows, RowFile, RowSpan
from datagen.sources.collect import Collection, collect_lines, source_fingerprint
from datagen.teachers.teach import teach, teach_by_rules
from datagen.workplace.local import LOCAL
from datagen.workplace.workplace import Workplace
from harness.files.atomic_write import open_whole
from harness.files.progress import StepProgress
from harness.processes import map_in_order
from harness.runs.settings import ConfigError
from sandbox.sandbox import Sandbox

PROBLEMS_NAME = "problems.jsonl"
_ROWS_AT_ONCE = 4000
"""Rows that are executed together: few enough for memory, many enough for every worker of the sandbox."""


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
    PROBLEMS = "problems"
    """Pure functions made into problems with tests."""


Progress = Callable[[str, int], None]
"""Called with a stage's name and how many more of its items are done."""


@dataclass(slots=True)
class Pipeline:
    """One configuration at work in one folder."""

    config: DatagenConfig
    work: Path
    progress: Progress = lambda stage, items: None  # noqa: ARG005
    workplace: Workplace = LOCAL
    """Where functions are cut, texts encoded and programs run."""
    _done: dict[StageName, Path] = field(default_factory=dict[StageName, Path])

    def folder(self, stage: StageName) -> Path:
        """The finished folder of a stage; runs it, and those before it, when it is not there."""
        if stage not in self._done:
            self._done[stage] = getattr(self, f"_{stage.value}")()
        return self._done[stage]

    def rows(self) -> Sequence[Example]:
        """The pool: every row with verdict and execution, in the order of the core set; it lies on disk."""
        return RowFile(self.folder(StageName.PROVE) / "pool.jsonl", Example)

    def _collect(self) -> Path:
        sources = self.config.sources
        settings: list[object] = [[source, source_fingerprint(source)] for source in sources]
        if any(source.limit for source in sources):
            settings.append(self.config.seed)

        def build(folder: Path) -> None:
            counts = Collection()
            kept: set[str] = set()
            with open_whole(folder / MODULES_NAME) as modules:

                def keep_module(key: str, line: bytes) -> None:
                    if key not in kept:
                        kept.add(key)
                        modules.write(line)

                lines = collect_lines(sources, counts, self.config.seed, self._processes, keep_module, self.workplace)
                write_lines(folder / "functions.jsonl", self._count(StageName.COLLECT, lines))
            write_facts(folder / "facts.json", {"found": counts.found, "skipped": counts.skipped})

        folder = run_stage(self.work, StageName.COLLECT, 4, settings, [], build)
        if not sum(read_facts(folder / "facts.json")["found"].values()):
            raise ConfigError(
                f"No function was found in {', '.join(repr(each.name) for each in sources)}: name other sources."
            )
        return folder

    def _rules(self) -> Path:
        before = self.folder(StageName.COLLECT)

        def build(folder: Path) -> None:
            funnel = Funnel()
            functions = RowFile(before / "functions.jsonl", RawFunction)
            self._expect(StageName.RULES, len(functions))

            def kept() -> Iterator[bytes]:
                work = partial(_apply_rules_to, self.config.rules)
                for lines, part in map_in_order(work, functions.spans(), self._processes):
                    funnel.add(part)
                    self.progress(StageName.RULES, part.seen)
                    yield from lines

            write_lines(folder / "functions.jsonl", kept())
            write_facts(folder / "facts.json", funnel)

        return run_stage(self.work, StageName.RULES, 1, self.config.rules, [before], build)

    def _duplicates(self) -> Path:
        before = self.folder(StageName.RULES)
        config = self.config.duplicates

        def build(folder: Path) -> None:
            drops = Drops()
            functions = RowFile(before / "functions.jsonl", RawFunction)
            self._expect(StageName.DUPLICATES, len(functions))

            def sketches() -> Iterator[Sketches]:
                for part in map_in_order(partial(_sketch_of, config), functions.spans(), self._processes):
                    self.progress(StageName.DUPLICATES, len(part.ids))
                    yield part

            kept = kept_places(functions, sketches(), config, drops)
            write_lines(folder / "functions.jsonl", map(functions.line, kept))
            write_facts(folder / "facts.json", drops)

        folder = run_stage(self.work, StageName.DUPLICATES, 3, config, [before], build)
        if not read_facts(folder / "facts.json")["kept"]:
            raise ConfigError(
                "No function passed the rules: loosen [rules]; facts.json of the stage 'rules' has the counts."
            )
        return folder

    def _embed(self) -> Path:
        before = self.folder(StageName.DUPLICATES)

        def build(folder: Path) -> None:
            functions = RowFile(before / "functions.jsonl", RawFunction)
            self._expect(StageName.EMBED, len(functions))
            self._encode(MappedRows(functions, _code_of), folder / "vectors.npy")

        # Where texts are encoded decides nothing.
        settings = replace(self.config.embed, devices=())
        return run_stage(self.work, StageName.EMBED, 2, settings, [before], build)

    def _select(self) -> Path:
        before, vectors = self.folder(StageName.DUPLICATES), self.folder(StageName.EMBED)

        def build(folder: Path) -> None:
            functions = RowFile(before / "functions.jsonl", RawFunction)
            wanted = self.config.core_set.size or len(functions)
            self._expect(StageName.SELECT, min(wanted, len(functions)))
            selection = choose(
                self.config.core_set.method,
                np.load(vectors / "vectors.npy", mmap_mode="r"),
                [sys.intern(function.language) for function in functions],
                min(wanted, len(functions)),
                self.config.seed,
                lambda picks: self.progress(StageName.SELECT, picks),
            )
            write_lines(folder / "functions.jsonl", (functions.line(int(pick)) for pick in selection.picks))
            with (folder / "picks.npz").open("wb") as stream:
                np.savez(stream, picks=selection.picks, distances=selection.pick_distances)
            facts = {
                "method": self.config.core_set.method,
                "wanted": wanted,
                "of": len(functions),
                "size": len(selection.picks),
                "radius": selection.radius,
            }
            write_facts(folder / "facts.json", facts)

        return run_stage(
            self.work, StageName.SELECT, 1, [self.config.core_set, self.config.seed], [before, vectors], build
        )

    def _teach(self) -> Path:
        before = self.folder(StageName.SELECT)
        deciding = [self.config.teacher, self.config.mixture, self.config.seed]

        def build(folder: Path) -> None:
            functions = RowFile(before / "functions.jsonl", RawFunction)
            self._expect(StageName.TEACH, len(functions))
            counts: Counter[str] = Counter()

            def progress(done: int) -> None:
                self.progress(StageName.TEACH, done)

            if self.needs_model:
                rows = teach(self.config, functions, self.work / "cache", counts, progress)
                write_rows(folder / "pool.jsonl", rows)
            else:
                spans = functions.spans()
                write_lines(folder / "pool.jsonl", teach_by_rules(spans, self.config.seed, self._processes, progress))
            write_facts(folder / "facts.json", counts)

        return run_stage(self.work, StageName.TEACH, 4, deciding, [before], build)

    def _prove(self) -> Path:
        core, before = self.folder(StageName.SELECT), self.folder(StageName.TEACH)
        execution = self.config.execution

        def build(folder: Path) -> None:
            rows = RowFile(before / "pool.jsonl", Example)
            functions = RowFile(core / "functions.jsonl", RawFunction)
            modules = Modules(self.folder(StageName.COLLECT))
            self._expect(StageName.PROVE, len(rows))

            def proven() -> Iterator[Example]:
                with self._open_sandbox() as sandbox:
                    runner = sandbox_runner(self.work / "cache" / "executions.jsonl", sandbox)
                    # Some functions at a time: their rows lie together, as teachers keep the order of the core set.
                    for begin in range(0, len(rows), _ROWS_AT_ONCE):
                        some = rows[begin : begin + _ROWS_AT_ONCE]
                        core_rows = (functions[rank] for rank in sorted({row.core_rank for row in some}))
                        raw = {each.function_id: each for each in map(modules.whole, core_rows)}
                        checked = list(check_rows(some, raw, runner))
                        yield from prove_repairs(checked, raw, sandbox.run, self.config.seed)
                        self.progress(StageName.PROVE, len(some))

            write_rows(folder / "pool.jsonl", proven())

        return run_stage(self.work, StageName.PROVE, 3, [execution.tier, self.config.seed], [before], build)

    def _leakage(self) -> Path:
        vectors, before = self.folder(StageName.EMBED), self.folder(StageName.PROVE)
        config = self.config.leakage
        benchmarks = load_benchmarks(config)
        settings = [config, [[each.name, len(each.problems), each.missing] for each in benchmarks]]

        def build(folder: Path) -> None:
            pool = RowFile(before / "pool.jsonl", Example)
            written = [place for place, row in enumerate(pool) if row.instruction and row.output]
            rows = MappedRows(written, pool.__getitem__)
            self._expect(StageName.LEAKAGE, len(rows))
            report = check_leakage(
                rows,
                benchmarks,
                config,
                # Most rows teach a function whose vector is kept since the core set's stage.
                self._encode,
                self._open_sandbox,
                lambda n: self.progress(StageName.LEAKAGE, n),
                workers=self._processes,
                workplace=self.workplace,
            )
            write_facts(folder / "report.json", report)

        return run_stage(self.work, StageName.LEAKAGE, 3, settings, [vectors, before], build)

    def _problems(self) -> Path:
        before = self.folder(StageName.SELECT)
        config, leakage = self.config.problems, self.config.leakage
        benchmarks = load_benchmarks(leakage)
        deciding = [config, self.config.seed, self.config.execution.tier, leakage.ngram_tokens]
        settings = [deciding, [[each.name, len(each.problems), each.missing] for each in benchmarks]]

        def build(folder: Path) -> None:
            functions = RowFile(before / "functions.jsonl", RawFunction)
            self._expect(StageName.PROBLEMS, len(functions))
            with self._open_sandbox() as sandbox:
                made = make_problems(
                    functions,
                    config,
                    self.config.seed,
                    benchmarks,
                    leakage,
                    sandbox,
                    lambda n: self.progress(StageName.PROBLEMS, n),
                )
            write_rows(folder / PROBLEMS_NAME, made.problems)
            facts = {"tried": made.tried, "made": len(made.problems), "dropped": made.dropped}
            write_facts(folder / "facts.json", {**facts, "not_compared": made.not_compared})

        return run_stage(self.work, StageName.PROBLEMS, 1, settings, [before], build)

    def _encode(self, texts: Sequence[str], file: Path | None = None) -> Vectors:
        index = self.work / "cache" / "embeddings"
        return embed(
            texts,
            self.config.embed,
            index,
            lambda n: self.progress(StageName.EMBED, n),
            file,
            workers=self._processes,
            workplace=self.workplace,
        )

    def _open_sandbox(self) -> Sandbox:
        return self.workplace.open_sandbox(self.config.execution.tier, self.config.execution.workers)

    def _count(self, stage: StageName, items: Iterator[bytes]) -> Iterator[bytes]:
        for item in items:
            self.progress(stage, 1)
            yield item

    def _expect(self, stage: StageName, total: int) -> None:
        if isinstance(self.progress, StepProgress):
            self.progress.expect(stage, total)

    @property
    def _processes(self) -> int | None:
        return self.config.execution.workers

    @property
    def needs_model(self) -> bool:
        """Whether the teach stage asks a model."""
        return self.config.teacher.kind is TeacherKind.LLM


def _apply_rules_to(config: RulesConfig, span: RowSpan) -> tuple[list[bytes], Funnel]:
    """The lines of a span whose functions pass; runs in a process of its own."""
    funnel = Funnel()
    decoder = msgspec.json.Decoder(RawFunction)
    kept = [line for line in span.lines() if any(apply_rules([decoder.decode(line)], config, funnel))]
    return kept, funnel


def _sketch_of(config: DuplicatesConfig, span: RowSpan) -> Sketches:
    return sketch(span.read(RawFunction), config)


def _code_of(function: RawFunction) -> str:
    return function.code
