"""Nothing that a program does takes it out of the count: every attempt ends in a verdict, and the next program runs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from sandbox.languages import language
from sandbox.launch import open_sandbox
from sandbox.outcome import Ending, Outcome
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from tasks.judgement import judge_python
from tasks.verdict import Verdict

SIGNALS = range(1, 65)
SOME_SIGNALS = (1, 2, 3, 6, 9, 11, 13, 15, 19, 24, 25, 31, 32, 34, 40, 64)
STOPS = (19, 20, 21, 22)
EXIT_CODES = (0, 1, 2, 3, 64, 101, 124, 125, 126, 127, 128, 134, 137, 143, 152, 255)
SHORT = Limits(cpu_seconds=2, wall_seconds=1.5, memory_mb=512)

GO = 'package main\nimport (\n"testing"\n%s\n)\nfunc TestIt(t *testing.T) { %s }\n'
JAVA = "public class Main { public static void main(String[] a) throws Exception { %s } }"
RUST = 'extern "C" { fn raise(n: i32) -> i32; }\nfn main() {}\n#[test] fn t() { %s }\n'


def right(name: str) -> Program:
    return Program(name, {language(name).main_file: language(name).right})


@pytest.fixture(scope="module")
def workers(toolchains: Mapping[str, str], kernel: None) -> Iterator[Sandbox]:  # noqa: ARG001
    with open_sandbox(workers=2) as opened:
        yield opened


@pytest.fixture
def run_all(toolchains: Mapping[str, str], workers: Sandbox) -> Callable[..., dict[object, Outcome]]:
    """Runs sources of one language; each must be counted, and a right program must still pass at the end."""

    def run(name: str, sources: Mapping[object, str], limits: Limits = SHORT) -> dict[object, Outcome]:
        if name in toolchains:
            pytest.skip(toolchains[name])
        main = language(name).main_file
        programs = {key: Program(name, {main: source}, limits=limits) for key, source in sources.items()}
        outcomes = dict(workers.run(programs.items()))
        assert outcomes.keys() == programs.keys()
        failed = {key: outcome.detail for key, outcome in outcomes.items() if outcome.ending is Ending.SANDBOX_FAILED}
        assert not failed
        [(_, after)] = workers.run([("right", right(name))])
        assert after.finished, after
        assert after.exit_code == 0
        return outcomes

    return run


def passed(outcome: Outcome) -> bool:
    return outcome.ending is Ending.EXITED and outcome.finished and outcome.exit_code == 0


RAISE = {
    "python": "import os\nos.kill(os.getpid(), NUMBER)\nos._exit(7)",
    "javascript": "process.kill(process.pid, NUMBER)\n"
    "for (const end = Date.now() + 300; Date.now() < end;);\nprocess.exit(7)",
    "cpp": "#include <csignal>\n#include <unistd.h>\nint main() { kill(getpid(), NUMBER); return 7; }",
    "rust": RUST % "unsafe { raise(NUMBER); } std::process::exit(7)",
    "go": GO % ('"os"\n"syscall"', "syscall.Kill(syscall.Getpid(), NUMBER); os.Exit(7)"),
    "java": JAVA
    % 'new ProcessBuilder("sh", "-c", "kill -NUMBER $PPID").start().waitFor(); Thread.sleep(100); System.exit(7);',
}


@pytest.mark.parametrize("name", RAISE)
def test_a_program_that_raises_a_signal_at_itself_is_counted(run_all, name: str):
    numbers = SIGNALS if name in ("python", "javascript", "cpp") else SOME_SIGNALS
    outcomes = run_all(name, {n: RAISE[name].replace("NUMBER", str(n)) for n in numbers})
    for n, outcome in outcomes.items():
        assert not passed(outcome), (n, outcome)
        assert outcome.ending in (Ending.EXITED, Ending.SIGNALLED, Ending.CPU_LIMIT, Ending.WALL_LIMIT), (n, outcome)
        if outcome.ending is Ending.WALL_LIMIT:
            assert n in (*STOPS, 10), (n, outcome)  # node opens its inspector on SIGUSR1
    if name == "cpp":
        ends = {n: outcome.signal for n, outcome in outcomes.items() if outcome.ending is Ending.SIGNALLED}
        # 32 and 33 are the C library's own: counted like the others above, but what they do is up to it
        assert {9, 24, 40, 64} <= ends.keys(), {n: outcomes[n] for n in outcomes if n not in ends}
        assert all(n == number for n, number in ends.items())
        assert (outcomes[40].detail, outcomes[9].detail) == ("signal 40", "SIGKILL")


CHILDREN = {
    "python": """
