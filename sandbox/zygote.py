"""The zygote: forks one sample after another and does as little else as it can.

After a fork, each page that parent or child writes to costs a page fault, 1 to 3 us, and Python writes wherever it
looks. So everything that need not happen in the forking process happens in its supervisor, `sandbox.sample`, which
asks over a socket of messages: `IMPORT` and a module's name, or a proof and the limits as JSON, with the sample's four
descriptors beside them. The answer is an `END` once the sample is over.
"""

import contextlib
import errno
import importlib
import json
import os
import signal
import socket
import struct
from pathlib import Path
from typing import Any, NoReturn

from sandbox.candidate import answer_calls_apart, warm_up
from sandbox.frames import read_frame
from sandbox.kernel import die_with_parent
from sandbox.placement import stay_on
from sandbox.preload import settle_memory
from sandbox.process import Entry, Isolation
from sandbox.program import Limits
from sandbox.python_runner import PYTHON_MAIN, run_python
from sandbox.supervise import STARTED, TESTS_FOLLOW

PROOF_BYTES = 16
IMPORT = b"import "
END = struct.Struct("=iidl")
"""Errno of a fork that failed, else 0; wait status; CPU seconds; largest resident size in KiB."""
REQUEST_BYTES = 4096

_NOT_STARTED_CODE = 125
_PROOF_DESCRIPTOR = 3
_HIGHEST = 1 << 16
_DESCRIPTORS = struct.Struct("4i")
_BESIDE = socket.CMSG_SPACE(_DESCRIPTORS.size)


def start_zygote(isolation: Isolation, control: socket.socket, processor: int | None) -> tuple[int, socket.socket]:
    """Forks the zygote: its pid and the socket to it. It lets go of `control`, which is its supervisor's alone."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if pid := os.fork():
        its.close()
        return pid, ours
    try:
        die_with_parent(signal.SIGKILL)
        ours.close()
        control.close()
        stay_on(processor)
        isolation.move_in()
        warm_up()
        settle_memory()
        _serve(isolation, its)
    finally:
        os._exit(0)


def _serve(isolation: Isolation, channel: socket.socket) -> None:
    entries: dict[bytes, Entry] = {}
    while True:
        message, beside, _, _ = channel.recvmsg(REQUEST_BYTES, _BESIDE, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return
        if message.startswith(IMPORT):
            _take_up(message[len(IMPORT) :].decode())
            continue
        proof, asked = message[:PROOF_BYTES], message[PROOF_BYTES:]
        if asked not in entries:
            entries[asked] = isolation.entry(Limits(**json.loads(asked)))
        channel.send(_fork_and_wait(isolation, entries[asked], proof, _DESCRIPTORS.unpack(beside[0][2])))


def _fork_and_wait(isolation: Isolation, enter: Entry, proof: bytes, descriptors: tuple[int, ...]) -> bytes:
    """One sample from its fork to its end, and what there is to say of that. Closes `descriptors`."""
    pid, refused = -1, 0
    try:
        isolation.before_fork()
        pid = os.fork()
    except OSError as error:
        refused = error.errno or errno.EAGAIN
    if pid == 0:
        _become_sample(enter, proof, *descriptors)
    isolation.after_fork()
    for descriptor in descriptors:
        os.close(descriptor)
    if refused:
        return END.pack(refused, 0, 0.0, 0)
    _, status, usage = os.wait4(pid, 0)
    isolation.clean_up()
    return END.pack(0, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def _take_up(name: str) -> None:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
        settle_memory()


def _become_sample(enter: Entry, proof: bytes, delivery: int, out: int, err: int, proof_to: int) -> NoReturn:
    """The child's way from fork to the program's first line. Whatever fails before it is the sandbox's fault."""
    try:
        enter()
        program = _receive(delivery)
        os.write(proof_to, STARTED)
        _keep_only(delivery, out, err, proof_to)
        if "candidate" in program:
            answer_calls_apart(delivery, program["candidate"])
            program = _receive(delivery)
            os.write(proof_to, TESTS_FOLLOW)
        files: dict[str, str] = program["files"]
        for name, text in files.items():
            if name != PYTHON_MAIN:
                Path(name).write_text(text)
        if program["stdin"]:
            os.dup2(_in_memory(program["stdin"]), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        if proof_to != _PROOF_DESCRIPTOR:
            proof_to = os.dup2(proof_to, _PROOF_DESCRIPTOR, inheritable=False)
        os.closerange(_PROOF_DESCRIPTOR + 1, _HIGHEST)
        run_python(files, proof_to, proof)
    except BaseException as error:
        os.write(proof_to, f"{type(error).__name__}: {error}".encode()[:1000])
    os._exit(_NOT_STARTED_CODE)


def _receive(delivery: int) -> dict[str, Any]:
    program = read_frame(delivery)
    if program is None:
        raise OSError("the program did not arrive")
    return program


def _keep_only(*descriptors: int) -> None:
    """Closes everything but the standard three and these."""
    last = 2
    for descriptor in sorted(descriptors):
        os.closerange(last + 1, descriptor)
        last = descriptor
    os.closerange(last + 1, _HIGHEST)


def _in_memory(text: str) -> int:
    descriptor = os.memfd_create("stdin")
    Path(f"/proc/self/fd/{descriptor}").write_text(text)
    return descriptor
