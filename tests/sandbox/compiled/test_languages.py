"""Each language through its whole way: compiled, run, proven finished; and each way it can go wrong."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.languages import Language, UnknownLanguageError, fill, language, languages
from sandbox.launch import open_sandbox
from sandbox.outcome import Ending, Tier
from sandbox.program import Limits, Program
from sandbox.toolchains.install import find_tools, install
from sandbox.toolchains.installed import ToolchainMissingError, read_toolchain, with_paths
from sandbox.toolchains.probe import probe_toolchains

COMPILED = ("java", "go", "cpp", "rust")
WITH_COMMANDS = ("javascript", *COMPILED)

GO = 'package main\nimport (\n"testing"\n%s\n)\n%s\nfunc TestIt(t *testing.T) { %s }\n'


def java(statement: str, more: str = "") -> str:
    return f"{more}\npublic class Main {{ public static void main(String[] a) throws Exception {{ {statement} }} }}"


def passed(outcome) -> bool:
    return outcome.ending is Ending.EXITED and outcome.finished and outcome.exit_code == 0


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_right_passes_and_wrong_does_not(run_in, name: str):
    outcome = run_in(name, language(name).right)
    assert passed(outcome), outcome
    assert outcome.cpu_seconds > 0
    wrong = run_in(name, language(name).wrong)
    assert not passed(wrong), wrong
    assert wrong.ending in (Ending.EXITED, Ending.SIGNALLED)


@pytest.mark.parametrize("name", COMPILED)
def test_what_does_not_compile_says_so_in_the_compilers_words(run_in, name: str):
    broken = language(name).right.replace("(", "((", 1)
    outcome = run_in(name, broken)
    assert (outcome.ending, outcome.finished) == (Ending.NOT_COMPILED, False), outcome
    assert "main" in (outcome.stdout + outcome.stderr).lower()
    assert "error" in outcome.stderr or "expected" in outcome.stderr, outcome.stderr


def test_a_syntax_error_in_javascript_is_the_run_times_own(run_in):
    outcome = run_in("javascript", "const x = (")
    assert (outcome.ending, outcome.finished, outcome.exit_code) == (Ending.EXITED, False, 1)
    assert "SyntaxError" in outcome.stderr


EARLY = {
    "javascript process.exit": ("javascript", "process.exit(0)\nconsole.assert(false)"),
    "javascript reallyExit": ("javascript", "process.reallyExit(0)"),
    "javascript top-level return": ("javascript", "return\nconsole.assert(false)"),
    "javascript exit in a test": ("javascript", "const f = () => process.exit(0)\nconsole.assert(f() === 1)"),
    "javascript exit handler": ("javascript", "process.on('exit', () => process.exit(0))\nthrow new Error('x')"),
    "java System.exit": ("java", java("System.exit(0);")),
    "java halt": ("java", java("Runtime.getRuntime().halt(0);")),
    "java static block": ("java", java("new S();", "class S { static { System.exit(0); } }")),
    "java Main's own static block": ("java", java("", "").replace("{", "{ static { System.exit(0); }", 1)),
    "java exit hook": (
        "java",
        java(
            "Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(0)));"
            "if (a.length == 0) throw new Error();"
        ),
    ),
    "go os.Exit in init": ("go", GO % ('"os"', "func init() { os.Exit(0) }", "")),
    "go os.Exit in a variable": ("go", GO % ('"os"', "var x = func() int { os.Exit(0); return 0 }()", "_ = x")),
    "go os.Exit in the test": ("go", GO % ('"os"', "", "os.Exit(0)")),
    "go syscall exit": ("go", GO % ('"syscall"', "", "syscall.Exit(0)")),
    "cpp static constructor": ("cpp", "#include <cstdlib>\nstruct S { S() { exit(0); } } s;\nint main() { abort(); }"),
    "cpp attribute constructor": (
        "cpp",
        "#include <unistd.h>\n__attribute__((constructor)) void f() { _exit(0); }\nint main() { return 1; }",
    ),
    "cpp exit before the tests": ("cpp", "#include <cstdlib>\nint f() { exit(0); }\nint main() { f(); abort(); }"),
    "cpp quick_exit": ("cpp", "#include <cstdlib>\nint main() { quick_exit(0); }"),
    "rust process::exit": ("rust", "fn main() {}\n#[test] fn t() { std::process::exit(0) }"),
    "rust before main": (
        "rust",
        '#[link_section = ".init_array"] #[used] static F: extern "C" fn() = f;\n'
        'extern "C" fn f() { std::process::exit(0) }\nfn main() {}\n#[test] fn t() { panic!() }',
    ),
    "rust no test left": ("rust", "fn main() {}\n#[cfg(any())]\n#[test] fn t() { panic!() }"),
    "rust ignored test": ("rust", "fn main() {}\n#[test] #[ignore] fn t() { panic!() }"),
}  # fmt: skip


@pytest.mark.parametrize("case", EARLY)
def test_an_early_exit_with_code_0_has_not_finished(run_in, case: str):
    outcome = run_in(*EARLY[case])
    assert not outcome.finished, outcome
    assert outcome.ending in (Ending.EXITED, Ending.SIGNALLED), outcome


def test_a_python_program_finds_no_compiler_that_stays(run_in):
    assert run_in("java", java("")).finished
    seen = "[n for n in range(1, 5000) if os.path.exists(f'/proc/{n}')]"
    assert run_in("python", f"import os; print({seen} == [int(os.readlink('/proc/self'))])").stdout == "True\n"


LOOPS = {
    "javascript": "for (;;) {}",
    "java": java("while (true) {}"),
    "go": GO % ("", "", "for {}"),
    "cpp": "int main() { for (volatile int i = 0;;) i = i + 1; }",
    "rust": "fn main() {}\n#[test] fn t() { loop {} }",
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_ends_at_its_cpu_limit(run_in, name: str):
    assert run_in(name, LOOPS[name], cpu_seconds=1).ending is Ending.CPU_LIMIT


BOMBS = {
    "javascript": "const x = []; for (;;) x.push(new Array(1e6).fill(x.length))",
    "java": java("var x = new java.util.ArrayList<int[]>(); while (true) x.add(new int[1 << 20]);"),
    "go": GO % ('"bytes"', "var x [][]byte", "for { x = append(x, bytes.Repeat([]byte{1}, 1<<20)) }"),
    "cpp": "#include <vector>\nint main() { std::vector<std::vector<char>> x; for (;;) x.emplace_back(1 << 20, 1); }",
    "rust": "fn main() {}\n#[test] fn t() { let mut x = vec![]; loop { x.push(vec![1u8; 1 << 20]) } }",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_memory_ends_at_its_limit(run_in, name: str):
    assert run_in(name, BOMBS[name], memory_mb=256).ending is Ending.OUT_OF_MEMORY


def test_what_a_program_holds_is_measured(run_in):
    source = "#include <vector>\nint main() { std::vector<char> x(100 << 20, 1); return x[5] - 1; }"
    assert 95 < run_in("cpp", source).memory_mb < 140


SLEEPERS = {
    "javascript": "setTimeout(() => {}, 1e6)",
    "java": java("Thread.sleep(1000000);"),
    "cpp": "#include <unistd.h>\nint main() { sleep(1000); }",
}


@pytest.mark.parametrize("name", SLEEPERS)
def test_a_sleeper_meets_the_wall(run_in, name: str):
    assert run_in(name, SLEEPERS[name], wall_seconds=1).ending is Ending.WALL_LIMIT


def test_endless_output_is_stopped(run_in):
    assert (
        run_in("cpp", '#include <cstdio>\nint main() { for (;;) puts("x"); }', output_kb=500).ending
        is Ending.OUTPUT_LIMIT
    )


def test_an_aborted_program_shows_its_own_signal(run_in):
    outcome = run_in("cpp", "#include <cassert>\nint main() { assert(1 == 2); }")
    assert (outcome.ending, outcome.signal) == (Ending.SIGNALLED, 6)
    assert "1 == 2" in outcome.stderr


def test_a_failed_console_assert_is_a_failure_though_node_exits_with_0(run_in):
    outcome = run_in("javascript", "console.assert(1 === 2, 'told so')\nconsole.log('on it goes')")
    assert (outcome.finished, outcome.exit_code, outcome.stdout) == (True, 1, "on it goes\n")
    assert outcome.stderr == "Assertion failed: told so\n"


@pytest.mark.parametrize("lie", ["console.assert = () => {}", "globalThis.console = { assert() {} }"])
def test_console_assert_cannot_be_replaced(run_in, lie: str):
    assert run_in("javascript", f"{lie}\nconsole.assert(false)").exit_code == 1


def test_javascript_sees_what_node_shows_its_main_module(run_in):
    source = "console.assert(require.main === module); console.assert(__filename.endsWith('main.js'))"
    outcome = run_in("javascript", f"{source}; console.assert(process.argv.length === 2)")
    assert passed(outcome), outcome


def test_stdin_is_given(run_in):
    source = "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b; return a + b != 5; }"
    assert run_in("cpp", source).exit_code == 1, "an empty stdin"


def test_the_prelude_changes_nothing_but_the_time(run_in):
    body = "int main() { vector<int> x{3, 1}; sort(x.begin(), x.end()); return x[0] - 1; }\n"
    for source in (language("cpp").prelude_text + body, "\n" + language("cpp").prelude_text + body):
        assert passed(run_in("cpp", source))
    outcome = run_in("cpp", language("cpp").prelude_text + "int f() { return y; }\n")
    line = language("cpp").prelude_text.count("\n") + 1
    assert f"main.cpp:{line}:" in outcome.stderr, "the compiler counts the lines of the whole program"


def test_go_programs_may_not_import_the_proof(run_in):
    assert run_in("go", GO % ('"aaa/proof"', "", "proof.Write()")).ending is Ending.NOT_COMPILED


def test_a_go_program_without_tests_is_not_a_pass(run_in):
    assert run_in("go", "package main\nfunc F() {}\n").ending is Ending.NOT_COMPILED


def test_no_file_of_the_host_or_of_the_harness_can_be_written(run_in):
    source = java(
        'var jar = System.getProperty("java.class.path").split(":")[0];'
        'for (String p : new String[]{"/build/x", "/usr/x", "/x", jar}) {'
        "try { new java.io.FileOutputStream(p, true).close(); throw new Error(p); }"
        " catch (java.io.IOException refused) {} }"
    )
    outcome = run_in("java", source)
    assert passed(outcome), outcome.stderr


def test_the_process_above_cannot_be_looked_into_or_killed(run_in):
    source = """
