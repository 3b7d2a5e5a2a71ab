"""The root and the filter of candidates that are kept apart, each put up in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.toolchains.packages import offered_packages
from sandbox.walls.split_root import plan_split_root

CODE = str(Path(__file__).parents[3])
SETTLED = f"""
import sys
sys.path.insert(0, {CODE!r})
import ctypes, errno, json, os
from sandbox.walls.filesystem import hide_proc, leave_code, mount_work_folder
from sandbox.walls.syscalls import filter_call, perform
from sandbox.walls.namespaces import enter_namespaces
from sandbox.walls.isolation import harden_server
from sandbox.walls.seccomp import sample_filter
from sandbox.walls.split_filter import split_filter
from sandbox.walls.split_pipes import split_pipe, use_split_pipes
packages, shown = json.loads(sys.stdin.read())
enter_namespaces(sys.base_prefix, packages, split=shown, code={CODE!r}, let_go=lambda: None, clean_up=lambda: None)
harden_server()
mount_work_folder(4, programs=False)
hide_proc()
leave_code()
use_split_pipes()
perform([filter_call(split_filter()), filter_call(sample_filter(split=True))])
libc = ctypes.CDLL(None, use_errno=True)
def refused(number, *arguments):
    return libc.syscall(number, *arguments) == -1 and ctypes.get_errno()
"""


def behind_split_walls(source: str) -> str:
    """What a program prints there."""
    packages = offered_packages()
    python = os.path.realpath(sys.executable)
    ran = subprocess.run(
        [python, "-s", "-S", "-P", "-c", f"{SETTLED}\n{source}\nsys.stdout.flush()"],
        input=json.dumps([packages, plan_split_root(packages)]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert not ran.stderr, ran.stderr
    return ran.stdout


@pytest.mark.usefixtures("kernel")
def test_no_folder_of_the_machine_is_shown():
    source = """
for folder, below, _ in os.walk("/"):
    if os.stat(folder).st_dev != os.stat("/").st_dev:
        print(folder)
        below.clear()
"""
    assert sorted(behind_split_walls(source).split()) == ["/code", "/proc", "/tmp"], "all are its own"


@pytest.mark.usefixtures("kernel")
def test_nothing_in_it_can_be_written_or_given_other_times():
    source = """
for path in ("/x", "/usr/bin/sh", os.__file__, sys.executable, "/dev/null", "/dev/zero", "/proc/x"):
    for change in (lambda: open(path, "a").close() if "/dev/" not in path else os.utime(path), lambda: os.utime(path)):
        try:
            change()
            print(path)
        except OSError:
            pass
"""
    assert behind_split_walls(source) == ""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers below are those of x86_64")
@pytest.mark.usefixtures("kernel")
def test_calls_that_tell_of_others_do_not_exist():
    calls = {
        "pipe": 22, "pipe2": 293, "socketpair": 53, "memfd_create": 319, "statx": 332, "sysinfo": 99, "getsockopt": 55,
        "pidfd_open": 434, "mlock": 149, "getcpu": 309, "openat2": 437, "statfs": 137, "fstatfs": 138,
    }  # fmt: skip
    source = f"print([name for name, number in {calls}.items() if refused(number, 0, 0, 0, 0, 0) != errno.ENOSYS])"
    assert behind_split_walls(source) == "[]\n"


@pytest.mark.usefixtures("kernel")
def test_no_machine_code_can_be_made():
    source = """
import mmap
everything = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
for what in (
    lambda: mmap.mmap(-1, 4096, prot=everything),
    lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_EXEC),
    lambda: mmap.mmap(os.open(sys.executable, os.O_RDONLY), 4096, mmap.MAP_PRIVATE, everything),
):
    try:
        what()
        print("made")
    except PermissionError:
        pass
writable = mmap.mmap(-1, 4096)
address = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(writable)))
print(libc.mprotect(address, 4096, 5), ctypes.get_errno() == errno.EPERM)
"""
    assert behind_split_walls(source) == "-1 True\n"


@pytest.mark.usefixtures("kernel")
def test_pipes_are_numbered_in_the_work_folder():
    source = """
numbers = []
for _ in range(3):
    reader, writer = os.pipe()
    os.write(writer, b"x")
    assert os.read(reader, 2) == b"x"
    numbers.append(os.fstat(reader).st_ino)
own = os.fstat(reader).st_dev == os.stat("/tmp").st_dev
print(numbers[1] - numbers[0], numbers[2] - numbers[1], own, os.listdir("/tmp"))
"""
    assert behind_split_walls(source) == "1 1 True []\n"


def test_the_plan_holds_the_standard_library_and_what_it_needs():
    shown = plan_split_root(offered_packages())
    assert all(Path(source).is_file() and not Path(source).is_symlink() for source, _ in shown.values())
    paths = {Path(target) for target in shown}
    modules = {path.name.partition(".")[0] for path in paths} | {path.parent.name for path in paths}
    assert {"asyncio", "os", "_decimal", "libc", "sh"} <= modules
    assert not any("site-packages" in path.parts for path in paths)
