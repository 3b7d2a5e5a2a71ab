"""The zygote: forks one sample after another and does as little else as it can.

After a fork, each page that parent or child writes to costs a page fault, 1 to 3 us, and Python writes wherever it
looks. So everything that need not happen in the forking process happens in its supervisor, `sandbox.sample`, which
asks over a socket of messages: `IMPORT` and a module's name; or a proof, `APART` or `WHOLE`, and the limits as JSON,
with the sample's four descriptors beside them. The answer is an `ENDED` once the sample is over, or a `REFUSED`.
"""

import contextlib
import errno
import importlib
import json
import os
import random
import signal
import socket
import struct
from pathlib import Path
from typing import NoReturn

from sandbox import candidate, python_runner
from sandbox.candidate import answer_calls_apart
from sandbox.cradle import Cradle, Entry
from sandbox.frames import encode_program, read_program, read_texts
from sandbox.kernel import die_with_parent, fork_bare, put, waiter
from sandbox.placement import stay_on
from sandbox.preload import WARM_UP_ROUNDS, settle_memory
from sandbox.program import Limits
from sandbox.python_runner import PYTHON_MAIN, run_python
from sandbox.supervise import STARTED, TESTS_FOLLOW

PROOF_BYTES = 16
IMPORT = b"import "
APART, WHOLE = 1, 0
"""Whether calls of the program's functions come before its tests do."""
REFUSED = struct.Struct("=i")
"""Errno of a fork that failed; shorter than what is told of a sample's end."""
REQUEST_BYTES = 1024

_READY = b"ready"
_NOT_STARTED_CODE = 125
_PLACES = _PROOF, _DELIVERY, _OUT, _ERR = 3, 4, 5, 6
"""Where a sample holds its four descriptors."""
_BEYOND, _HIGHEST = 7, 1 << 16
_DESCRIPTORS = struct.Struct("4i")
_BESIDE = socket.CMSG_SPACE(_DESCRIPTORS.size)


def start_zygote(cradle: Cradle, control: socket.socket, processor: int | None) -> tuple[int, socket.socket]:
    """Forks the zygote: its pid and the socket to it. It lets go of `control`, which is its supervisor's alone.

    Raises OSError naming the wall that it could not put up.
    """
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    cradle.before_start()
    if pid := os.fork():
        cradle.after_start()
        its.close()
        if (said := ours.recv(REQUEST_BYTES)) != _READY:
            raise OSError(said.decode() or "the zygote ended at once")
        return pid, ours
    try:
        die_with_parent(signal.SIGKILL)
        ours.close()
        control.close()
        stay_on(processor)
        _reserve_places()
        _move_in(cradle, its)
        _rehearse()
        _settle()
        _serve(cradle, its)
    finally:
        os._exit(0)


def _settle() -> None:
    random.seed(0)  # the same program ends alike every time
    settle_memory()


def _rehearse() -> None:
    """Does many times what each sample does before its program's first line; see `sandbox.preload`."""
    candidate.warm_up()
    python_runner.warm_up()
    program = os.memfd_create("program")
    os.write(program, encode_program({PYTHON_MAIN: "pass"}))
    for _ in range(WARM_UP_ROUNDS):
        os.lseek(program, 0, os.SEEK_SET)
        read_program(program)
        put(program, _DELIVERY)
    os.close(program)


def _move_in(cradle: Cradle, channel: socket.socket) -> None:
    try:
        cradle.move_in()
    except OSError as error:
        channel.send((error.strerror or str(error)).encode())
        raise
    channel.send(_READY)


def _serve(cradle: Cradle, channel: socket.socket) -> None:
    entries: dict[bytes, tuple[Entry, int]] = {}
    wait_for = waiter()
    while True:
        message, beside, _, _ = channel.recvmsg(REQUEST_BYTES, _BESIDE, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return
        if message.startswith(IMPORT):
            _take_up(message[len(IMPORT) :].decode())
            continue
        asked = message[PROOF_BYTES + 1 :]
        if asked not in entries:
            limits = Limits(**json.loads(asked))
            entries[asked] = cradle.entry(limits), limits.disk_mb
        enter, disk_mb = entries[asked]
        descriptors = _DESCRIPTORS.unpack(beside[0][2])
        pid, refused = _fork(cradle, enter, disk_mb, message, descriptors)
        os.close(descriptors[0])  # its delivery at once, so that the tester sees the sample's end
        told = refused or wait_for(pid)
        cradle.clean_up()
        for outlet in descriptors[1:]:  # only now, so that their end wakes nobody long before it is told
            os.close(outlet)
        channel.send(told)


def _fork(
    cradle: Cradle, enter: Entry, disk_mb: int, message: bytes, descriptors: tuple[int, ...]
) -> tuple[int, bytes]:
    """A sample's pid, or what is to be told of a fork that the kernel refused."""
    pid, refused = -1, b""
    try:
        cradle.before_fork(disk_mb)
        pid = fork_bare()
    except OSError as error:
        refused = REFUSED.pack(error.errno or errno.EAGAIN)
    if pid == 0:
        _become_sample(enter, message, *descriptors)
    cradle.after_fork()
    return pid, refused


def _take_up(name: str) -> None:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
        _settle()


def _become_sample(enter: Entry, message: bytes, delivery: int, out: int, err: int, proof_to: int) -> NoReturn:
    """The child's way from fork to the program's first line. Whatever fails before it is the sandbox's fault."""
    told = proof_to
    try:
        enter()
        put(proof_to, _PROOF)
        told = _PROOF
        put(delivery, _DELIVERY)
        put(out, _OUT)
        put(err, _ERR)
        os.closerange(_BEYOND, _HIGHEST)
        if message[PROOF_BYTES] == APART:
            [apart] = read_texts(_DELIVERY)
            os.write(_PROOF, STARTED)
            answer_calls_apart(_DELIVERY, apart)
            files, stdin = read_program(_DELIVERY)
            os.write(_PROOF, TESTS_FOLLOW)
        else:
            files, stdin = read_program(_DELIVERY)
            os.write(_PROOF, STARTED)
        if stdin or len(files) > 1:
            _lay_out(files, stdin)
        os.dup2(_OUT, 1)
        os.dup2(_ERR, 2)
        os.closerange(_DELIVERY, _BEYOND)
        run_python(files[PYTHON_MAIN], _PROOF, message[:PROOF_BYTES])
    except BaseException as error:
        os.write(told, f"{type(error).__name__}: {error}".encode()[:1000])
    os._exit(_NOT_STARTED_CODE)


def _lay_out(files: dict[str, str], stdin: str) -> None:
    """Writes the files beside the program's own into the current folder, and puts its stdin in place."""
    for name, text in files.items():
        if name != PYTHON_MAIN:
            Path(name).write_text(text)
    if stdin:
        descriptor = os.memfd_create("stdin")
        os.write(descriptor, stdin.encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.dup2(descriptor, 0)
        os.close(descriptor)


def _reserve_places() -> None:
    """So that no descriptor that arrives for a sample lies where another of them belongs."""
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for place in _PLACES:
        try:
            os.fstat(place)
        except OSError:
            os.dup2(nothing, place, inheritable=False)
    if nothing not in _PLACES:
        os.close(nothing)
