"""All strategies of one problem in one program: it is compiled once, and its tests run once for each of them.

Each program writes `held N` for what its tests let pass; last of all comes the reference, which has to. That decides
nothing: whatever is named there is judged.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from sandbox.outcome import Outcome
from sandbox.program import Limits, Program
from tasks.humanevalpack.problem import PackProblem
from tasks.registry import AnyTask
from tests.performance.strategy_parts.typed import bodies_of

_LIMITS = Limits(cpu_seconds=60.0, wall_seconds=300.0, memory_mb=2048)
_JAVA = """
public class Main {
    public static void main(String[] args) {
        for (int n = 0; n < %d; n++) {
            System.setProperty("n", "" + n);
            try { Tests.main(args); System.out.println("held " + n); } catch (Throwable error) { }
        }
    }
}
"""
_GO = """
func TestEach(t *testing.T) {
    for n := 0; n < %d; n++ {
        numberOfAnswer = n
        if t.Run("answer", func(t *testing.T) {
            defer func() { if recover() != nil { t.Fail() } }()
            %s(t)
        }) {
            println("held", n)
        }
    }
}

var numberOfAnswer = %d
"""
_CPP = """
#include <sys/wait.h>
#include <unistd.h>
int main(int count, char **words) {
    for (number_of_answer = 0; number_of_answer < %d; number_of_answer++) {
        fflush(stdout);
        if (fork() == 0) { freopen("/dev/null", "w", stderr); tests_of_answer(); _exit(0); }
        int status;
        wait(&status);
        if (status == 0) printf("held %%d\\n", number_of_answer);
    }
}
"""
_RUST = """
    #[test]
    fn each_answer() {
        for n in 0..%d {
            super::NUMBER_OF_ANSWER.store(n, std::sync::atomic::Ordering::SeqCst);
            if std::panic::catch_unwind(|| { %s }).is_ok() {
                use std::io::Write;
                write!(std::io::stdout(), "\\nheld {}\\n", n).unwrap();
            }
        }
    }
}
static NUMBER_OF_ANSWER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
"""


def sieve_of_typed(task: AnyTask, problem: PackProblem) -> Program:
    """Numbers are those of `bodies_of`, the next one is the reference's."""
    bodies = [body for _, body in bodies_of(problem)]
    condition, edit = _WAYS[problem.language]
    chosen = "".join(f"    if {condition} == {n}) {{ {body} }}\n" for n, body in enumerate(bodies))
    program = task.program(problem, f"{problem.declaration.rstrip()}\n{chosen}{problem.canonical_solution}")
    [(name, text)] = program.files.items()
    return replace(program, files={name: edit(text, len(bodies) + 1)}, limits=_LIMITS, split=None)


def _java(text: str, count: int) -> str:
    return text.replace("public class Main", "class Tests") + _JAVA % count


def _go(text: str, count: int) -> str:
    tests = re.findall(r"^func (Test\w+)\(", text, re.MULTILINE)
    # the tests themselves run first, once, and a panic there ends all
    return text + _GO % (count, "(t)\n            ".join(tests), count - 1)


def _cpp(text: str, count: int) -> str:
    before, _, behind = text.rpartition("int main(")
    return f"#include <stdlib.h>\nstatic int number_of_answer;\n{before}int tests_of_answer({behind}{_CPP % count}"


def _rust(text: str, count: int) -> str:
    tests = re.findall(r"#\[test\]\s*fn (\w+)\(", text)
    before, _, behind = text.rstrip().rpartition("}")
    return before + _RUST % (count, " ".join(f"{name}();" for name in tests)) + behind


_WAYS: dict[str, tuple[str, Callable[[str, int], str]]] = {
    "java": ('(Integer.getInteger("n", 0)', _java),
    "go": ("(numberOfAnswer", _go),
    "cpp": ("(number_of_answer", _cpp),
    "rust": ("(NUMBER_OF_ANSWER.load(std::sync::atomic::Ordering::SeqCst)", _rust),
}
"""What tells which answer is asked for, and how the program becomes a sieve."""


def held_in_typed(outcome: Outcome) -> set[int]:
    """The numbers that a sieve wrote."""
    return {int(number) for number in re.findall(r"^held (\d+)$", f"{outcome.stdout}\n{outcome.stderr}", re.MULTILINE)}
