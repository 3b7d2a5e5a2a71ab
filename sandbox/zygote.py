"""The zygote: forks one sample after another and does as little else as it can.

After a fork, each page that parent or child writes to costs a page fault, 1 to 3 us, and Python writes wherever it
looks. So everything that need not happen in the forking process happens in its supervisor, which asks over a socket of
messages (`sandbox.zygote_client`): `IMPORT` and a module's name; or a head and the limits as JSON, with the sample's
descriptors beside them. The answer is an `ENDED` once the sample is over, or a `REFUSED`.

A zygote forks samples of one kind: whole programs (`sandbox.whole_program`), or candidates without their tests
(`sandbox.candidate`). The two kinds never come from the same zygote, nor from the same server.
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
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from sandbox.cradle import Cradle, Entry
from sandbox.kernel import die_with_parent, fork_bare, waiter
from sandbox.placement import stay_on
from sandbox.preload import settle_memory
from sandbox.program import Limits

IMPORT = b"import "
REFUSED = struct.Struct("=i")
"""Errno of a fork that failed; shorter than what is reported of a sample's end."""
REQUEST_BYTES = 1024
FIRST_PLACE = 3
"""Where a sample holds the first of its descriptors; the others follow."""
NOT_STARTED_CODE = 125

_READY = b"ready"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a zygote forks."""

    head_bytes: int
    """Length of what stands before the limits in a request."""
    descriptors: int
    """How many come with a request. The zygote closes the first as soon as it has forked, the others at the end."""
    rehearse: Callable[[], None]
    """Does many times what each sample does before its program's first line; see `sandbox.preload`."""
    become: Callable[..., NoReturn]
    """In the child, with its `Entry`, the request's head and the descriptors: the way from fork to its end."""


def start_zygote(cradle: Cradle, kind: Kind, control: socket.socket, processor: int | None) -> tuple[int, socket.socket]:
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
        _reserve_places(kind.descriptors)
        _move_in(cradle, its)
        kind.rehearse()
        _settle()
        _serve(cradle, kind, its)
    finally:
        os._exit(0)


def _settle() -> None:
    random.seed(0)  # the same program ends alike every time
    settle_memory()


def _move_in(cradle: Cradle, channel: socket.socket) -> None:
    try:
        cradle.move_in()
    except OSError as error:
        channel.send((error.strerror or str(error)).encode())
        raise
    channel.send(_READY)


def _serve(cradle: Cradle, kind: Kind, channel: socket.socket) -> None:
    entries: dict[bytes, tuple[Entry, int]] = {}
    wait_for = waiter()
    numbers = struct.Struct(f"{kind.descriptors}i")
    beside_bytes = socket.CMSG_SPACE(numbers.size)
    while True:
        message, beside, _, _ = channel.recvmsg(REQUEST_BYTES, beside_bytes, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return
        if message.startswith(IMPORT):
            _take_up(message[len(IMPORT) :].decode())
            continue
        asked = message[kind.head_bytes :]
        if asked not in entries:
            limits = Limits(**json.loads(asked))
            entries[asked] = cradle.entry(limits), limits.disk_mb
        enter, disk_mb = entries[asked]
        descriptors = numbers.unpack(beside[0][2])
        pid, refused = -1, b""
        try:
            cradle.before_fork(disk_mb)
            pid = fork_bare()
        except OSError as error:
            refused = REFUSED.pack(error.errno or errno.EAGAIN)
        if pid == 0:
            kind.become(enter, message[: kind.head_bytes], *descriptors)
        cradle.after_fork()
        os.close(descriptors[0])  # at once, so that whoever holds its other end sees the sample's end
        ended = refused or wait_for(pid)
        cradle.clean_up()
        for descriptor in descriptors[1:]:  # only now, so that their end wakes nobody long before it is reported
            os.close(descriptor)
        channel.send(ended)


def _take_up(name: str) -> None:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
        _settle()


def _reserve_places(count: int) -> None:
    """So that no descriptor that arrives for a sample lies where another of them belongs."""
    places = range(FIRST_PLACE, FIRST_PLACE + count)
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for place in places:
        try:
            os.fstat(place)
        except OSError:
            os.dup2(nothing, place, inheritable=False)
    if nothing not in places:
        os.close(nothing)
