"""What the two stages of a program with commands do behind their walls: compile it, then run it.

The process here is pid 1 of its namespace and trusted; what it starts is not, and cannot look into it. The run's
command finds descriptor 3 to write its completion proof to and descriptor 4 to read the proof's bytes from, once: the
language's launcher does both, the second before any line of the program.
"""

import os
import re
from pathlib import Path

from sandbox.frames import read_program
from sandbox.kept import Kept
from sandbox.kernel import forbid_inspection
from sandbox.languages import Command, Language, fill
from sandbox.resident import ask_resident
from sandbox.stage import Ends, start_command, started

_HEAP_SHARE = 0.75
"""Share of its memory that a run time with a heap limit may fill with objects."""

COMPILED, REFUSED = 0, 1
"""Exit codes of the compiling stage."""


def compile_program(language: Language, delivery: int, build: str, resident: int, ends: Ends, proof: bytes) -> None:
    """Compiles into `build` with the language's commands or its resident compiler; ends with COMPILED or REFUSED."""
    files, _ = _receive(delivery)
    forbid_inspection()
    os.chdir(build)
    if language.resident:
        started(ends)
        code = ask_resident(resident, files, ends.stderr)
    else:
        prelude = _write_sources(language, files)
        started(ends)
        code = _compile(language, build, prelude, ends)
    os.write(ends.proof, proof)
    os._exit(code)


def run_program(language: Language, delivery: int, build: str, memory_mb: int, ends: Ends, proof: bytes) -> None:
    """Runs the program in the current folder, tells its wait status, and ends."""
    files, stdin = _receive(delivery)
    for name, text in files.items():
        if name != language.main_file or not language.compiled:
            _write(name, text)
    forbid_inspection()
    nonce_reader, nonce_writer = os.pipe()
    os.write(nonce_writer, proof)
    os.close(nonce_writer)
    heap_mb = int(memory_mb * _HEAP_SHARE)
    words = [fill(word, {"build": build, "heap_mb": str(heap_mb)}) for word in language.run]
    started(ends)
    descriptors = [_input(stdin), ends.stdout, ends.stderr, ends.proof, nonce_reader]
    child = start_command(words, _environment(language), descriptors, ends.status)
    os.close(nonce_reader)
    status = _wait_for(child)
    os.write(ends.status, status.to_bytes(4, "little"))
    os._exit(0)


def _compile(language: Language, build: str, prelude: bool, ends: Ends) -> int:
    environment = _environment(language)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for step in language.compile:
        words = _expanded(step, language.prelude_options if prelude else (), build)
        child = start_command(words, environment, [nothing, ends.stderr, ends.stderr], ends.status)
        if _wait_for(child):
            return REFUSED
    return COMPILED


def _expanded(step: Command, prelude_options: Command, build: str) -> list[str]:
    words: list[str] = []
    for word in step:
        words += prelude_options if word == "{prelude}" else (fill(word, {"build": build}),)
    return words


def _write_sources(language: Language, files: dict[str, str]) -> bool:
    """Writes the files; True when the program starts with the prelude, which is then left to its compiled form."""
    prelude = language.prelude
    split = bool(prelude) and files[language.main_file].startswith(prelude)
    for name, text in files.items():
        if split and name == language.main_file:
            text = f'#line {prelude.count(chr(10)) + 1} "{name}"\n{text[len(prelude) :]}'
        _write(name, text)
    return split


def _write(name: str, text: str) -> None:
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"the file name {name!r} leaves the work folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(errors="surrogatepass"))  # a lone surrogate is the compiler's to refuse


def _environment(language: Language) -> dict[str, str]:
    return {**os.environ, **language.environment}


def _receive(delivery: int) -> tuple[dict[str, str], str]:
    os.lseek(delivery, 0, os.SEEK_SET)  # every stage reads it anew
    return read_program(delivery)


def _input(text: str) -> int:
    if not text:
        return os.open(os.devnull, os.O_RDONLY)
    descriptor = os.memfd_create("stdin")
    os.write(descriptor, text.encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _wait_for(child: int) -> int:
    """The wait status of `child`; as pid 1 we also bury the orphans it leaves."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return status


def shows_evidence(language: Language, stdout: Kept) -> bool:
    """Whether the output shows what a finished run of this language must show."""
    return not language.evidence or re.search(language.evidence.encode(), stdout.view) is not None