import os
for n in range(1, 65):
    child = os.fork()
    if not child:
        os.kill(os.getpid(), n)
        os._exit(0)
    if n in (9, 19, 24, 40):
        os.kill(1, n)
    if os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1]):
        os.kill(child, 9)
        os.waitpid(child, 0)
os._exit(7)
""",
    "javascript": """
const { spawnSync } = require('child_process')
for (let n = 1; n <= 64; n++) if (n < 19 || n > 22) spawnSync('sh', ['-c', `kill -${n} 1 $$`])
process.exit(7)
""",
    "cpp": """
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>
int main() {
    for (int n = 1, status; n <= 64; ++n) {
        pid_t child = fork();
        if (!child) { kill(1, n); raise(n); _exit(0); }
        waitpid(child, &status, WUNTRACED);
        if (WIFSTOPPED(status)) { kill(child, 9); waitpid(child, &status, 0); }
    }
    return 7;
}
""",
    "rust": """
extern "C" {
    fn raise(n: i32) -> i32; fn fork() -> i32; fn _exit(n: i32);
    fn kill(p: i32, n: i32) -> i32; fn waitpid(p: i32, s: *mut i32, o: i32) -> i32;
}
fn main() {}
#[test] fn t() {
    unsafe {
        for n in 1..65 {
            let (c, mut s) = (fork(), 0);
            if c == 0 { raise(n); _exit(0); }
            waitpid(c, &mut s, 2);
            if s & 255 == 127 { kill(c, 9); waitpid(c, &mut s, 0); }
        }
    }
    std::process::exit(7)
}
""",
    "go": GO
    % (
        '"fmt"\n"os"\n"os/exec"',
        "for n := 1; n < 65; n++ { if n >= 19 && n <= 22 { continue }; "
        'exec.Command("sh", "-c", fmt.Sprintf("kill -%d $$", n)).Run() }; os.Exit(7)',
    ),
    "java": JAVA
    % (
        "for (int n = 1; n < 65; n++) if (n < 19 || n > 22) "
        'new ProcessBuilder("sh", "-c", "kill -" + n + " $$").start().waitFor(); System.exit(7);'
    ),
}


@pytest.mark.parametrize("name", CHILDREN)
def test_signals_that_children_raise_are_no_end_of_their_program(run_all, name: str):
    [outcome] = run_all(name, {0: CHILDREN[name]}, replace(SHORT, wall_seconds=20)).values()
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 7), outcome


EXIT = {
    "python": "import os\nos._exit(NUMBER)",
    "javascript": "process.exit(NUMBER)",
    "cpp": "#include <cstdlib>\nint main() { _Exit(NUMBER); }",
    "rust": RUST % "std::process::exit(NUMBER)",
    "go": GO % ('"os"', "os.Exit(NUMBER)"),
    "java": JAVA % "System.exit(NUMBER);",
}


@pytest.mark.parametrize("name", EXIT)
def test_every_exit_code_is_counted(run_all, name: str):
    codes = range(256) if name == "python" else EXIT_CODES
    for n, outcome in run_all(name, {n: EXIT[name].replace("NUMBER", str(n)) for n in codes}).items():
        assert (outcome.ending, outcome.finished, outcome.exit_code) == (Ending.EXITED, False, n)
        if name == "python":
            assert judge_python(outcome).verdict is Verdict.WRONG


LOWER = """
import os, resource
for kind in (%s,):
    for value in (0, 1, 4096):
        if not os.fork():
            try:
                resource.setrlimit(kind, (value, value))
                bytearray(50 << 20)
                open('x', 'w').write('x' * 10_000)
                os.fork()
                os.pipe()
            finally:
                os._exit(0)
        os.wait()
        resource.prlimit(1, kind, (value, resource.getrlimit(kind)[1]))
