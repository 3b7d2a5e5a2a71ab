"""What a program finds as it begins: its other files in the current folder, and its input."""

import os
from collections.abc import Mapping

from sandbox.wire.texts import write_all


def write_files(files: Mapping[str, str]) -> None:
    """Writes files into the current folder, and the folders that their names ask for.

    Lone surrogates are written as they are, for whoever reads them to refuse. Raises OSError where there is no room,
    ValueError for a name that leaves the folder or cannot be one.
    """
    for name, text in files.items():
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"the file name {name!r} leaves the work folder")
        if folder := os.path.dirname(name):
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(text.encode(errors="surrogatepass"))


def open_input(text: str) -> int:
    """A descriptor from which `text` can be read. Raises OSError where there is no room."""
    if not text:
        return os.open(os.devnull, os.O_RDONLY)
    descriptor = os.memfd_create("stdin")
    write_all(descriptor, text.encode(errors="surrogatepass"))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
