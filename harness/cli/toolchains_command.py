"""`wavebench toolchains`: what the programs of each language are compiled and run with, built and tried."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.errors import in_one_sentence

if TYPE_CHECKING:
    from sandbox.languages import Language

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Compilers and run times of the languages: what is installed, and building what is not.",
)

Names = Annotated[list[str] | None, typer.Argument(help="Languages; all of them unless named.")]
SandboxTier = Annotated[str, typer.Option("--sandbox", help="namespaces, docker or none.")]


@app.command("install")
@in_one_sentence
def install_command(
    names: Names = None,
    again: Annotated[bool, typer.Option("--again", help="Build anew what is there.")] = False,
    tier: SandboxTier = "namespaces",
) -> None:
    """Builds each language's toolchain into the cache, then tries it in the sandbox."""
    from sandbox.errors import WavebenchError
    from sandbox.toolchains.install import install

    built: list[str] = []
    for row in _chosen(names):
        try:
            toolchain = install(row, again=again)
        except WavebenchError as error:
            typer.echo(f"FAIL  {row.name}: {error}")
        else:
            built.append(row.name)
            typer.echo(f"built {row.name}: {toolchain.folder}")
    sound = _try_out(built, tier)
    raise typer.Exit(0 if sound and len(built) == len(_chosen(names)) else 1)


@app.command("check")
@in_one_sentence
def check_command(names: Names = None, tier: SandboxTier = "namespaces") -> None:
    """Tries each language: a right program must pass in the sandbox and a wrong one fail."""
    raise typer.Exit(0 if _try_out([row.name for row in _chosen(names)], tier) else 1)


@app.command("packages")
@in_one_sentence
def packages_command(names: Names = None) -> None:
    """Prints the Debian packages that the toolchains are built from, for apt-get install."""
    typer.echo(" ".join(dict.fromkeys(package for row in _chosen(names) for package in row.debian_packages)))


def _chosen(names: list[str] | None) -> "list[Language]":
    from sandbox.languages import language, languages

    rows = [language(name) for name in names or languages()]
    return [row for row in rows if row.needs_toolchain]


def _try_out(names: list[str], tier: str) -> bool:
    from sandbox.launch import open_sandbox
    from sandbox.outcome import Tier
    from sandbox.toolchains.probe import probe_toolchains

    if not names:
        return False
    with open_sandbox(Tier(tier), workers=1) as sandbox:
        checks = list(probe_toolchains(sandbox, names))
    for check in checks:
        typer.echo(f"{'ok   ' if check.ok else 'FAIL '} {check.name}: {check.detail}")
    return all(check.ok for check in checks)
