"""A whole Python program, tests included, on its way from fork to its end: upstream's protocol.

Runs in a process that the zygote of a forker forked. Once the walls are up nothing here is trusted any more.
"""

import os
from typing import NoReturn

from sandbox.python import runner
from sandbox.python.runner import run_python
from sandbox.walls.syscalls import DESCRIPTORS_END, put
from sandbox.walls.work_files import open_input, write_files
from sandbox.walls.zygote_isolation import Entry
from sandbox.wire.texts import (
    NOT_STARTED_CODE,
    PROOF_BYTES,
    STARTED,
    encode_program,
    read_bytes,
    read_program,
)
from sandbox.zygote.preload import WARM_UP_ROUNDS
from sandbox.zygote.sample_kind import FIRST_PLACE, PYTHON_MAIN, Kind

_PROOF, _PAYLOAD, _OUT, _ERR, _BEYOND = range(FIRST_PLACE, FIRST_PLACE + 5)
"""Where it holds its four descriptors."""


def _become(enter: Entry, proof: bytes, payload: int, out: int, err: int, proof_to: int) -> NoReturn:
    """Whatever fails before the program begins is the sandbox's fault, and reported on the proof pipe."""
    failure_to = proof_to  # until it has been moved to its place
    try:
        enter()
        put(proof_to, _PROOF)
        failure_to = _PROOF
        put(payload, _PAYLOAD)
        put(out, _OUT)
        put(err, _ERR)
        os.closerange(_BEYOND, DESCRIPTORS_END)
        files, stdin = read_program(_PAYLOAD)
        compiled = read_bytes(_PAYLOAD) or b""
        if stdin or len(files) > 1:  # else nothing is written, and the next sample gets the same work folder
            write_files({name: text for name, text in files.items() if name != PYTHON_MAIN})
            if stdin:
                descriptor = open_input(stdin)
                os.dup2(descriptor, 0)
                os.close(descriptor)
        os.write(_PROOF, STARTED)
        os.dup2(_OUT, 1)
        os.dup2(_ERR, 2)
        os.closerange(_PAYLOAD, _BEYOND)
        run_python(files[PYTHON_MAIN], compiled, _PROOF, proof)
    except BaseException as error:
        os.write(failure_to, f"{type(error).__name__}: {error}".encode()[:1000])
    os._exit(NOT_STARTED_CODE)


def _rehearse() -> None:
    runner.warm_up()
    program = os.memfd_create("program")
    os.write(program, encode_program({PYTHON_MAIN: "pass"}))
    for _ in range(WARM_UP_ROUNDS):
        os.lseek(program, 0, os.SEEK_SET)
        read_program(program)
        read_bytes(program)
        put(program, _PAYLOAD)
    os.close(program)


WHOLE_PROGRAMS = Kind(head_bytes=PROOF_BYTES, descriptors=4, rehearse=_rehearse, become=_become)
"""Head: the proof. Descriptors: payload, stdout, stderr, proof pipe."""