raise KeyError('the end')
"""
KINDS = ("AS", "DATA", "STACK", "FSIZE", "NOFILE", "NPROC", "MEMLOCK", "CORE", "SIGPENDING", "RTTIME", "RTPRIO", "NICE")


def test_a_program_that_lowers_its_limits_is_counted(run_all):
    outcomes = run_all("python", {kind: LOWER % f"resource.RLIMIT_{kind}" for kind in KINDS})
    assert not any(passed(outcome) for outcome in outcomes.values())


LIMITS_OF_PID_1 = """
#include <csignal>
#include <sys/resource.h>
#include <unistd.h>
int main() {
    for (int kind = 1; kind < 16; ++kind) {
        struct rlimit none = {0, 0};
        prlimit(1, (__rlimit_resource)kind, &none, nullptr);
    }
    %s
}
"""


def test_a_program_cannot_stop_the_process_that_waits_for_it(run_all):
    outcomes = run_all(
        "cpp",
        {
            "limits": LIMITS_OF_PID_1 % "return 5;",
            "signals": LIMITS_OF_PID_1 % "for (int n = 1; n < 65; ++n) kill(1, n); return 5;",
            "priorities": "#include <sys/resource.h>\nint main() { setpriority(PRIO_PROCESS, 1, 19); return 5; }",
        },
    )
    assert {(outcome.ending, outcome.exit_code) for outcome in outcomes.values()} == {(Ending.EXITED, 5)}


INTERRUPTED_AT_THE_END = """
#include <csignal>
#include <unistd.h>
int main() {
    if (fork()) return 1;
    while (getppid() != 1) usleep(100);
    kill(1, SIGINT);
}
"""


def test_an_interruption_after_the_proof_makes_no_pass(run_all):
    """The last line was reached with exit code 1, and somebody interrupts the process that waits for that code."""
    assert not any(
        passed(outcome) for outcome in run_all("cpp", dict.fromkeys(range(5), INTERRUPTED_AT_THE_END)).values()
    )


NAMED = "import ctypes\nctypes.CDLL(None).prctl(15, %r, 0, 0, 0)\nwhile True: pass"


def test_a_name_that_is_no_text_does_not_take_down_the_server(run_all):
    names = [b"\xff\xfe", b") R 1 (", b"\n\n", b"\xc3", b"a b) c"]
    outcomes = run_all("python", {name: NAMED % name for name in names}, replace(SHORT, cpu_seconds=0.3))
    assert {outcome.ending for outcome in outcomes.values()} == {Ending.CPU_LIMIT}


DESCRIPTORS = {
    "cpp": """
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
char bytes[1 << 16];
int main() {
    %s
    return 5;
}
""",
    "javascript": """
