"""The zygote: forks one sample after another and does as little else as it can.

After a fork, each page that parent or child writes to costs a page fault, 1 to 3 us, Python writes wherever it looks,
and the fork itself costs by the page and by the mapping. So a zygote is an interpreter of its own that holds what
samples need and little else: its supervisor, `sandbox.zygote.client`, starts it and asks over a socket of messages.
First the setup; then `IMPORT` and a module's name; or a head and the limits, with the sample's descriptors beside them.
The answer is an `ENDED` once the sample is over, or a `REFUSED`.

A zygote forks samples of one kind: whole programs (`sandbox.python.whole_program`), or candidates without their tests
(`sandbox.split.candidate`). The two kinds never come from the same zygote, nor from the same server.
"""

import _socket  # what the socket module adds takes three libraries more
import contextlib
import errno
import importlib
import marshal
import os
import random
import site
import struct
import sys
from typing import NamedTuple

from sandbox.walls.isolation import SampleLimits
from sandbox.walls.syscalls import fork_bare, waiter
from sandbox.walls.zygote_isolation import Entry, WalledZygote, ZygoteIsolation
from sandbox.zygote.large_pages import collapse_heap, gather_arenas
from sandbox.zygote.preload import preload, settle_memory
from sandbox.zygote.sample_kind import FIRST_PLACE, Kind

IMPORT = b"import "
MOVED_IN = b"moved in"
"""Sent once it has left what it shared with its server."""
READY = b"ready"
REFUSED = struct.Struct("=i")
"""Errno of a fork that failed; shorter than what is reported of a sample's end."""
LIMITS = struct.Struct("=dqqq")
"""The fields of `SampleLimits`."""
REQUEST_BYTES = 4096


class Setup(NamedTuple):
    """What a zygote receives as it starts, as `marshal` writes a tuple."""

    kind: str
    """The module of its samples, and there the name of their `Kind`."""
    walled: bool
    split: bool
    """Whether its samples are candidates without their tests."""
    memory_held: bool
    """Whether a control group holds the samples' memory limit."""
    code: str
    """The folder on sys.path that holds this package; it goes."""
    packages: list[str]
    """What takes its place."""


def main() -> None:
    """Serves over descriptor 0 until its other end closes."""
    channel = _socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    setup = Setup(*marshal.loads(channel.recv(REQUEST_BYTES)))
    try:
        module, _, constant = setup.kind.rpartition(".")
        kind: Kind = getattr(importlib.import_module(module), constant)
        _reserve_places(kind.descriptors)
        isolation: ZygoteIsolation
        if setup.walled:
            isolation = WalledZygote(memory_held=setup.memory_held, split=setup.split)
        else:  # by name: what it imports, every sample of a walled zygote would carry
            unwalled = importlib.import_module("sandbox.walls.unisolated")
            isolation = unwalled.UnwalledZygote(memory_held=setup.memory_held)
        sys.path.remove(setup.code)
        sys.path += setup.packages
        isolation.move_in()
    except OSError as error:
        channel.send((error.strerror or str(error)).encode())
        return
    channel.send(MOVED_IN)
    os.environ.pop("LD_BIND_NOW", None)  # its own alone; see `sandbox.pool.host`
    site.setquit()  # programs expect exit() and quit(), which -S leaves out
    preload()
    kind.rehearse()
    _settle()
    try:
        isolation.seal()
    except OSError as error:
        channel.send((error.strerror or str(error)).encode())
        return
    channel.send(READY)
    _serve(isolation, kind, channel)


def _settle() -> None:
    random.seed(0)  # the same program ends alike every time
    settle_memory()
    collapse_heap()


def _serve(isolation: ZygoteIsolation, kind: Kind, channel: _socket.socket) -> None:
    entries: dict[bytes, tuple[Entry, int]] = {}
    wait_for = waiter()
    numbers = struct.Struct(f"{kind.descriptors}i")
    beside_bytes = _socket.CMSG_SPACE(numbers.size)
    while True:
        message, beside, _, _ = channel.recvmsg(REQUEST_BYTES, beside_bytes, _socket.MSG_CMSG_CLOEXEC)
        if not message:
            return
        if message.startswith(IMPORT):
            with contextlib.suppress(ImportError):  # such as numpy, where it is not installed
                gather_arenas()
                importlib.import_module(message[len(IMPORT) :].decode())
            _settle()
            continue
        asked = message[kind.head_bytes :]
        if asked not in entries:  # the samples of a task have the same limits: the calls are made ready once
            limits = SampleLimits(*LIMITS.unpack(asked))
            entries[asked] = isolation.entry(limits), limits.disk_mb
        enter, disk_mb = entries[asked]
        descriptors = numbers.unpack(beside[0][2])
        pid, refused = -1, b""
        try:
            isolation.before_fork(disk_mb)
            pid = fork_bare()
        except OSError as error:
            refused = REFUSED.pack(error.errno or errno.EAGAIN)
        if pid == 0:
            kind.become(enter, message[: kind.head_bytes], *descriptors)
        isolation.after_fork()
        os.close(descriptors[0])  # at once, so that whoever holds its other end sees the sample's end
        ended = refused or wait_for(pid)
        isolation.clean_up()
        for descriptor in descriptors[1:]:  # only now, so that their end wakes nobody long before it is reported
            os.close(descriptor)
        channel.send(ended)


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
