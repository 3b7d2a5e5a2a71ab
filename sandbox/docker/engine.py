"""The Docker engine, as far as the sandbox needs it. What is missing is one sentence with its remedy."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

from sandbox.docker.image import LABEL, Variant, image_name, recipe_digest
from sandbox.errors import SandboxError
from sandbox.extras import install_command

BUILD = "scripts/build-sandbox-image.sh"
_START = (
    "start it (`systemctl start docker`, or as root `scripts/start-docker-engine.sh FOLDER`), name another one in "
    "DOCKER_HOST, or become a member of the group that may use its socket (`docker`)"
)
_REQUEST_SECONDS = 120
"""A busy machine may take long to start a container."""


class Engine:
    """A connection to the engine that DOCKER_HOST names, or the usual one. Raises SandboxError where none answers."""

    def __init__(self) -> None:
        self._docker = _docker_package()
        try:
            client = self._docker.from_env(version="auto", timeout=_REQUEST_SECONDS)
            self._api = client.api
            self.version = f"docker {self._api.version()['Version']}"
        except self._docker.errors.DockerException as error:
            cause: BaseException = error  # what the operating system said, below what libraries made of it
            while below := cause.__cause__ or cause.__context__:
                cause = below
            said = getattr(cause, "strerror", None) or str(cause)
            raise SandboxError(f"No Docker engine answers at {_address()!r} ({said}); {_START}.") from error
        self.address = _address()

    def image(self) -> str:
        """The fullest image of this version's recipe that the engine has. Raises SandboxError where there is none."""
        for variant in (Variant.LANGUAGES, Variant.PYTHON):
            name = image_name(variant)
            with suppress(self._docker.errors.ImageNotFound):
                labels: dict[str, str] | None = self._api.inspect_image(name)["Config"]["Labels"]
                if labels and labels.get(LABEL) == recipe_digest(variant):
                    return name
        raise SandboxError(
            f"The Docker engine at {self.address!r} has no sandbox image of this version "
            f"({image_name(Variant.PYTHON)!r}); `{BUILD} python` makes it, `{BUILD} languages` one with all languages."
        )

    def start(
        self,
        image: str,
        *,
        command: list[str],
        environment: Mapping[str, str],
        user: str,
        folders: Mapping[str, str],
        limits: Mapping[str, Any],
        more_limits: Mapping[str, Any],
    ) -> str:
        """Starts a container and gives its id; `folders` are shown read-only. Raises SandboxError.

        What it prints is there for `last_words` until `stop_listening`, and is written nowhere.
        """
        binds = {folder: {"bind": inside, "mode": "ro"} for folder, inside in folders.items()}
        host_config = {**self._api.create_host_config(binds=binds, **limits), **more_limits}
        try:
            created = self._api.create_container(
                image, command=command, environment=dict(environment), user=user, host_config=host_config
            )
            self._words = self._api.attach(created["Id"], stream=True)
            self._api.start(created["Id"])
        except self._docker.errors.APIError as error:
            raise SandboxError(
                f"The Docker engine refused to start a sandbox container: {error.explanation}"
            ) from error
        return created["Id"]

    def is_running(self, container: str) -> bool:
        """Whether its first process is alive."""
        try:
            return bool(self._api.inspect_container(container)["State"]["Running"])
        except self._docker.errors.NotFound:
            return False

    def last_words(self) -> str:
        """The last line that the container started last, which has ended, printed."""
        printed = b"".join(self._words).decode(errors="replace").split("\n")
        return next((line for line in reversed(printed) if line.strip()), "it said nothing")

    def stop_listening(self) -> None:
        self._words.close()
        self._words._response.close()  # else its descriptor stays until the garbage collector comes by

    def hang_up(self) -> None:
        """Closes idle connections; the next request opens a new one."""
        self._api.close()

    def remove(self, container: str) -> None:
        """Ends it, if it has not ended by itself."""
        with suppress(self._docker.errors.APIError):
            self._api.remove_container(container, force=True)

    def wait_until_removed(self, container: str, seconds: float) -> None:
        """Waits for the engine to have removed an ended container; removes it where it does not end."""
        try:
            self._api.wait(container, timeout=seconds, condition="removed")
        except self._docker.errors.NotFound:
            return
        except Exception:  # what an engine says that was stopped or is too busy to answer in time
            self.remove(container)


def _docker_package() -> Any:
    """The docker library, which has no types."""
    try:
        import docker
    except ImportError as error:
        raise SandboxError(
            "The sandbox tier 'docker' needs the Python package 'docker', which is not installed; "
            f"{install_command('docker')}"
        ) from error
    return cast("Any", docker)


def _address() -> str:
    return os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
