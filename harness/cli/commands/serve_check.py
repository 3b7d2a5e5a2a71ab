"""`wavebench serve-check`: what a server can do before a run depends on it."""

from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson


@report_errors
def serve_check_command(
    url: Annotated[str, typer.Argument(help="Address of the server, such as http://127.0.0.1:8000/v1.")],
    model: Annotated[
        str | None, typer.Option("--model", help="The model's name on the server; needed if it serves several.")
    ] = None,
    key_variable: Annotated[
        str, typer.Option("--key-variable", help="Environment variable that holds the key.")
    ] = "OPENAI_API_KEY",
    as_json: AsJson = False,
) -> None:
    """Tests whether a model server answers as it should.

    Looks at model, chat template, token counts, seeds, stop strings, prefill and logprobs.
    """
    from harness.checks.serve_check import check_server, refuse_missing_extra
    from harness.cli.findings import print_findings

    refuse_missing_extra()
    print_findings(check_server(url, model.removeprefix("api:") if model else None, key_variable), as_json)
