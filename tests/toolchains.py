"""Builds the toolchains that tests need."""

from sandbox.languages import languages
from sandbox.toolchains.install import install
from sandbox.toolchains.installed import ToolchainMissingError


def build_toolchains() -> dict[str, str]:
    """Builds what is not built yet; says of each language without its tools why it has to be skipped."""
    missing: dict[str, str] = {}
    for row in languages().values():
        try:
            if row.needs_toolchain:
                install(row)
        except ToolchainMissingError as error:
            missing[row.name] = str(error)
    return missing
