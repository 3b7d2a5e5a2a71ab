"""Tests and candidate as two programs: what each ending means, whatever a candidate does at the wire."""

from collections.abc import Callable

import pytest

from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation, Ending, Outcome, Tier
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tests.sandbox.compiled.split_sources import RIGHT, TESTER, WRONG, cpp_program, serving

HELD, REFUTED, INEXPRESSIBLE = Confirmation.HELD, Confirmation.REFUTED, Confirmation.INEXPRESSIBLE
RunAll = Callable[[dict[str, Program]], dict[str, Outcome]]

_LOADED = f'{RIGHT} int main() {{ put("="); std::string c; '
_ANSWER = "{ int n; memcpy(&n, c.data(), 4); n *= 2; put(std::string((char*)&n, 4)); }"
AT_THE_WIRE = {
    "crashes in a call": (_LOADED + "get(c); abort(); }", REFUTED),
    "leaves in a call": (_LOADED + "get(c); _exit(0); }", REFUTED),
    "never loads": (RIGHT + "int main() { _exit(0); }", REFUTED),
    "announces a frame without end": (_LOADED + "unsigned n = ~0u; write(4, &n, 4); for (;;) pause(); }", REFUTED),
    "sends half a frame": (_LOADED + "get(c); write(4, c.data(), 3); _exit(0); }", REFUTED),
    "calls itself held wherever it can write": (
        _LOADED + 'for (int d = 0; d < 256; d++) if (d != 3) write(d, "held\\n", 5); }',
        REFUTED,
    ),
    "kills whatever it sees": (_LOADED + "kill(-1, 9); kill(1, 9); kill(getppid(), 9); _exit(0); }", REFUTED),
    "closes the wire": (_LOADED + "get(c); close(4); close(3); for (;;) pause(); }", REFUTED),
    "sends garbage": (_LOADED + 'get(c); put("garbage"); }', INEXPRESSIBLE),
    "floods the wire": (_LOADED + "for (std::string big(1 << 19, 0);;) put(big); }", INEXPRESSIBLE),
    "floods its output": (
        _LOADED + "for (std::string big(1 << 19, 0);;) if (write(1, big.data(), big.size()) < 0) break; }",
        INEXPRESSIBLE,
    ),
    "fills its memory": (_LOADED + "get(c); for (;;) memset(malloc(1 << 24), 1, 1 << 24); }", INEXPRESSIBLE),
    "answers nothing": (_LOADED + "get(c); for (;;) pause(); }", INEXPRESSIBLE),
    "takes its answers from ahead": (
        _LOADED + "int v[] = {0, 2, 4}; for (int x : v) put(std::string((char*)&x, 4)); for (;;) pause(); }",
        HELD,  # answers all the same
    ),
    "never ends": (_LOADED + f"while (get(c) && c.size() == 4) {_ANSWER} for (;;) pause(); }}", HELD),
}


@pytest.fixture
def run_all(toolchains: dict[str, str], language_sandbox: Sandbox) -> RunAll:
    if "cpp" in toolchains:
        pytest.skip(toolchains["cpp"])
    return lambda programs: dict(language_sandbox.run(list(programs.items())))


def test_tests_apart_hold_for_what_is_right_and_name_the_failing_call(run_all: RunAll):
    found = run_all({"right": cpp_program(RIGHT), "wrong": cpp_program(WRONG)})
    right, wrong = found["right"], found["wrong"]
    assert (right.finished, right.confirmation, len(right.assertions)) == (True, HELD, 3), right
    assert (wrong.finished, wrong.confirmation) == (False, REFUTED), wrong
    assert [each.held for each in wrong.assertions] == [True, True, False]
    failing = wrong.assertions[2]
    assert (failing.call, failing.expected, failing.got) == ("twice(2)", "4", "5")


def test_a_candidate_at_the_wire_is_at_fault_itself(run_all: RunAll):
    programs = {
        name: cpp_program(RIGHT, apart=serving(body), wall_seconds=4, memory_mb=256)
        for name, (body, _) in AT_THE_WIRE.items()
    }
    found = run_all(programs)
    assert {name: found[name].confirmation for name in programs} == {n: said for n, (_, said) in AT_THE_WIRE.items()}
    assert all(outcome.finished for outcome in found.values()), "the whole programs are right"


