"""The Hugging Face hub as a source: first what its cache on this machine holds, then the hub itself."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

from sandbox.extras import install_command
from tasks.data.dataset import HubFiles

_KNOCK_SECONDS = 10.0


class HubUnavailableError(Exception):
    """Why the hub could not serve the files, in a few words."""


def cached_files(hub: HubFiles) -> list[Path] | None:
    """The files in the local hub cache, or None; never touches the network.

    The pinned revision comes first, then whatever `main` was when it was fetched: the fingerprint decides anyway.
    """
    try:
        from huggingface_hub import try_to_load_from_cache
    except ModuleNotFoundError:
        return None
    for revision in (hub.revision, "main"):
        found = [
            try_to_load_from_cache(hub.repository, file, revision=revision, repo_type="dataset") for file in hub.files
        ]
        paths = [Path(file) for file in found if isinstance(file, str)]
        if len(paths) == len(hub.files):
            return paths
    return None


def fetched_files(hub: HubFiles) -> list[Path]:
    """The files at the pinned revision, fetched into the hub cache; HubUnavailableError when that is impossible."""
    try:
        import huggingface_hub
    except ModuleNotFoundError as error:
        raise HubUnavailableError(f"huggingface_hub is not installed, {install_command('data')}") from error
    if reason := _unreachable(huggingface_hub.constants.ENDPOINT):
        raise HubUnavailableError(reason)
    try:
        fetch = cast(Callable[..., str], huggingface_hub.hf_hub_download)  # pyright: ignore[reportUnknownMemberType]
        return [Path(fetch(hub.repository, file, revision=hub.revision, repo_type="dataset")) for file in hub.files]
    except Exception as error:  # the library lets errors of three HTTP stacks through
        raise HubUnavailableError(_first_line(error)) from error


@cache
def _unreachable(endpoint: str) -> str:
    """Why the hub does not answer, "" when it does: one try a process, of which the library makes six for each file."""
    from huggingface_hub import get_session

    try:
        get_session().head(endpoint, timeout=_KNOCK_SECONDS)
    except Exception as error:  # as above
        return f"{endpoint} does not answer: {_first_line(error)}"
    return ""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
