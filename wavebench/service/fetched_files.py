"""Files that a Python program is given and leaves: they travel in its text and on its stdout, by a frame around it.

The frame runs in the program's own process. A program can lie about its files; they are its own.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from wavebench.rewards.own.rows import MOST_OUTPUT_BYTES

MOST_FETCHED_BYTES = 32 * 1024
"""Of all files together: stdout, of which the sandbox keeps 64 KiB, carries them in base64."""
_CUT = "the output and fetch_files together are larger than 64 KiB, which is all that is kept"
MAIN_FILE, PROGRAM_FILE = "main.py", "wavebench_program.py"
_FRAME = """\
import base64, json, os, runpy, sys
GIVEN, FETCHED, MARK, MOST = {given!r}, {fetched!r}, {mark!r}, {most!r}
for path, text in GIVEN.items():
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(base64.b64decode(text))
try:
    runpy.run_path({program!r}, run_name="__main__")
finally:
    if FETCHED:
        paths = [path for path in FETCHED if os.path.isfile(path)]
        told = sum(map(os.path.getsize, paths))
        if told <= MOST:
            told = {{path: base64.b64encode(open(path, "rb").read()).decode() for path in paths}}
        sys.stdout.flush()
        with open(1, "wb", closefd=False) as out:
            out.write((MARK + json.dumps(told)).encode())
"""


class FilesError(Exception):
    """Files that cannot be given or fetched; the text says why."""


@dataclass(frozen=True)
class FilesFrame:
    """A Python program with files that are no texts, or with files to fetch."""

    given: Mapping[str, str] = field(default_factory=dict[str, str])
    """Path to base64."""
    fetched: Sequence[str] = ()
    mark: str = field(default_factory=lambda: f"\n\x1e{secrets.token_hex(8)} ")

    def files(self, code: str) -> dict[str, str]:
        """The files of the program that runs in the sandbox."""
        frame = _FRAME.format(
            given=dict(self.given),
            fetched=list(self.fetched),
            mark=self.mark,
            most=MOST_FETCHED_BYTES,
            program=PROGRAM_FILE,
        )
        return {MAIN_FILE: frame, PROGRAM_FILE: code}

    def parted(self, stdout: str) -> tuple[str, dict[str, str]]:
        """What the program printed, and the files that it left by path; none where it did not come to its end.

        Raises FilesError where they are too large.
        """
        printed, mark, told = stdout.rpartition(self.mark)
        if not mark and len(stdout.encode()) >= MOST_OUTPUT_BYTES:
            raise FilesError(_CUT)
        if not mark:
            return stdout, {}
        try:
            found: Any = json.loads(told)
        except (ValueError, RecursionError):
            raise FilesError(_CUT) from None
        if isinstance(found, int):
            raise FilesError(f"fetch_files have {found} bytes together, and {MOST_FETCHED_BYTES} are returned")
        if not isinstance(found, dict):
            return printed, {}
        files = cast("dict[str, object]", found)
        return printed, {path: text for path, text in files.items() if isinstance(text, str) and path in self.fetched}


def decoded_files(files: Mapping[str, str | None]) -> tuple[dict[str, str], dict[str, str]]:
    """Files in base64: the texts among them by path, and the others, still in base64. Raises FilesError."""
    texts: dict[str, str] = {}
    others: dict[str, str] = {}
    for path, encoded in files.items():
        try:
            content = base64.b64decode(encoded or "", validate=True)
        except (binascii.Error, ValueError):
            raise FilesError(f"the file {path!r} is not in base64") from None
        try:
            texts[path] = content.decode()
        except UnicodeDecodeError:
            others[path] = encoded or ""
    return texts, others
