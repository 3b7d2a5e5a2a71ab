"""Compiled testers that stay on the machine: what is found again, what is not, and that nobody else can plant one."""

import os
import threading
from pathlib import Path
from uuid import uuid4

import pytest

from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation
from sandbox.pool import tester_store
from sandbox.pool.tester_store import CompiledTesters
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from sandbox.wire.texts import framed
from tests.sandbox.compiled.split_sources import RIGHT, TESTER, cpp_program

_NO_TESTER = framed(b"program") + framed(b"#!/bin/sh\nexit 3\n")
_ENDED = "the tests ended before they decided (exit code 3)"


@pytest.fixture
def store(tmp_path: Path) -> CompiledTesters:
    return CompiledTesters({}, tmp_path / "testers")


def _names(store: CompiledTesters) -> list[str]:
    return sorted(file.name for file in store.folder.iterdir())


def test_what_is_kept_is_found_and_nothing_else(store: CompiledTesters):
    assert store.find("a") == b""
    store.keep("a", b"files")
    store.keep("a", b"newer files")
    assert (store.find("a"), store.find("b")) == (b"newer files", b"")
    assert _names(store) == ["a"], "nothing is left beside it"
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert (store.folder / "a").stat().st_mode & 0o777 == 0o600


def test_what_is_damaged_or_renamed_is_not_found(store: CompiledTesters):
    store.keep("a", b"files")
    whole = (store.folder / "a").read_bytes()
    for damaged in (b"", whole[:-1], whole[:20], whole[:-1] + b"!", b"!" + whole[1:], whole + b"!"):
        (store.folder / "a").write_bytes(damaged)
        assert store.find("a") == b"", damaged
    (store.folder / "b").write_bytes(whole)
    (store.folder / "b").chmod(0o600)
    assert store.find("b") == b"", "the digest is over the name, too"
    store.keep("a", b"files")
    assert store.find("a") == b"files", "it is made anew"


def test_what_others_can_write_or_have_linked_is_not_found(store: CompiledTesters, tmp_path: Path):
    store.keep("a", b"files")
    for path, mode in ((store.folder / "a", 0o620), (store.folder, 0o702)):
        before = path.stat().st_mode
        path.chmod(mode)
        assert store.find("a") == b"", path
        path.chmod(before)
    (store.folder / "a").rename(tmp_path / "elsewhere")
    (store.folder / "a").symlink_to(tmp_path / "elsewhere")
    assert store.find("a") == b""


def test_two_judges_at_once_leave_a_whole_file(store: CompiledTesters):
    data = {bytes([byte]) * 50_000 for byte in b"ab"}
    seen: set[bytes] = set()
    judges = [threading.Thread(target=lambda each=each: [store.keep("k", each) for _ in range(40)]) for each in data]
    for judge in judges:
        judge.start()
    while any(judge.is_alive() for judge in judges):
        seen.add(store.find("k"))
    for judge in judges:
        judge.join()
    assert store.find("k") in data
    assert seen <= data | {b""}
    assert _names(store) == ["k"]


def test_what_was_not_asked_for_the_longest_goes_first(store: CompiledTesters, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tester_store, "_MOST_BYTES", 300)
    for place, key in enumerate("abc"):
        store.keep(key, b"x" * 60)
        os.utime(store.folder / key, (place, place))
    store.find("a")
    store.keep("d", b"x" * 60)
    assert _names(store) == ["a", "c", "d"]


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    store = CompiledTesters({}, tmp_path / "file")
    store.keep("a", b"files")
    assert store.find("a") == b""


def test_the_key_changes_with_all_that_a_compiled_tester_depends_on(store: CompiledTesters):
    program = cpp_program(RIGHT)
    others = [cpp_program(RIGHT, tests=4), cpp_program(RIGHT, tester=TESTER + "//")]
    keys = [
        store.key_of(program),
        *map(store.key_of, others),
        CompiledTesters({"toolchain cpp": "g++ 99"}).key_of(program),
    ]
    assert len(set(keys)) == 4
    assert store.key_of(cpp_program("int twice(int n) { return n; }")) == keys[0], "no word of the candidate is in it"
    assert store.key_of(Program("python", {"main.py": ""})) == ""


def _judged(program: Program) -> tuple[Confirmation | None, str]:
    with open_sandbox(workers=1) as sandbox:
        [(_, outcome)] = sandbox.run([(0, program)])
    return outcome.confirmation, outcome.confirmation_detail


def test_the_next_judge_takes_the_compiled_tester_of_the_last(toolchains: dict[str, str], language_sandbox: Sandbox):
    if "cpp" in toolchains:
        pytest.skip(toolchains["cpp"])
    program = cpp_program(RIGHT, tester=f"{TESTER}// {uuid4()}", alone=True)
    store = CompiledTesters(language_sandbox.facts())
    key = store.key_of(program)
    try:
        assert _judged(program)[0] is Confirmation.HELD
        form = store.find(key)
        assert form, "it was kept"
        store.keep(key, _NO_TESTER)
        assert _judged(program) == (Confirmation.INEXPRESSIBLE, _ENDED), "it was taken"
        (store.folder / key).write_bytes(b"damaged")
        assert _judged(program)[0] is Confirmation.HELD
        assert store.find(key) == form, "it was made anew"
    finally:
        (store.folder / key).unlink(missing_ok=True)
