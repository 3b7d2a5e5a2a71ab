"""Programs that attack their compiler: contained, told apart from honest failures, and quick."""

import pytest

from sandbox.outcome import Ending
from sandbox.program import Limits

SHORT = Limits(cpu_seconds=3, wall_seconds=30, memory_mb=400, output_kb=4096, processes=64, disk_mb=32)
"""For attacks that only a limit ends."""

CPP = {
    "giant templates": """
template <int N, int M> struct F { static const long value = F<N - 1, M>::value + F<N - 1, M + 1>::value; };
template <int M> struct F<0, M> { static const long value = M; };
int main() { return F<700, 0>::value; }
""",
    "endless header": '#include "/dev/zero"\nint main() {}\n',
    "header that includes itself": '#include __FILE__\nint main() {}\n',
    "macro bomb": """
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(A(x))))
int a[] = { B(B(1,)) };
int main() {}
""",
    "endless constexpr": """
using N = unsigned long;
constexpr N f(N n) { N s = 0; for (N i = 0; i < n; ++i) s += i; return s; }
template <int I> constexpr N g() { return f(200000) + g<I - 1>(); }
template <> constexpr N g<0>() { return 0; }
static_assert(g<800>() > 0);
int main() {}
""",
    "huge array in the binary": "char a[1L << 31] = {1};\nint main() { return a[5]; }\n",
    "assembler that includes the host": '__asm__(".incbin \\"/etc/shadow\\"");\nint main() {}\n',
    "host header": '#include "/root/.bashrc"\nint main() {}\n',
    "endless diagnostics": "#define X y; y; y; y; y; y; y; y;\nint main() {" + " X " * 5000 + "}\n",
}  # fmt: skip

TESTED_RUST = "fn main() {}\n#[test] fn t() { assert!(S.len() > 0) }\n"
RUST = {
    "host file in a string": 'const S: &str = include_str!("/etc/shadow");\n' + TESTED_RUST,
    "endless file in a string": 'const S: &[u8] = include_bytes!("/dev/zero");\n' + TESTED_RUST,
    "macro bomb": "macro_rules! m { ($($x:tt)*) => { m! { $($x)* $($x)* } } }\nm! { a }\n",
    "endless constant": 'const S: &str = { let mut i = 0u64; loop { i += 1; } };\n' + TESTED_RUST,
    "type that grows": 'const S: &str = "";\nfn f<T>(n: u64, t: T) { if n > 0 { f(n - 1, (t, 1)) } }\n'
    + TESTED_RUST.replace("assert!", "f(9, 1); assert!"),
    "library that is not there": '#[link(name = "nowhere")] extern "C" {}\nconst S: &str = "";\n' + TESTED_RUST,
    "the host's environment": 'const S: &str = env!("SSH_AUTH_SOCK");\n' + TESTED_RUST,
}  # fmt: skip

TESTED = 'import "testing"\nfunc TestIt(t *testing.T) {}\n'
GO = {
    "cgo": 'package main\n// #cgo LDFLAGS: -Wl,--version\n// #include "/etc/shadow"\nimport "C"\n' + TESTED,
    "embedded host file": 'package main\nimport _ "embed"\n' + TESTED + "//go:embed /etc/shadow\nvar s string\n",
    "generate directive": "package main\n//go:generate touch /build/owned\n" + TESTED.replace("{}", "{ t.Fail() }"),
    "giant array": "package main\n" + TESTED + "var a = [1 << 33]int{1 << 32: 1}\n",
    "type that doubles": "package main\n" + TESTED + "type T0 struct{ a, b [1 << 20]int }\n"
    + "".join(f"type T{n} struct{{ a, b T{n - 1} }}\n" for n in range(1, 60)) + "var x T59\n",
    "deep nesting": "package main\n" + TESTED + "var x = " + "(" * 200_000 + "1" + ")" * 200_000 + "\n",
    "symbols of the run time": 'package main\nimport _ "unsafe"\n' + TESTED
    + "//go:linkname exit os.runtime_beforeExit\nfunc exit()\n",
}  # fmt: skip