#include <cassert>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>
int main() {
    assert(getppid() == 1);
    assert(open("/proc/1/mem", O_RDWR) < 0);
    assert(open("/proc/1/fd/3", O_RDONLY) < 0);
    kill(1, SIGKILL);
    kill(1, SIGTERM);
}
"""
    outcome = run_in("cpp", source)
    assert passed(outcome), outcome


def test_nothing_passes_from_a_compiler_to_the_next_program(run_in):
    assert passed(run_in("java", java("", "class Helper { static int x() { return 1; } }")))
    outcome = run_in("java", java("Helper.x();"))
    assert outcome.ending is Ending.NOT_COMPILED
    assert "Helper" in outcome.stderr


def test_two_workers_compile_at_once(toolchains):
    if "java" in toolchains:
        pytest.skip(toolchains["java"])
    programs = [(n, Program("java", {"Main.java": java(f"System.out.println({n});")})) for n in range(8)]
    with open_sandbox(workers=2) as sandbox:
        outcomes = dict(sandbox.run(programs))
    assert {n: outcome.stdout for n, outcome in outcomes.items()} == {n: f"{n}\n" for n in range(8)}


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_the_tier_without_walls_runs_trusted_programs(toolchains, name: str):
    if name in toolchains:
        pytest.skip(toolchains[name])
    with open_sandbox(Tier.NONE, workers=1) as sandbox:
        [check] = probe_toolchains(sandbox, [name])
    assert check.ok, check


def test_a_language_that_is_not_there_is_named():
    with pytest.raises(UnknownLanguageError, match=r"'cobol'.*python, javascript"):
        language("cobol")


def without_toolchain(folder: Path) -> dict[str, str]:
    """What a sandbox says of a right Java program when the cache of toolchains is `folder`."""
    source = (
        "import json\nfrom sandbox.launch import open_sandbox\nfrom sandbox.program import Program\n"
        "from sandbox.languages import language\nrow = language('java')\n"
        "with open_sandbox(workers=1) as s:\n"
        "    [(_, o)] = s.run([(0, Program('java', {row.main_file: row.right}))])\n"
        "print(json.dumps([o.ending, o.finished, o.detail]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
        env={"WAVEBENCH_CACHE": str(folder), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )
    return dict(zip(("ending", "finished", "detail"), json.loads(ran.stdout), strict=True))


@pytest.mark.usefixtures("sandbox")
def test_a_missing_toolchain_says_nothing_about_the_program(tmp_path: Path):
    told = without_toolchain(tmp_path)
    assert (told["ending"], told["finished"]) == (Ending.SANDBOX_FAILED, False)
    assert "`wavebench toolchains install`" in told["detail"]


@pytest.mark.usefixtures("sandbox")
def test_a_broken_toolchain_says_nothing_about_the_program(toolchains):
    if "cpp" in toolchains:
        pytest.skip(toolchains["cpp"])
    from sandbox.pool import host
    from sandbox.toolchains.installed import ready_languages

    def with_a_broken_compiler():
        rows = ready_languages()
        rows["cpp"]["compile"] = [["/usr/bin/false"]]
        rows["rust"]["run"] = ["/nowhere/at-all"]
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(host, "ready_languages", with_a_broken_compiler)
        with open_sandbox(workers=1) as broken:
            checks = {check.name: check for check in probe_toolchains(broken, ["cpp", "rust"])}
    assert "The toolchain of C++ does not work here" in checks["cpp"].detail
    assert "/nowhere/at-all" in checks["rust"].detail


def test_a_cache_that_programs_could_not_see_is_refused(monkeypatch):
    monkeypatch.setenv("WAVEBENCH_CACHE", "/tmp/cache")
    with pytest.raises(ToolchainMissingError, match="a folder of their own in place of '/tmp'"):
        install(language("javascript"))


def test_a_tool_in_a_folder_of_its_own_is_shown_and_a_home_never(tmp_path: Path, monkeypatch):
    tool = tmp_path / "node-20" / "bin" / "node"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\necho v1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    monkeypatch.setattr("sandbox.toolchains.install._HIDDEN", ())
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path / "cache"))
    assert install(language("javascript")).homes == (str(tmp_path / "node-20"),)
    monkeypatch.setenv("HOME", str(tmp_path / "node-20" / "somebody"))
    with pytest.raises(ToolchainMissingError, match="which programs may not see"):
        install(language("javascript"), again=True)


def test_a_missing_tool_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolchainMissingError, match=r"Go needs the command 'go'.*apt-get install golang-go"):
        find_tools(language("go"))


def test_a_changed_record_is_not_trusted(toolchains, tmp_path: Path, monkeypatch):
    if "javascript" in toolchains:
        pytest.skip(toolchains["javascript"])
    row = language("javascript")
    installed = Path(read_toolchain(row).folder)
    record = json.loads((installed / "toolchain.json").read_text())
    folder = tmp_path / "toolchains" / installed.name
    folder.mkdir(parents=True)
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path))

    def remember(**changed: object) -> None:
        (folder / "toolchain.json").write_text(json.dumps(record | changed))

    remember()
    assert read_toolchain(row).fingerprint
    remember(stamps={"node": [1, 2]})
    with pytest.raises(ToolchainMissingError, match="'node' of JavaScript has changed"):
        read_toolchain(row)
    remember(sources="0")
    with pytest.raises(ToolchainMissingError, match="another version of wavebench"):
        read_toolchain(row)
    remember(tools=5)
    with pytest.raises(ToolchainMissingError, match="not installed"):
        read_toolchain(row)


def test_a_damaged_or_missing_artefact_is_named_and_made_anew(monkeypatch, tmp_path: Path):
    row = language("javascript")
    if not shutil.which("node"):
        pytest.skip("node is not there")
    monkeypatch.setattr("sandbox.toolchains.install._HIDDEN", ())
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path / "cache"))
    launcher = Path(install(row).folder, "launcher.js")
    whole = launcher.read_bytes()
    launcher.write_bytes(whole[:-1])
    with pytest.raises(
        ToolchainMissingError, match=rf"JavaScript is damaged: 'launcher.js' .* not {len(whole)}; .*instal"
    ):
        read_toolchain(row)
    assert install(row) == read_toolchain(row)
    assert launcher.read_bytes() == whole
    launcher.unlink()
    with pytest.raises(ToolchainMissingError, match=r"'launcher.js' in .* is gone"):
        read_toolchain(row)


def test_programs_of_java_start_from_archives_that_are_in_use(toolchains):
    if "java" in toolchains:
        pytest.skip(toolchains["java"])
    row = with_paths(language("java"))
    assert row.split
    for command, words in (("run", row.run), ("candidate", row.split.candidate_run), ("tester", row.split.tester_run)):
        asked = [fill(word, {"heap_mb": "768", "build": "/nowhere"}) for word in words]
        options = [word for word in asked[1:-1] if word != "-ea"]
        # Refuses to start where the archive is stale, was made for another class path, or is damaged.
        ran = subprocess.run(
            [asked[0], "-Xshare:on", "-Xlog:cds", *options, "-version"], capture_output=True, text=True
        )
        assert ran.returncode == 0, (command, ran.stdout + ran.stderr)
        assert "always map archive(s) at an alternative address" not in ran.stdout, command
        if command != "tester":
            assert "full module graph: enabled" in ran.stdout, (command, ran.stdout)


def test_every_row_is_complete():
    for row in languages().values():
        assert row.right, row.name
        assert row.wrong, row.name
        assert isinstance(row, Language)
        assert bool(row.run) != row.in_process
        assert row.needs_toolchain != row.in_process
        assert isinstance(row.compile_limits, Limits)
