"""Options that several commands share, and how a command prints its result."""

from pathlib import Path
from typing import Annotated

import typer

ModelName = Annotated[
    str | None,
    typer.Option("--model", help="demo, hf:ID_OR_DIR, vllm:ID_OR_DIR, api:MODEL, replay:FILE or scripted:FILE."),
]
TaskNames = Annotated[
    list[str] | None, typer.Option("--task", help="Name of a task, see `wavebench tasks`; may be given more than once.")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file of settings; options override it.")]
OutFolder = Annotated[
    Path | None, typer.Option("--out", help="Run folder; with several --task, their parent folder. [default: runs/...]")
]
Samples = Annotated[int | None, typer.Option("--samples", help="Samples per problem. [default: 1]")]
Temperature = Annotated[
    float | None, typer.Option("--temperature", help="Sampling temperature; 0 is greedy. [default: 0]")
]
MaxTokens = Annotated[
    int | None,
    typer.Option(
        "--max-tokens", help="The most new tokens per completion. [default: 512; of models known to think 16384]"
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Random seed. [default: 0]")]
Limit = Annotated[int | None, typer.Option("--limit", help="Only the first so many problems.")]
StyleName = Annotated[
    str | None, typer.Option("--style", help="Prompt style, such as complete or chat. [default: the task's own]")
]
ExtractionName = Annotated[
    str | None,
    typer.Option(
        "--extraction", help="How code is found: robust, upstream, first-block or last-block. [default: robust]"
    ),
]
FormName = Annotated[
    str | None,
    typer.Option("--form", help="What each text of a samples file is: continuation, fitted, program or auto."),
]
DataPath = Annotated[
    Path | None, typer.Option("--data", help="Folder with the benchmark's files, or one file of own problems.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", help="Address of the server, for api: models; several with commas between them."),
]
AdapterName = Annotated[str | None, typer.Option("--adapter", help="LoRA adapter for an hf: model: folder or hub id.")]
SandboxTier = Annotated[
    str | None,
    typer.Option("--sandbox", help="Isolation: namespaces, docker, or none for no isolation. [default: namespaces]"),
]
ClusterAddress = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Judge on a Ray cluster: its address, or local.")
]
Workers = Annotated[int | None, typer.Option("--workers", help="Programs that run at once. [default: one per core]")]
KValues = Annotated[str | None, typer.Option("--k", help="Which pass@k to report, such as 1,10.")]
JudgingChoice = Annotated[
    str | None,
    typer.Option(
        "--judging",
        help="What decides: both (the benchmark's protocol, its passes confirmed), split (only tests apart from the "
        "candidate) or upstream (only the benchmark's protocol). [default: both]",
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Run every program, also those that ran before.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any setting of config.toml; `wavebench settings` lists them."),
]
Runs = Annotated[list[Path], typer.Argument(help="Run folders.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as one JSON document; all else goes to standard error.")
]


def print_json(result: object) -> None:
    """One JSON document on standard output: dataclasses as objects, what JSON does not know as text."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(result, enc_hook=str), indent=2).decode())
