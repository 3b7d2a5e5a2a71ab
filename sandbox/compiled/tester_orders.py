"""What the home of testers does behind its walls: keeps the files of compiled testers, and runs one at a time.

The process here is trusted, like all that it starts. It must not read a line of what a candidate says: the testers do.
"""

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from sandbox.walls.syscalls import allow_inspection
from sandbox.wire.frames import receive_with_descriptors, write_frame
from sandbox.wire.texts import read_bytes, read_program

_KEPT_BYTES = 96 << 20
"""How much memory the files of kept testers may take; those that were not asked for the longest go first."""
_SAMPLES = 500
"""After how many samples a tester that stays is replaced."""


@dataclass(slots=True)
class _Kept:
    folder: Path
    size: int


@dataclass(slots=True)
class _Staying:
    """A tester process that serves many samples."""

    pid: int
    orders: BinaryIO
    ends: BinaryIO
    samples: int = 0


class _Testers:
    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        """By digest, the one asked for last at the end."""
        self._staying: dict[tuple[str, ...], _Staying] = {}
        """By command."""

    def keep(self, digest: str, form: int, *, texts: bool) -> list[str]:
        """Takes a tester's files in; the digests of all that are kept now."""
        folder = Path(digest)
        folder.mkdir()
        os.lseek(form, 0, os.SEEK_SET)
        files: dict[str, bytes] = {}
        if texts:
            files |= {name: text.encode(errors="surrogatepass") for name, text in read_program(form)[0].items()}
        else:
            while name := read_bytes(form):
                files[name.decode()] = read_bytes(form) or b""
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o755)
        self._kept[digest] = _Kept(folder.resolve(), sum(map(len, files.values())))
        os.close(form)
        while sum(kept.size for kept in self._kept.values()) > _KEPT_BYTES and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            shutil.rmtree(self._kept.pop(oldest).folder)
        return list(self._kept)

    def run(self, order: Mapping[str, Any], descriptors: list[int]) -> int:
        """Runs a kept tester for one sample; its wait status, 0 for one that stays."""
        kept = self._kept[order["run"]] = self._kept.pop(order["run"])
        environment = {**os.environ, **order["environment"]}
        words = [word.replace("{build}", str(kept.folder)) for word in order["command"]]
        if order["stays"]:
            return self._order(tuple(words), environment, kept.folder, descriptors)
        answers, calls, verdict, said = descriptors
        nothing = os.open(os.devnull, os.O_RDWR)
        pid = _execute(words, environment, [nothing, nothing, said, answers, calls, verdict])
        for descriptor in (nothing, *descriptors):  # the candidate is to see that the tester has ended
            os.close(descriptor)
        return _wait_for(pid)

    def _order(
        self, words: tuple[str, ...], environment: Mapping[str, str], folder: Path, descriptors: list[int]
    ) -> int:
        staying = self._staying.get(words)
        if staying and staying.samples >= _SAMPLES:
            self._dismiss(words)
            staying = None
        staying = staying or _stay(words, environment)
        self._staying[words] = staying
        staying.samples += 1
        paths = [f"/proc/{os.getpid()}/fd/{descriptor}" for descriptor in descriptors]
        order = {"folder": str(folder), "in": paths[0], "out": paths[1], "verdict": paths[2]}
        try:
            staying.orders.write(json.dumps(order).encode() + b"\n")
            staying.orders.flush()
            ended = staying.ends.readline()
        except OSError:
            ended = b""
        for descriptor in descriptors:
            os.close(descriptor)
        return 0 if ended else self._dismiss(words)

    def _dismiss(self, words: tuple[str, ...]) -> int:
        staying = self._staying.pop(words)
        staying.ends.close()
        with suppress(OSError):  # it ended with an order unread
            staying.orders.close()
        return _wait_for(staying.pid)


def obey(channel: socket.socket) -> NoReturn:
    """Obeys orders until the channel closes."""
    allow_inspection()  # a tester that stays opens our descriptors by path
    testers = _Testers()
    while arrived := receive_with_descriptors(channel, 4):
        order, descriptors = arrived
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)  # else a tester that stays would hold this sample's pipes open
        answer: dict[str, Any]
        try:
            if "keep" in order:
                answer = {"kept": testers.keep(order["keep"], descriptors[0], texts=order["texts"])}
            else:
                answer = {"status": testers.run(order, descriptors)}
        except OSError as error:
            answer = {"failed": str(error)}
        write_frame(channel.fileno(), answer)
    os._exit(0)


def _stay(words: tuple[str, ...], environment: Mapping[str, str]) -> _Staying:
    orders_reader, orders_writer = os.pipe()
    ends_reader, ends_writer = os.pipe()
    nothing = os.open(os.devnull, os.O_WRONLY)
    pid = _execute(list(words), environment, [orders_reader, ends_writer, nothing])
    for descriptor in (orders_reader, ends_writer, nothing):
        os.close(descriptor)
    return _Staying(pid, os.fdopen(orders_writer, "wb"), os.fdopen(ends_reader, "rb"))


def _execute(words: list[str], environment: Mapping[str, str], descriptors: list[int]) -> int:
    """Starts a command with `descriptors` as its 0, 1, 2 and so on; its pid. Raises OSError."""
    # Out of the way of the targets first, which may be among the sources themselves.
    lifted = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64) for descriptor in descriptors]
    actions = [(os.POSIX_SPAWN_DUP2, descriptor, place) for place, descriptor in enumerate(lifted)]
    try:
        return os.posix_spawn(words[0], words, environment, file_actions=actions)
    finally:
        for descriptor in lifted:
            os.close(descriptor)


def _wait_for(child: int) -> int:
    """Its wait status; as pid 1 we also bury the orphans of others."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return status
