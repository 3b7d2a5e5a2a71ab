"""Files of the Python standard library and of installed packages."""

import sysconfig
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from datagen.sources.files import SourceFile, list_files, printable
from harness.runs.settings import ConfigError

_LONGEST_NAME = 80
"""Some packages put the whole licence text where its name belongs."""
LIBRARY_LEFT_OUT = (
    "site-packages/*",
    "dist-packages/*",
    "test/*",
    "*/test/*",
    "*/tests/*",
    "idlelib/idle_test/*",
    "*.pyc",
)


def standard_library_files(include: tuple[str, ...], exclude: tuple[str, ...]) -> list[SourceFile]:
    """The standard library of this interpreter, without tests and installed packages."""
    return list_files(Path(sysconfig.get_path("stdlib")), include, (*LIBRARY_LEFT_OUT, *exclude))


def package_files(name: str) -> tuple[list[SourceFile], str]:
    """The files of an installed distribution, and its licence as its metadata states it.

    Raises ConfigError when it is not installed.
    """
    try:
        found = distribution(name)
    except PackageNotFoundError:
        raise ConfigError(
            f"The package {name!r} is not installed: pip install it, or take it out of the source."
        ) from None
    files = [
        SourceFile(printable(path.as_posix()), Path(str(path.locate())))
        for path in found.files or []
        if path.suffix != ".pyc" and not path.as_posix().startswith("..")
    ]
    metadata = found.metadata
    stated = [metadata[each] for each in ("License-Expression", "License") if each in metadata]
    if stated and len(stated[0]) < _LONGEST_NAME:
        licence = stated[0]
    else:
        classifiers = metadata.get_all("Classifier") or []
        licence = ", ".join(line.split(" :: ")[-1] for line in classifiers if line.startswith("License ::"))
    return sorted((file for file in files if file.location.is_file()), key=lambda file: file.name), licence