const fs = require('fs')
%s
process.exit(5)
""",
}
GAMES = {
    "cpp closed": ("cpp", "for (int n = 0; n < 256; ++n) close(n);"),
    "cpp proof read": ("cpp", 'for (int n = 0; n < 9; ++n) { char p[] = "/proc/self/fd/0"; p[14] += n; '
                              "int r = open(p, O_RDONLY | O_NONBLOCK); read(r, bytes, sizeof bytes); }"),
    "cpp proof flooded": ("cpp", "fcntl(3, F_SETFL, O_NONBLOCK); "
                                 "for (int n = 0; n < 99; ++n) write(3, bytes, sizeof bytes);"),
    "cpp every descriptor flooded": ("cpp", "for (int n = 0; n < 256; ++n) { fcntl(n, F_SETFL, O_NONBLOCK); "
                                            "write(n, bytes, sizeof bytes); }"),
    "cpp proof to nowhere": ("cpp", 'int n = open("/dev/null", O_RDWR); dup2(n, 3); dup2(n, 1); dup2(n, 2);'),
    "cpp above": ("cpp", 'for (int n = 0; n < 64; ++n) { char p[] = "/proc/1/fd/00"; p[11] += n / 10; p[12] += n % 10; '
                         "write(open(p, O_WRONLY | O_NONBLOCK), bytes, 64); }"),
    "javascript closed": ("javascript", "for (let n = 0; n < 30; n++) try { fs.closeSync(n) } catch {}"),
    "javascript proof read": ("javascript", "const r = fs.openSync('/proc/self/fd/3', fs.constants.O_RDONLY | 2048)\n"
                                            "try { fs.readSync(r, Buffer.alloc(99)) } catch {}"),
    "javascript status told": ("javascript", "try { fs.writeSync(3, 'started \\nstatus 0\\nfailed \\n') } catch {}"),
}  # fmt: skip


@pytest.mark.parametrize("game", GAMES)
def test_games_with_descriptors_are_counted(run_all, game: str):
    name, lines = GAMES[game]
    [outcome] = run_all(name, {0: DESCRIPTORS[name] % lines}).values()
    assert not passed(outcome)
    assert outcome.ending in (Ending.EXITED, Ending.SIGNALLED, Ending.WALL_LIMIT), outcome


PYTHON_GAMES = {
    "closed": "os.closerange(0, 256)",
    "flooded": "[os.set_blocking(n, False) or os.write(n, bytes(1 << 16)) for n in (1, 2, 3) for _ in range(9)]",
    "replaced": "[os.dup2(os.open('/dev/null', os.O_RDWR), n) for n in (1, 2, 3)]",
    "proof forged": "os.write(3, b'=' + bytes(16))",
    "proof read": "os.read(os.open('/proc/self/fd/3', os.O_RDONLY | os.O_NONBLOCK), 99)",
}


@pytest.mark.parametrize(
    "game",
    PYTHON_GAMES,
)
def test_games_of_python_with_descriptors_are_counted(run_all, game: str):
    [outcome] = run_all("python", {0: f"import os\n{PYTHON_GAMES[game]}\nos._exit(5)"}).values()
    assert (outcome.ending, outcome.finished) == (Ending.EXITED, False), outcome


TAKEN_BACK = {
    "cpp": """
