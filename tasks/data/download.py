"""Data sets that are neither on the hub nor in a package: fetched from their own address once, or from the place where
the benchmark's own tool keeps them."""

import os
import shutil
import tempfile
import urllib.request
from pathlib import Path

from sandbox.toolchains.cache_folder import cache_folder
from tasks.data.hub import HubUnavailableError

_PATIENCE_SECONDS = 30.0


def downloaded(url: str) -> Path:
    """Where the file of that address lies once it was fetched. A version in the address keeps it apart from others."""
    return cache_folder() / "data" / "-".join(url.split("/")[-2:])


def user_cache_file(path: str) -> Path:
    """A file of another tool's, below the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / path


def fetched_file(url: str) -> Path:
    """Fetches the file and keeps it. HubUnavailableError when nobody serves it."""
    target = downloaded(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS) as response,
            tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part,
        ):
            shutil.copyfileobj(response, part)
    except OSError as error:
        raise HubUnavailableError(str(error)) from error
    Path(part.name).replace(target)  # whole or not at all
    return target
