"""Answers that no honest candidate gives, and a tester that meets them: it is trusted, and they are only bytes.

Nothing of a candidate is executed here. `PlayedTester` plays the candidate's part at the two pipes.
"""

import json
import os
import random
import select
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from sandbox.languages import Language, fill, language
from sandbox.toolchains.installed import with_paths
from tests.tasks.pack_problems import pack_problem, pack_task

LIMIT_SECONDS = 30.0
_HEAP_MB = "512"
_TAGS = b"lmSowstdifgaPIRcjhyNAbO?uHTFUE0123456789"
_LOADED = struct.pack("<I", 1) + b"="
_PATIENCE_CALLS = 1000


class PlayedTester:
    """The tests of one problem, compiled, and the process that runs them."""

    def __init__(self, code: str, kind: str, folder: Path) -> None:
        problem = pack_problem(code, kind)
        program = pack_task(code).program(problem, problem.prompt + problem.canonical_solution)
        assert program.split
        self._row = with_paths(language(problem.language))
        self._folder = folder
        self._staying: subprocess.Popen[bytes] | None = None
        _compile(self._row, program.split.tester, folder)  # type: ignore[union-attr]

    def meet(self, answer: bytes) -> str:
        """What the tests say when every call is answered with these bytes: a verdict's word, "died" or "hangs"."""
        answers, answers_to = os.pipe()
        calls, calls_to = os.pipe()
        verdict = os.memfd_create("verdict")
        try:
            ended = self._start(answers, calls_to, verdict)
            over = _answer_calls(calls, answers_to, ended, answer)
            stays = over and bool(self._row.split and self._row.split.tester_stays) and bool(os.read(ended, 1 << 10))
            os.close(ended)
            if not stays:
                self._kill()
            if not over:
                return "hangs"
            size = os.fstat(verdict).st_size
            lines = os.pread(verdict, size, 0).decode(errors="replace").splitlines()
            word = lines[-1].partition(" ")[0] if lines else ""
            return word if word in ("held", "refuted", "inexpressible") else "died"
        finally:
            for descriptor in (answers, answers_to, calls, calls_to, verdict):
                os.close(descriptor)

    def end(self) -> None:
        """Ends a process that stays."""
        self._kill()

    def _start(self, answers: int, calls_to: int, verdict: int) -> int:
        """Starts a run; a descriptor that can be read from once it is over."""
        split = self._row.split
        assert split
        values = {"build": str(self._folder), "heap_mb": _HEAP_MB}
        words = [fill(word, values) for word in split.tester_run]
        environment = {**os.environ, **self._row.environment}
        if not split.tester_stays:
            joined = [(answers, 3), (calls_to, 4), (verdict, 5)]
            self._staying = _spawn(words, environment, joined)
            return os.pidfd_open(self._staying.pid)
        if self._staying is None or self._staying.poll() is not None:
            self._staying = subprocess.Popen(
                words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        assert self._staying.stdin
        assert self._staying.stdout
        place = f"/proc/{os.getpid()}/fd"
        order = {"folder": str(self._folder), "in": f"{place}/{answers}", "out": f"{place}/{calls_to}"}
        self._staying.stdin.write(json.dumps(order | {"verdict": f"{place}/{verdict}"}).encode() + b"\n")
        self._staying.stdin.flush()
        return os.dup(self._staying.stdout.fileno())

    def _kill(self) -> None:
        if self._staying:
            self._staying.kill()
            self._staying.wait()
            self._staying = None


def _compile(row: Language, files: Mapping[str, str], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    split = row.split
    assert split
    commands = split.tester_compile
    if not commands and row.compile_server:  # asked by javac's own command here
        commands = (("javac", "-proc:none", "-nowarn", "-d", ".", *files),)
    for command in commands:
        words = [fill(word, {"build": str(folder)}) for word in command]
        subprocess.run(words, cwd=folder, env={**os.environ, **row.environment}, check=True, capture_output=True)


def _spawn(words: list[str], environment: Mapping[str, str], joined: list[tuple[int, int]]) -> subprocess.Popen[bytes]:
    """Starts a command that finds descriptors under these numbers."""
    redirections = " ".join(f"{place}<>/proc/{os.getpid()}/fd/{descriptor}" for descriptor, place in joined[2:])
    read, write = joined[0][0], joined[1][0]
    script = f'exec "$@" 3<&{read} 4>&{write} {redirections} {read}<&- {write}>&-'
    return subprocess.Popen(
        ["bash", "-c", script, "tester", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(read, write),
    )


def _answer_calls(calls: int, answers_to: int, ended: int, answer: bytes) -> bool:
    """Plays a candidate, which ends after half a frame, until the tests are over; whether they are."""
    os.set_blocking(answers_to, False)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(calls, select.POLLIN)
    waiting, deadline, answered, alive = _LOADED, time.monotonic() + LIMIT_SECONDS, 0, True
    while (left := deadline - time.monotonic()) > 0:
        if waiting and alive:
            poll.register(answers_to, select.POLLOUT)
        events = dict(poll.poll(left * 1000))
        if waiting and alive:
            poll.unregister(answers_to)
        if ended in events:
            return True
        if answers_to in events:
            waiting = waiting[_write(answers_to, waiting) :]
        if calls in events:
            os.read(calls, 1 << 16)
            answered += 1
            waiting += answer if answered < _PATIENCE_CALLS else b""
        if alive and answered and not waiting and (len(answer) < 4 or len(answer) < 4 + _announced(answer)):
            alive = False
            os.dup2(calls, answers_to)  # closes what was written to
    return False


def _announced(answer: bytes) -> int:
    return int(struct.unpack("<I", answer[:4])[0])


def _write(descriptor: int, data: bytes) -> int:
    try:
        return os.write(descriptor, data[: 1 << 16])
    except BrokenPipeError:
        return len(data)


def hostile_answers(code: str, kind: str, seed: int) -> Iterator[bytes]:
    """Endless: each frame, or what stands for one, that is a fault of its own, then changed right answers."""
    good = _right_answer(code, kind)
    order = ">" if code == "java" else "<"
    yield from (b"", b"\x01", struct.pack("<I", 0), struct.pack("<I", 0xFFFFFFFF), struct.pack("<I", 1 << 24))
    yield from (_frame(b"!"), _frame(b"?"), _frame(b"x"), _frame(b"="), _frame(b"=\xff"), _frame(b"held\n"))
    yield from (_frame(b"=" + good + b"T"), _frame(b"=" + good[:-1]), _frame(b"=" + good + good))
    yield _frame(b"=" + bytes((1 << 24) - 1))
    for tag in _TAGS:
        count = struct.pack(f"{order}I", 1)
        yield _frame(b"=" + bytes([tag]) + b"\xff" * 16)
        yield _frame(b"=" + bytes([tag]) + struct.pack(f"{order}I", 1_000_000) + bytes([tag]) * 1000)
        yield _frame(b"=" + (bytes([tag]) + count) * 200_000)
    source = random.Random(f"{code} {kind} {seed}")
    while True:
        changed = bytearray(good)
        for _ in range(source.randrange(1, 4)):
            match source.randrange(4):
                case 0 if changed:
                    del changed[source.randrange(len(changed))]
                case 1:
                    changed.insert(source.randrange(len(changed) + 1), source.choice(_TAGS))
                case _ if changed:
                    changed[source.randrange(len(changed))] = source.randrange(256)
                case _:
                    pass
        said = bytes(changed) if source.random() < 0.8 else source.randbytes(source.randrange(1, 200))
        if said != good:
            yield _frame(b"=" + said)


def _frame(payload: bytes) -> bytes:
    return struct.pack("<I", len(payload)) + payload


def _right_answer(code: str, kind: str) -> bytes:
    """A wrong value, written as the language's server would."""
    values = {
        "js": (b"d" + struct.pack("<d", 7), b"l" + struct.pack("<I", 2), b"w" + struct.pack("<I", 4) + b"a\0b\0"),
        "java": (b"i" + struct.pack(">i", 7), b"l" + struct.pack(">I", 2), b"s" + struct.pack(">I", 2) + b"\0a\0b"),
        "go": (b"i" + struct.pack("<q", 7), b"l" + struct.pack("<I", 2), b"s" + struct.pack("<I", 2) + b"ab"),
        "cpp": (b"i" + struct.pack("<q", 7), b"l" + struct.pack("<I", 2), b"s" + struct.pack("<I", 2) + b"ab"),
        "rust": (b"i" + struct.pack("<qq", 7, 0), b"l" + struct.pack("<I", 2), b"s" + struct.pack("<I", 2) + b"ab"),
    }
    number, items, text = values[code]
    floats = {"js": number, "java": b"d" + struct.pack(">d", 7), "cpp": b"f" + struct.pack("<f", 7)}
    value = {
        "number": number,
        "list": items + number * 2,
        "text": text,
        "float": floats.get(code, b"d" + struct.pack("<d", 7)),
        "any": b"a" + struct.pack("<I", 3) + b"int" + number,
    }[kind]
    match code:
        case "js":
            return b"l" + struct.pack("<I", 3) + b"d" + struct.pack("<d", -1) + value + b"m" + struct.pack("<I", 0)
        case "java":
            return b"i" + struct.pack(">i", -1) + value + b"m" + struct.pack(">I", 0)
        case "go":
            return value + struct.pack("<I", 0)
        case _:
            return value
