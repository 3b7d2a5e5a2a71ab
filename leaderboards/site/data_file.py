"""Data files of the site. A page opened from disk may not fetch JSON, but it may run a script: so each is a script."""

from pathlib import Path
from typing import Any

import msgspec

_LINE_ENDS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))
"""Line ends for older JavaScript, though not for JSON."""


def write_data(out: Path, name: str, value: Any) -> None:
    """Writes data/NAME.js, which hands `value` to the page that loads it."""
    path = out / "data" / f"{name}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"wavebench.receive(" + encode(name) + b"," + encode(value) + b");\n")


def encode(value: Any) -> bytes:
    """JSON that is safe inside a script, in a file or between tags."""
    text = msgspec.json.encode(value).replace(b"<", b"\\u003c")
    for plain, escaped in _LINE_ENDS:
        text = text.replace(plain, escaped)
    return text