MAIN = "public class Main { public static void main(String[] a) { throw new Error(); } }\n"
JAVA = {
    "annotation processor": "@interface Run {}\n@Run " + MAIN,
    "deep nesting": MAIN + "class D { int x = " + "(" * 30_000 + "1" + ")" * 30_000 + "; }\n",
    "long sum": MAIN + "class D { int x = " + " + ".join(["a()"] * 30_000) + "; static int a() { return 1; } }\n",
    "generic explosion": MAIN
    + "class G { static <T> T f(T a, T b) { return a; } Object x = "
    + "f(" * 14 + "1" + ', "a")' * 14 + "; }\n",
    "code too large": MAIN + "class L { void f() { int x = 0; " + "x = x * 31 + 7; " * 20_000 + "} }\n",
    "class of the platform": "package java.lang; public class Object {}\n" + MAIN,
    "module of its own": "module evil { requires jdk.compiler; uses javax.annotation.processing.Processor; }\n",
    "unicode escapes": MAIN + "class U { String s = \"" + "\\u0061" * 100_000 + "\"; }\n",
}  # fmt: skip

ATTACKS = [
    pytest.param(name, source, id=f"{name}-{attack}")
    for name, attacks in (("cpp", CPP), ("rust", RUST), ("go", GO), ("java", JAVA))
    for attack, source in attacks.items()
]


@pytest.mark.parametrize(("name", "source"), ATTACKS)
def test_an_attack_on_the_compiler_is_contained(run_in, name: str, source: str):
    outcome = run_in(name, source, compile_limits=SHORT, cpu_seconds=2)
    assert outcome.ending is not Ending.SANDBOX_FAILED, outcome.detail
    assert "root:" not in outcome.stdout + outcome.stderr, "a line of a file of the host"
    assert len(outcome.stderr) <= 64 * 1024
    if outcome.ending is not Ending.NOT_COMPILED:  # some only waste the compiler's time and are then honest programs
        assert outcome.cpu_seconds < 4


STOPPED_BY_A_LIMIT = {
    "cpp cpu": ("cpp", CPP["giant templates"]),
    "cpp memory": ("cpp", CPP["endless header"]),
    "rust cpu or memory": ("rust", RUST["macro bomb"]),
    "rust memory": ("rust", RUST["endless file in a string"]),
}


@pytest.mark.parametrize("case", STOPPED_BY_A_LIMIT)
def test_a_compiler_at_its_limit_is_a_program_that_did_not_compile(run_in, case: str):
    outcome = run_in(*STOPPED_BY_A_LIMIT[case], compile_limits=SHORT)
    assert (outcome.ending, outcome.finished) == (Ending.NOT_COMPILED, False), outcome
    assert "limit" in outcome.detail or "recursion limit" in outcome.stderr, outcome


@pytest.mark.parametrize("attack", JAVA)
def test_the_compiler_that_stays_serves_the_next_program_after_an_attack(run_in, attack: str):
    run_in("java", JAVA[attack], compile_limits=SHORT)
    outcome = run_in("java", "public class Main { public static void main(String[] a) { System.out.print(5); } }")
    assert (outcome.finished, outcome.stdout) == (True, "5"), outcome


def test_what_one_source_defines_the_next_does_not_see(run_in):
    poison = "class String {}\nclass System { static void exit(int n) {} }\n"
    run_in("java", poison + MAIN)
    outcome = run_in(
        "java", "public class Main { public static void main(String[] a) { System.out.print(a.length); } }"
    )
    assert (outcome.finished, outcome.stdout) == (True, "0")


def test_a_compiler_leaves_no_process_to_the_run(run_in):
    source = """
#include <cassert>
#include <cstdlib>
#include <dirent.h>
int main() {
    int n = 0;
    DIR *folder = opendir("/proc");
    while (dirent *entry = readdir(folder)) n += atoi(entry->d_name) > 0;
    assert(n == 2);
}
"""
    outcome = run_in("cpp", source)
    assert outcome.finished, outcome.stderr


def test_the_file_names_of_a_program_stay_in_its_folder(toolchains, language_sandbox):
    from sandbox.program import Program

    if "cpp" in toolchains:
        pytest.skip(toolchains["cpp"])
    for name in ("../x", "/build/../x"):
        program = Program("cpp", {"main.cpp": "int main() {}", name: "x"})
        [(_, outcome)] = language_sandbox.run([(0, program)])
        assert outcome.ending is Ending.SANDBOX_FAILED
        assert "leaves the work folder" in outcome.detail
