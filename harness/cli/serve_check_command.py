"""`wavebench serve-check`: what a server can do before a run depends on it."""

from typing import Annotated

import typer

from harness.cli.errors import in_one_sentence


@in_one_sentence
def serve_check(
    url: Annotated[str, typer.Argument(help="Address of the server, such as http://127.0.0.1:8000/v1.")],
    model: Annotated[str | None, typer.Option("--model", help="Its name there; needed where several are.")] = None,
    key_variable: Annotated[
        str, typer.Option("--key-variable", help="Environment variable that holds the key.")
    ] = "OPENAI_API_KEY",
) -> None:
    """Tries a server: model, chat template, token counts, seeds, stop strings, prefill, logprobs."""
    from harness.checks.serve_check import check_server, refuse_missing_extra

    refuse_missing_extra()
    works = True
    for finding in check_server(url, model.removeprefix("api:") if model else None, key_variable):
        typer.echo(str(finding))
        works = works and (finding.ok or not finding.needed)
    raise typer.Exit(0 if works else 1)