def test_what_does_not_compile_apart_is_inexpressible_and_says_why(run_all: RunAll):
    [outcome] = run_all({"": cpp_program(RIGHT, apart="int twice(int n) { return m; }")}).values()
    assert outcome.confirmation is INEXPRESSIBLE
    assert "does not compile apart" in outcome.confirmation_detail
    assert "error" in outcome.confirmation_detail


def test_the_compiler_of_a_candidate_finds_no_test(run_all: RunAll):
    """Neither beside it, nor where a tester was compiled or is kept, nor among the compiler's own descriptors."""
    inclusions = [f'#if __has_include("{path}")\n#error {path}\n#endif' for path in ("/build/tests.cpp", "tests.cpp")]
    reads = '\nasm(".incbin \\"/proc/self/fd/5\\"");'
    found = run_all(
        {
            "other": cpp_program(RIGHT),  # keeps the tester
            "looks": cpp_program(RIGHT, apart="\n".join(inclusions) + cpp_program(RIGHT).split.candidate["main.cpp"]),  # type: ignore[union-attr]
            "reads": cpp_program(RIGHT, apart=reads),
        }
    )
    assert found["looks"].confirmation is HELD, found["looks"].confirmation_detail
    assert found["reads"].confirmation is INEXPRESSIBLE


def test_an_endless_candidate_runs_only_once(run_all: RunAll):
    [outcome] = run_all({"": cpp_program("int twice(int n) { for (;;); }", cpu_seconds=0.5)}).values()
    assert (outcome.ending, outcome.finished) == (Ending.CPU_LIMIT, False)
    assert outcome.detail.startswith("CPU limit after"), outcome


def test_a_tester_that_dies_or_says_nothing_confirms_nothing(run_all: RunAll):
    crash = TESTER.replace("say(ok ?", "abort(); say(ok ?")
    assert crash != TESTER
    programs = {
        "dies": cpp_program(RIGHT, tester=crash),
        "leaves": cpp_program(RIGHT, tester="int main() {}"),
        "does not compile": cpp_program(RIGHT, tester="int main() { return x; }"),
        "is stuck": cpp_program(RIGHT, tester="int main() { for (;;); }", cpu_seconds=0.3),
    }
    for name, outcome in run_all(programs).items():
        assert (outcome.finished, outcome.confirmation) == (True, INEXPRESSIBLE), (name, outcome)


def test_the_split_tests_alone_decide_where_that_is_asked_for(run_all: RunAll):
    found = run_all(
        {
            "right": cpp_program(RIGHT, alone=True),
            "wrong": cpp_program(WRONG, alone=True),
            "apart": cpp_program(RIGHT, apart="int x = y;", alone=True),
            "endless": cpp_program("int twice(int n) { for (;;); }", alone=True, cpu_seconds=0.3),
        }
    )
    assert all(outcome.split_alone for outcome in found.values())
    facts = {name: (each.ending, each.finished, each.confirmation) for name, each in found.items()}
    assert facts == {
        "right": (Ending.EXITED, True, HELD),
        "wrong": (Ending.EXITED, False, REFUTED),
        "apart": (Ending.EXITED, False, INEXPRESSIBLE),
        "endless": (Ending.CPU_LIMIT, False, INEXPRESSIBLE),
    }


def test_programs_without_split_sources_keep_their_identity():
    whole = Program("cpp", {"main.cpp": ""})
    assert whole.sha256 == "0ed07280d2b70950b54c20377bb9edd600323dd4680a25c0e8b717ff010ed175"
    with_split = cpp_program(RIGHT)
    assert len({with_split.sha256, cpp_program(RIGHT, alone=True).sha256, cpp_program(RIGHT, tests=4).sha256}) == 3


def test_without_walls_the_same_holds(toolchains: dict[str, str]):
    if "cpp" in toolchains:
        pytest.skip(toolchains["cpp"])
    programs = [("right", cpp_program(RIGHT)), ("wrong", cpp_program(WRONG))]
    silent = serving(_LOADED + "get(c); for (;;) pause(); }")
    programs.append(("silent", cpp_program(RIGHT, apart=silent, wall_seconds=2)))
    with open_sandbox(Tier.NONE, workers=1) as sandbox:
        found = dict(sandbox.run(programs))
    said = {name: outcome.confirmation for name, outcome in found.items()}
    assert said == {"right": HELD, "wrong": REFUTED, "silent": INEXPRESSIBLE}
