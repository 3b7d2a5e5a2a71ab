"""Builds the toolchain of a language, once, with the tools found on this machine."""

import json
import os
import shutil
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

from sandbox.languages import SOURCES, Command, Language, fill, sources_of
from sandbox.toolchains.cache_folder import hold_lock
from sandbox.toolchains.installed import (
    RECORD,
    Toolchain,
    ToolchainMissingError,
    read_toolchain,
    sources_digest,
    stamp,
    toolchain_folder,
)

_HIDDEN = ("/tmp", "/proc", "/dev", "/build")
"""Folders that a program sees others in place of."""

_BUILD_SECONDS = 900
_ASK_SECONDS = 60


def install(language: Language, *, again: bool = False) -> Toolchain:
    """The toolchain of one language, built unless it is there already. Raises ToolchainMissingError."""
    folder = toolchain_folder(language)
    _refuse_hidden(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder.with_suffix(".lock")):  # two installations at once would build into the same folder
        if not again:
            try:
                return read_toolchain(language)
            except ToolchainMissingError:
                pass
        toolchain = _describe(language, folder)
        _clear(folder)
        _build(language, toolchain)
        _open_to_all(folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != RECORD)
        toolchain = replace(toolchain, files={str(path.relative_to(folder)): path.stat().st_size for path in files})
        (folder / RECORD).write_text(json.dumps(asdict(toolchain), indent=1))
        return toolchain


def find_tools(language: Language) -> dict[str, str]:
    """Real path of every tool by name. Raises ToolchainMissingError naming the first that is absent."""
    found = {name: shutil.which(name) for name in language.tools}
    for name, path in found.items():
        if not path:
            packages = " ".join(language.debian_packages)
            raise ToolchainMissingError(
                f"{language.title} needs the command {name!r}, which is not on the PATH; "
                f"on Debian: apt-get install {packages}"
            )
    paths = {name: path for name, path in found.items() if path}
    home = _ask(language, language.home, paths) if language.home else ""
    return {name: _real_path(name, path, home) for name, path in paths.items()}


def _real_path(name: str, path: str, home: str) -> str:
    """A tool of the toolchain's own home rather than the switch that starts it, such as rustup's."""
    own = os.path.join(home, "bin", name)
    if home and os.path.isfile(own):
        return os.path.realpath(own)
    real = os.path.realpath(path)
    return real if os.path.basename(real) == name else path  # a link to a switch goes by its own name


def _describe(language: Language, folder: Path) -> Toolchain:
    tools = find_tools(language)
    stamps = {name: stamp(path) for name, path in tools.items()}
    return Toolchain(
        language=language.toolchain_name,
        folder=str(folder),
        tools=tools,
        stamps={name: value for name, value in stamps.items() if value},
        homes=_homes(language, tools),
        versions=tuple(_ask(language, command, tools).splitlines()[0] for command in language.versions),
        sources=sources_digest(language),
    )


def _homes(language: Language, tools: dict[str, str]) -> tuple[str, ...]:
    """Where the tools are installed, as far as programs do not see it anyway. Never somebody's whole home folder."""
    homes = {str(Path(path).parent.parent) for path in tools.values()}
    outside = sorted(home for home in homes if not f"{home}/".startswith(("/usr/", "/bin/", "//")))
    for home in outside:
        _refuse_hidden(Path(home))
        if Path.home().is_relative_to(home):
            raise ToolchainMissingError(
                f"A tool of {language.title} lies directly below {home!r}, which programs may not see; "
                "install it in a folder of its own, or below /usr."
            )
    return tuple(outside)


def _ask(language: Language, command: Command, tools: dict[str, str]) -> str:
    words = [fill(word, tools) for word in command]
    try:
        ran = subprocess.run(words, capture_output=True, text=True, check=True, timeout=_ASK_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolchainMissingError(f"The command {' '.join(words)!r} of {language.title} failed: {error}.") from error
    return ran.stdout.strip() or ran.stderr.strip() or "unknown"


def _build(language: Language, toolchain: Toolchain) -> None:
    variables = {name.upper().replace("+", "X"): path for name, path in toolchain.tools.items()}
    ran = subprocess.run(
        ["sh", str(sources_of(language.name) / "build.sh")],
        cwd=toolchain.folder,
        env={**os.environ, "SOURCES": str(SOURCES), **variables},
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
    )
    if ran.returncode:
        words = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-15:])
        packages = " ".join(language.debian_packages)
        raise ToolchainMissingError(
            f"The toolchain of {language.title} could not be built; on Debian it needs: {packages}\n{words}"
        )


def _refuse_hidden(folder: Path) -> None:
    for hidden in _HIDDEN:
        if folder.resolve().is_relative_to(hidden):
            raise ToolchainMissingError(
                f"Programs see a folder of their own in place of {hidden!r}, so {str(folder)!r} cannot hold a "
                "toolchain; set WAVEBENCH_CACHE to a folder elsewhere."
            )


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _open_to_all(folder: Path) -> None:
    """Programs run under an id of their own, which must be able to read, and cannot write."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod((mode | 0o555 if path.is_dir() or mode & 0o100 else mode | 0o444) & ~0o022)
