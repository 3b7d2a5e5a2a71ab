"""The Hugging Face hub as a source: first what its cache on this machine holds, then the hub itself."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from tasks.data.dataset import HubFiles


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
        raise HubUnavailableError("huggingface_hub is not installed, pip install 'wavebench[data]'") from error
    try:
        fetch = cast(Callable[..., str], huggingface_hub.hf_hub_download)  # pyright: ignore[reportUnknownMemberType]
        return [Path(fetch(hub.repository, file, revision=hub.revision, repo_type="dataset")) for file in hub.files]
    except Exception as error:  # the library lets errors of three HTTP stacks through
        reason = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise HubUnavailableError(reason[0]) from error
