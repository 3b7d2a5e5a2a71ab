"""What the two stages of a program with commands do behind their walls: compile it, then run it.

The process here is pid 1 of its namespace and trusted; what it starts is not, and cannot look into it. The run's
command finds descriptor 3 to write its completion proof to and descriptor 4 to read the proof's bytes from, once: the
language's launcher does both, the second before any line of the program.
"""

import errno
import os
import re
from contextlib import suppress
from typing import NoReturn

from sandbox.compiled.compile_server import ask_compile_server
from sandbox.compiled.stage import RefusedError, StagePipes, start_command, tell_started, tell_status
from sandbox.languages import Language, fill
from sandbox.walls.syscalls import forbid_inspection
from sandbox.walls.work_files import open_input, write_files
from sandbox.wire.captured_output import CapturedOutput
from sandbox.wire.texts import read_program

_HEAP_SHARE = 0.75
"""Share of its memory that a run time with a heap limit may fill with objects."""

COMPILED, REFUSED = 0, 1
"""Exit codes of the compiling stage."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def compile_program(
    language: Language, payload: int, build: str, compile_server: int, pipes: StagePipes, proof: bytes
) -> None:
    """Compiles into `build` with the language's commands or its compile server; ends with COMPILED or REFUSED."""
    files, _ = _receive(payload)
    forbid_inspection()
    os.chdir(build)
    if language.compile_server:
        tell_started(pipes)
        code = ask_compile_server(compile_server, files, pipes.stderr)
    else:
        prelude = _write_sources(language, files)
        tell_started(pipes)
        code = _compile(language, build, prelude, pipes)
    os.write(pipes.proof, proof)
    os._exit(code)


def run_program(language: Language, payload: int, build: str, memory_mb: int, pipes: StagePipes, proof: bytes) -> None:
    """Runs the program in the current folder, tells its wait status, and ends."""
    stdin = _write_run_files(language, payload)
    # A pipe, because it gives the proof away once: the launcher takes it before any line of the program runs.
    nonce_reader, nonce_writer = os.pipe()
    os.write(nonce_writer, proof)
    os.close(nonce_writer)
    tell_started(pipes)
    _start_and_attend(language, build, memory_mb, [open_input(stdin), pipes.proof, nonce_reader], pipes)


def run_candidate(
    language: Language,
    payload: int,
    build: str,
    memory_mb: int,
    calls: int,
    answers: int,
    pipes: StagePipes,
    _proof: bytes,
) -> None:
    """Runs a candidate apart from its tests, which it is joined to by `calls` and `answers` alone; then ends."""
    _write_run_files(language, payload)
    tell_started(pipes)
    _start_and_attend(language, build, memory_mb, [open_input(""), calls, answers], pipes)


def _write_run_files(language: Language, payload: int) -> str:
    """What a run finds in its folder; its stdin. From here on nothing that it starts can look into this process."""
    files, stdin = _receive(payload)
    write_files({name: text for name, text in files.items() if name != language.main_file})
    if not language.compiled:
        _write_main(language, files[language.main_file])
    forbid_inspection()
    return stdin


def _start_and_attend(
    language: Language, build: str, memory_mb: int, descriptors: list[int], pipes: StagePipes
) -> NoReturn:
    """Starts the program with `descriptors` as its 0, 3 and 4, and closes these."""
    heap_mb = int(memory_mb * _HEAP_SHARE)
    words = [fill(word, {"build": build, "heap_mb": str(heap_mb)}) for word in language.run]
    own = bool(build) and words[0].startswith(f"{build}/")
    stdin, *more = descriptors
    places = [stdin, pipes.stdout, pipes.stderr, *more]
    child = start_command(words, _environment(language), places, pipes, of_the_program=own)
    for descriptor in descriptors:
        os.close(descriptor)
    _attend(child, pipes)


def _attend(child: int, pipes: StagePipes) -> NoReturn:
    """Waits for the program. It can lower the limits of this process, whose failure is then no failure of ours."""
    code = 1
    with suppress(BaseException):
        tell_status(pipes, _wait_for(child))
        code = 0
    os._exit(code)


def _compile(language: Language, build: str, prelude: bool, pipes: StagePipes) -> int:
    environment = _environment(language)
    prelude_options = language.prelude_options if prelude else ()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for step in language.compile:
        words: list[str] = []
        for word in step:
            words += prelude_options if word == "{prelude}" else (fill(word, {"build": build}),)
        child = start_command(words, environment, [nothing, pipes.stderr, pipes.stderr], pipes)
        if _wait_for(child):
            return REFUSED
    return COMPILED


def _write_sources(language: Language, files: dict[str, str]) -> bool:
    """Writes the files; True when the program starts with the prelude, which is then left to its compiled form."""
    prelude, main = language.prelude, files[language.main_file]
    split = bool(prelude) and main.startswith(prelude)
    if split:
        main = f'#line {prelude.count(chr(10)) + 1} "{language.main_file}"\n{main[len(prelude) :]}'
    write_files({name: text for name, text in files.items() if name != language.main_file})
    _write_main(language, main)
    return split


def _write_main(language: Language, text: str) -> None:
    try:
        write_files({language.main_file: text})
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise RefusedError(f"the source does not fit into its folder: {error.strerror}") from error


def _environment(language: Language) -> dict[str, str]:
    return {**os.environ, **language.environment}


def _receive(payload: int) -> tuple[dict[str, str], str]:
    os.lseek(payload, 0, os.SEEK_SET)  # every stage reads it again
    return read_program(payload)


def _wait_for(child: int) -> int:
    """The wait status of `child`; as pid 1 we also bury the orphans it leaves."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return status


def shows_evidence(language: Language, stdout: CapturedOutput) -> bool:
    """Whether the output shows what a finished run of this language must show."""
    return not language.evidence or re.search(language.evidence.encode(), stdout.view) is not None
