"""The leakage report on instruction data from elsewhere."""

from collections.abc import Callable
from pathlib import Path

from datagen.config import LeakageConfig, LeakCheck
from datagen.coreset.embed import EmbedConfig, embed
from datagen.leakage.benchmark import load_benchmarks
from datagen.leakage.check import LeakReport, check_leakage
from datagen.leakage.neighbours import score_table
from datagen.output.card import table
from datagen.rows.content_store import write_facts
from datagen.rows.example import Example, TaskType
from datagen.rows.instruction_rows import read_instruction_rows
from datagen.rows.raw_function import Origin
from datagen.workplace.local import LOCAL
from datagen.workplace.workplace import Workplace
from harness.files.atomic_write import write_whole
from sandbox.outcome import Tier


def report_foreign(
    rows: Path,
    out: Path,
    data: str,
    encoder: str,
    progress: Callable[[str, int], None],
    workplace: Workplace = LOCAL,
) -> Path:
    """Compares the rows with HumanEval and MBPP in every way; writes report.json and report.md, returns the latter.

    Raises ConfigError when the rows cannot be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    examples = [
        Example(
            task=TaskType.GENERATION,
            instruction=row.instruction,
            input=row.input,
            output=row.output,
            language="",
            function_id=str(place),
            function_name="",
            origin=Origin(rows.name, str(place)),
            teacher="elsewhere",
            wording="",
            core_rank=place,
        )
        for place, row in enumerate(read_instruction_rows(rows))
    ]
    checks = (LeakCheck.SUBSTRING, LeakCheck.NGRAM, LeakCheck.BEHAVIOUR)
    config = LeakageConfig(data=data, checks=checks, remove=())
    settings = EmbedConfig(encoder=encoder)
    report = check_leakage(
        examples,
        load_benchmarks(config),
        config,
        lambda texts: embed(texts, settings, out / "embeddings", lambda n: progress("embed", n), workplace=workplace),
        lambda: workplace.open_sandbox(Tier.NAMESPACES, None),
        lambda n: progress("behaviour", n),
        workplace=workplace,
    )
    write_facts(out / "report.json", report)
    write_whole(out / "report.md", _render(report, rows.name, encoder))
    return out / "report.md"


def _render(report: LeakReport, name: str, encoder: str) -> str:
    counts = report.behaviour
    finds = [(leak.task_id, leak.check, f"row {leak.example_id}", leak.evidence) for leak in report.leaks]
    missing = [f"Not checked: {benchmark} ({reason})" for benchmark, reason in report.missing.items()]
    parts = [
        f"# Leakage of {name}",
        f"{report.rows:,} rows against {', '.join(f'{each} ({count})' for each, count in report.problems.items())}.",
        *missing,
        "## Rows found",
        table(list(report.rows_by_check().items()), "check", "rows"),
        f"Behavioural check: {counts.functions:,} Python functions tried, {counts.broken:,} could not be defined "
        f"alone, {counts.killed} took their program down, {counts.group_finds} pairs passed in groups, "
        f"{counts.confirmed} were confirmed alone. Problems whose tests even trivial code passes, so that "
        f"matches there mean little: {', '.join(counts.weak_problems) or 'none'}.",
        "## Mean similarity of the nearest training code (compare only within one encoder)",
        table(score_table(name, encoder, list(report.scores.items())), "set", "encoder", "HumanEval", "MBPP"),
        "## All matches",
        table(finds, "problem", "check", "row", "evidence"),
    ]
    return "\n\n".join(parts) + "\n"
