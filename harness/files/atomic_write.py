"""Writes a file whole or not at all: no reader and no crash ever sees half of it."""

import os
from collections.abc import Iterable
from pathlib import Path

from harness.files.json_lines import NO_ROOM, full_disk


def write_whole(path: Path, pieces: str | Iterable[str]) -> None:
    """Replaces `path` at once, piece by piece where the text is long. Raises FullDiskError; the old file then stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", errors="surrogatepass", newline="\n") as stream:
            stream.writelines([pieces] if isinstance(pieces, str) else pieces)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        if error.errno in NO_ROOM:
            raise full_disk(path) from error
        raise
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