#include <atomic>
#include <fcntl.h>
#include <thread>
#include <unistd.h>
int main() {
    int r = open("/proc/self/fd/1", O_RDONLY | O_NONBLOCK);
    std::atomic<bool> over{false};
    std::thread taker([&] { for (char c; !over;) if (read(r, &c, 1) == 1) break; });
    usleep(50'000);
    write(1, "x", 1);
    usleep(50'000);
    over = true;
    taker.join();
    sleep(8);
    _exit(7);
}
""",
    "python": """
import os, time
r = os.open('/proc/self/fd/1', os.O_RDONLY | os.O_NONBLOCK)
if not os.fork():
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        try:
            if os.read(r, 1): break
        except BlockingIOError: pass
    os._exit(0)
time.sleep(0.05)
os.write(1, b'x')
time.sleep(8)
os._exit(7)
""",
}


@pytest.mark.parametrize(
    "name",
    [
        "cpp",
        "python",
    ],
)
def test_a_program_that_takes_back_its_output_does_not_hold_its_supervisor(run_all, name: str):
    for outcome in run_all(name, dict.fromkeys(range(6), TAKEN_BACK[name]), Limits(wall_seconds=1)).values():
        assert outcome.ending is Ending.WALL_LIMIT, outcome
        assert outcome.wall_seconds < 6


UNSTARTABLE = {
    "interpreter of its own": (
        "rust",
        '#[link_section = ".interp"] #[used] static I: [u8; 9] = *b"/nowhere\\0";\nfn main() {}\n#[test] fn t() {}',
        Ending.NOT_COMPILED,
    ),
    "larger than memory": ("cpp", "static char a[1L << 46]; int main() { return a[5]; }", Ending.SIGNALLED),
}


@pytest.mark.parametrize("case", UNSTARTABLE)
def test_a_binary_that_cannot_be_started_is_its_sources_fault(run_all, case: str):
    name, source, ending = UNSTARTABLE[case]
    [outcome] = run_all(name, {0: source}).values()
    assert outcome.ending is ending, outcome


COMMENT = {"python": "# ", "javascript": "// ", "cpp": "// ", "rust": "// ", "go": "// ", "java": "// "}


@pytest.mark.parametrize("name", COMMENT)
def test_sources_of_any_kind_and_size_are_counted(run_all, name: str):
    source = language(name).right
    outcomes = run_all(
        name,
        {
            "null byte": f"{source}\0",
            "lone surrogate": f"{source}\n{COMMENT[name]}\ud800",
            "surrogate as code": f"\ud800\n{source}",
            "20 MB": f"{source}\n{COMMENT[name]}{'x' * 20_000_000}",
            "100 MB": f"{source}\n{COMMENT[name]}{'x' * 100_000_000}",
            "empty": "",
            "one line": "x" * 100_000,
            "brackets": "(" * 200_000,
        },
        Limits(cpu_seconds=10, wall_seconds=60, memory_mb=512),
    )
    assert not any(passed(outcomes[case]) for case in ("one line", "brackets", "surrogate as code"))
    if name == "javascript":
        assert outcomes["20 MB"].ending is Ending.NOT_COMPILED
        assert "does not fit" in outcomes["20 MB"].detail


JAVA_SOURCES = {
    "class with a long name": "class %s {}\n" % ("B" * 400) + JAVA % "",
    "class with a null byte": "class A\\u0000B {}\n" + JAVA % "",
    "more classes than files": JAVA % "" + "".join(f"class A{n} {{}}\n" for n in range(5000)),
    "more than the compiler holds": f"{JAVA % ''}// {'x' * 200_000_000}",
    "words without end": JAVA % "" + "class B {" + "int x;" * 20_000 + "}",
}


def test_sources_that_upset_the_compiler_that_stays_are_counted(run_all):
    outcomes = run_all("java", JAVA_SOURCES, Limits(cpu_seconds=10, wall_seconds=60, memory_mb=512))
    assert "cannot be written" in outcomes["class with a long name"].detail
    assert outcomes["more classes than files"].ending is Ending.NOT_COMPILED
    assert (outcomes["more than the compiler holds"].ending, outcomes["words without end"].ending) == (
        Ending.NOT_COMPILED,
        Ending.NOT_COMPILED,
    )


@pytest.mark.parametrize("name", ["javascript", "cpp", "rust"])
def test_words_of_exhausted_memory_do_not_stand_in_place_of_a_limit(run_all, name: str):
    words = language(name).out_of_memory_words[0]
    said = {
        "javascript": f"console.error('{words}')\nfor (;;) {{}}",
        "cpp": f'#include <cstdio>\nint main() {{ fputs("{words}", stderr); for (volatile int n = 0;;) n = 1; }}',
        "rust": RUST % f'use std::io::Write; std::io::stderr().write_all(b"{words}").unwrap(); loop {{}}',
    }[name]
    [outcome] = run_all(name, {0: said}, Limits(cpu_seconds=1, wall_seconds=30)).values()
    assert outcome.ending is Ending.CPU_LIMIT


FILES = [
    ("javascript", {"main.js": "require('fs').readFileSync('a/b/c.txt')", "a/b/c.txt": "\ud800"}),
    ("cpp", {"main.cpp": '#include "a/b.hpp"\nint main() { return b; }', "a/b.hpp": "int b = 0;"}),
    pytest.param(
        "python",
        {"main.py": "assert open('a/b/c.txt', 'rb').read()", "a/b/c.txt": "\ud800"},
    ),
]


@pytest.mark.parametrize(("name", "files"), FILES)
def test_files_beside_the_program_may_lie_in_folders(toolchains, workers: Sandbox, name: str, files: dict[str, str]):
    if name in toolchains:
        pytest.skip(toolchains[name])
    [(_, outcome)] = workers.run([(0, Program(name, files))])
    assert passed(outcome), outcome


UNWRITABLE = {
    "../x": "leaves the work folder",
    "/tmp/../../x": "leaves the work folder",
    "a\0b": "null",
    "x": "space|large",
}


@pytest.mark.parametrize(
    "name",
    [
        "javascript",
        "python",
    ],
)
@pytest.mark.parametrize("file", UNWRITABLE)
def test_a_file_beside_the_program_that_cannot_be_written_is_the_sandboxs_failure(
    toolchains, workers: Sandbox, name: str, file: str
):
    if name in toolchains:
        pytest.skip(toolchains[name])
    program = Program(name, {language(name).main_file: "", file: "x" * 20_000_000})
    [(_, outcome)] = workers.run([(0, program)])
    assert outcome.ending is Ending.SANDBOX_FAILED
    assert any(word in outcome.detail for word in UNWRITABLE[file].split("|")), outcome
