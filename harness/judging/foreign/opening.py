"""Opens files of other tools, compressed or not."""

import gzip
from pathlib import Path
from typing import IO, cast

from tasks.data.files import GZIP_MAGIC


def open_unzipped(path: Path) -> IO[bytes]:
    """A file as it was before gzip, where it is compressed at all."""
    with path.open("rb") as stream:
        compressed = stream.read(2) == GZIP_MAGIC
    return cast(IO[bytes], gzip.open(path)) if compressed else path.open("rb")
