"""The file-system wall of split candidates, which run without their tests: a root that they share with nobody.

A file that two programs can read carries data from one to the other, whoever owns it and however read-only it is: which
of its pages lie in memory, which names the kernel has looked up in its folder, who waits at a futex in it. So this root
shows no folder of the machine. Small files are copied into it. The large ones are the machine's own, each mounted by
itself, read to its end before the first candidate starts and locked in memory where that is permitted: nobody can
change what there is to see of them.

There is no /proc in it: everything there counts something.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from importlib.util import cache_from_source

from sandbox.walls.elf import libraries_of
from sandbox.walls.filesystem import OLD_ROOT, PACKAGES_FOLDER, enter_empty_root, furnish_root, show_file
from sandbox.walls.syscalls import keep_in_memory

_TOOLS = (
    "sh", "bash", "basename", "cat", "cp", "cut", "date", "dirname", "echo", "env", "expr", "false", "grep", "head",
    "ls", "mkdir", "mv", "printf", "pwd", "rm", "rmdir", "sed", "seq", "sleep", "sort", "tail", "test", "touch", "tr",
    "true", "uname", "uniq", "wc", "which", "[",
)  # fmt: skip
_NOT_SHOWN = {
    "__pycache__", "dist-packages", "distutils", "ensurepip", "f2py", "idlelib", "lib2to3", "pydoc_data",
    "site-packages", "test", "tests", "tkinter", "turtledemo",
}  # fmt: skip
"""Folders of the standard library and of packages that no function under test needs."""
_NOT_SHOWN_ENDINGS = (".a", ".c", ".exe", ".h", ".pyi", ".whl")
_LARGEST_COPY_BYTES = 128 << 10
"""Up to this size a copy costs less than a mount."""
_ROOT_MB = 256
_PYC_HEADER_BYTES = 16
_MAPS_PATH_COLUMN = 73
"""Where the kernel writes the path in a line of /proc/PID/maps."""
_LIBRARY_FOLDERS = ("/usr/lib64", "/lib64", "/usr/lib", "/lib", "/usr/local/lib")
"""Where the loader looks by default, after the folders of the machine's kind."""


Shown = Mapping[str, tuple[str, int]]
"""By the path in the root: a file of the machine, without links, and its size in bytes."""


def plan_split_root(packages: Mapping[str, str]) -> Shown:
    """What the root is to show. Crosses as JSON.

    `packages` maps names below PACKAGES_FOLDER to folders. The same for all servers of one interpreter, so to be made
    once for them: it takes some 50 ms. Must be called where the machine's files are seen.
    """
    library = os.path.dirname(os.__file__)
    shown = dict(_folder(library, library))
    for name, folder in packages.items():
        shown |= _folder(folder, f"{PACKAGES_FOLDER}/{name}")
    interpreter = os.path.realpath(sys.executable)
    shown[interpreter] = interpreter
    if sys.prefix == sys.base_prefix:  # else that is a virtual environment's link, which servers do not use
        shown[sys.executable] = interpreter
    for name in _TOOLS:
        if os.path.exists(f"/usr/bin/{name}"):
            shown[f"/usr/bin/{name}"] = os.path.realpath(f"/usr/bin/{name}")
    may_need = [source for target, source in shown.items() if ".so" in target or "/bin/" in target]
    multiarch = getattr(sys.implementation, "_multiarch", "")
    of_this_machine = [f"/usr/lib/{multiarch}", f"/lib/{multiarch}"] if multiarch else []
    for path in libraries_of(may_need, [*of_this_machine, *_LIBRARY_FOLDERS]):
        if not path.startswith(tuple(packages.values())):
            shown[f"{os.path.realpath(os.path.dirname(path))}/{os.path.basename(path)}"] = os.path.realpath(path)
    return {target: (source, os.stat(source).st_size) for target, source in shown.items()}


def enter_split_root(shown: Shown) -> None:
    """Makes the root that `plan_split_root` planned and enters it, in place of `enter_new_root`."""
    with open("/proc/self/maps") as maps:  # what this process has mapped, and so each candidate: libraries, locale
        mapped = {path for line in maps if os.path.isfile(path := line.rstrip("\n")[_MAPS_PATH_COLUMN:])}
    mapped -= {source for source, _ in shown.values()}
    enter_empty_root(_ROOT_MB)
    furnish_root()
    for path in mapped:
        keep_in_memory(OLD_ROOT + path, os.stat(OLD_ROOT + path).st_size)
    for folder in sorted({os.path.dirname(target) for target in shown}):
        os.makedirs(folder, exist_ok=True)
    for target, (source, size) in shown.items():
        if size <= _LARGEST_COPY_BYTES:
            reader = os.open(OLD_ROOT + source, os.O_RDONLY | os.O_CLOEXEC)
            writer = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o755)
            os.write(writer, os.read(reader, size))
            os.close(reader)
            os.close(writer)
        else:
            show_file(source, target)
            keep_in_memory(target, size)


def _folder(source: str, target: str) -> Iterator[tuple[str, str]]:
    """The modules and data of a folder and of those below it."""
    with os.scandir(source) as entries:
        for entry in entries:
            name, path, shown = entry.name, entry.path, f"{target}/{entry.name}"
            if entry.is_dir():
                if name not in _NOT_SHOWN and not name.startswith("config-"):
                    yield from _folder(path, shown)
            elif not entry.is_file():  # a link that leads nowhere
                continue
            elif name.endswith(".py"):
                compiled = _find_compiled(entry)
                yield (f"{shown}c", compiled) if compiled else (shown, os.path.realpath(path))
            elif not name.endswith(_NOT_SHOWN_ENDINGS) and not name.startswith("_tkinter."):
                yield shown, os.path.realpath(path)


def _find_compiled(module: os.DirEntry[str]) -> str:
    """The compiled form of a module, which is half of the files and of the bytes; empty where none is up to date."""
    path = cache_from_source(module.path)
    try:
        with open(path, "rb", buffering=0) as file:
            header = file.read(_PYC_HEADER_BYTES)
    except OSError:
        return ""
    facts = module.stat()
    expected = (0).to_bytes(4, "little") + b"".join(
        (number & 0xFFFFFFFF).to_bytes(4, "little") for number in (int(facts.st_mtime), facts.st_size)
    )
    return os.path.realpath(path) if header[4:] == expected else ""
