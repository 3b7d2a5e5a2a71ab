"""The command `wavebench finetune`: its arguments and its output."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, print_json


@report_errors
def finetune(
    config: Annotated[Path, typer.Argument(help="TOML file; `wavebench settings finetune` lists its settings.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the model, its manifest and report.")],
    check: Annotated[bool, typer.Option("--check", help="Check data and memory only; train nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fine-tunes a causal language model on instruction rows. The same command again continues where it stopped."""
    import msgspec

    from datagen.finetune.config import load_finetune
    from datagen.finetune.finetune import finetune as run
    from datagen.finetune.finetune import load
    from datagen.finetune.training.processes import owns_folder
    from datagen.rows.content_store import only_one

    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait by spinning burn most of a busy processor
    settings = load_finetune(config)
    with only_one(out, when=owns_folder()):
        if check:
            checks = load(settings, out).checks
            if as_json:
                print_json(checks)
                return
            for name, value in msgspec.to_builtins(checks).items():
                if name == "remarks":
                    continue
                shown = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
                typer.echo(f"{name.replace('_', ' ') if isinstance(value, float) else name}: {shown}")
            for remark in checks.remarks:
                typer.echo(remark)
            return
        training = run(settings, out, lambda sentence: print(sentence, file=sys.stderr))  # noqa: T201
    if owns_folder() and as_json:
        print_json({**msgspec.to_builtins(training), "model": out / "model", "report": out / "report.html"})
    elif owns_folder():
        before, after = training.loss_before, training.loss_after
        losses = f"held-out loss {before:.4f} -> {after:.4f}; " if before is not None and after is not None else ""
        speed = f"{training.throughput.tokens_per_second:,.0f} tokens/s"
        report = out / "report.html"
        told = f"report: {report}" if report.exists() else f"log: {out}/log.jsonl"
        typer.echo(f"{training.steps} steps; {losses}{speed}; {told}")
        typer.echo(f"Evaluate it: wavebench eval --model hf:{out}/model --task humaneval --style {settings.template}")
