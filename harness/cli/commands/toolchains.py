"""`wavebench toolchains`: builds and tests what programs of each language are compiled and run with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, print_json

if TYPE_CHECKING:
    from sandbox.languages import Language
    from sandbox.walls.check_result import CheckResult

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Tests and builds the compilers of the languages.",
)

Names = Annotated[list[str] | None, typer.Argument(help="Languages. [default: all]")]
SandboxTier = Annotated[str, typer.Option("--sandbox", help="Isolation: namespaces, docker, or none for no isolation.")]


@app.command("install")
@report_errors
def install_command(
    names: Names = None,
    again: Annotated[bool, typer.Option("--again", help="Rebuild what is installed.")] = False,
    tier: SandboxTier = "namespaces",
    as_json: AsJson = False,
) -> None:
    """Builds each language's toolchain, then tests it. It lies in the cache and is tested in the sandbox."""
    from sandbox.errors import WavebenchError
    from sandbox.toolchains.install import install

    built: dict[str, Path] = {}
    failed: dict[str, str] = {}
    for row in _chosen(names):
        try:
            built[row.name] = Path(install(row, again=again).folder)
            typer.echo(f"built {row.name}: {built[row.name]}", err=as_json)
        except WavebenchError as error:
            failed[row.name] = str(error)
            typer.echo(f"FAIL  {row.name}: {error}", err=as_json)
    checks = _test(list(built), tier, as_json)
    if as_json:
        print_json({"built": built, "failed": failed, "checks": checks})
    raise typer.Exit(0 if _all_ok(checks) and not failed else 1)


@app.command("check")
@report_errors
def check_command(names: Names = None, tier: SandboxTier = "namespaces", as_json: AsJson = False) -> None:
    """Tests each language in the sandbox. A right program must pass and a wrong one fail."""
    checks = _test([row.name for row in _chosen(names)], tier, as_json)
    if as_json:
        print_json({"checks": checks})
    raise typer.Exit(0 if _all_ok(checks) else 1)


@app.command("packages")
@report_errors
def packages_command(names: Names = None, as_json: AsJson = False) -> None:
    """Prints the Debian packages that toolchains are built from. They are for apt-get install."""
    packages = list(dict.fromkeys(package for row in _chosen(names) for package in row.debian_packages))
    print_json(packages) if as_json else typer.echo(" ".join(packages))


def _chosen(names: list[str] | None) -> "list[Language]":
    from sandbox.languages import language, languages_of_their_own

    rows = [language(name) for name in names or languages_of_their_own()]
    return [row for row in rows if row.needs_toolchain]


def _test(names: list[str], tier: str, as_json: bool) -> "list[CheckResult]":
    from sandbox.launch import open_sandbox
    from sandbox.outcome import Tier
    from sandbox.toolchains.probe import probe_toolchains

    if not names:
        return []
    with open_sandbox(Tier(tier), workers=1) as sandbox:
        checks = list(probe_toolchains(sandbox, names))
    for check in checks:
        typer.echo(f"{'ok   ' if check.ok else 'FAIL '} {check.name}: {check.detail}", err=as_json)
    return checks


def _all_ok(checks: "list[CheckResult]") -> bool:
    return bool(checks) and all(check.ok for check in checks)
