"""The command `wavebench finetune`: its arguments and its output."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import in_one_sentence


@in_one_sentence
def finetune(
    config: Annotated[Path, typer.Argument(help="TOML file: base model, data and recipe.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the model, its manifest and report.")],
    check: Annotated[bool, typer.Option("--check", help="Check data and memory without training.")] = False,
) -> None:
    """Fine-tunes a causal language model on instruction rows. Run the same command again to resume."""
    import msgspec

    from datagen.finetune.config import load_finetune
    from datagen.finetune.finetune import finetune as run
    from datagen.finetune.finetune import load
    from datagen.finetune.training.processes import owns_folder
    from datagen.rows.content_store import only_one

    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin while waiting would burn a busy processor
    settings = load_finetune(config)
    with only_one(out, when=owns_folder()):
        if check:
            checks = load(settings, out).checks
            for name, value in msgspec.to_builtins(replace(checks, remarks=())).items():
                if name != "remarks":
                    label, number = (
                        name.replace("_", " "),
                        f"{value:,.1f}" if isinstance(value, float) else f"{value:,}",
                    )
                    typer.echo(f"{label}: {number}")
            for remark in checks.remarks:
                typer.echo(remark)
            return
        training = run(settings, out, lambda sentence: print(sentence, file=sys.stderr))  # noqa: T201
    if owns_folder():
        before, after = training.loss_before, training.loss_after
        losses = f"held-out loss {before:.4f} -> {after:.4f}; " if before is not None and after is not None else ""
        speed = f"{training.throughput.tokens_per_second:,.0f} tokens/s"
        typer.echo(f"{training.steps} steps; {losses}{speed}; report: {out}/report.html")
        typer.echo(f"Evaluate it: wavebench eval --model hf:{out}/model --task humaneval --style alpaca")
