"""Each way a program can end, told apart."""

import pytest

from sandbox.outcome import Ending


def test_a_program_that_reaches_its_last_line_has_finished(run):
    outcome = run("print('hello')")
    assert (outcome.ending, outcome.finished, outcome.exit_code) == (Ending.EXITED, True, 0)
    assert outcome.stdout == "hello\n"
    assert outcome.cpu_seconds > 0


@pytest.mark.parametrize(
    "leave",
    ["import sys; sys.exit(0)", "import os; os._exit(0)", "raise SystemExit", "import sys; sys.exit()", "exit()"],
)
def test_an_early_exit_with_code_0_has_not_finished(run, leave: str):
    outcome = run(f"{leave}\nassert False")
    assert (outcome.ending, outcome.finished, outcome.exit_code) == (Ending.EXITED, False, 0)


def test_closing_every_descriptor_is_not_finishing(run):
    assert not run("import os; os.closerange(0, 100); os._exit(0)").finished


def test_a_failed_assertion_shows_its_line(run):
    outcome = run("def f():\n    return 1\nassert f() == 2, 'two wanted'")
    assert (outcome.ending, outcome.finished, outcome.exit_code) == (Ending.EXITED, False, 1)
    assert 'File "main.py", line 3' in outcome.stderr
    assert outcome.stderr.endswith("AssertionError: two wanted\n")
    assert "sandbox" not in outcome.stderr, "the harness's own frames are not the program's business"


def test_a_syntax_error_names_its_line(run):
    outcome = run("def f(:\n")
    assert "SyntaxError" in outcome.stderr
    assert 'File "main.py", line 1' in outcome.stderr


def test_a_main_block_stays_asleep_as_in_every_upstream_harness(run):
    assert run("if __name__ == '__main__':\n    raise ValueError").finished


def test_dataclasses_and_pickle_find_the_module_they_were_made_in(run):
    source = """
    from dataclasses import dataclass
    import pickle
    @dataclass
    class Point:
        x: "int"
    assert pickle.loads(pickle.dumps(Point(1))) == Point(1)
    """
    outcome = run("\n".join(line[4:] for line in source.splitlines()))
    assert outcome.finished, outcome.stderr


def test_cpu_seconds_end_an_endless_loop(run):
    outcome = run("while True: pass", cpu_seconds=1)
    assert outcome.ending is Ending.CPU_LIMIT
    assert 0.9 < outcome.cpu_seconds < 2


def test_cpu_seconds_count_every_process_together(run):
    outcome = run("import os\nfor _ in range(3): os.fork()\nwhile True: pass", cpu_seconds=1)
    assert outcome.ending is Ending.CPU_LIMIT


def test_a_sleeper_meets_the_wall(run):
    outcome = run("import time; time.sleep(60)", wall_seconds=0.5)
    assert outcome.ending is Ending.WALL_LIMIT
    assert outcome.cpu_seconds < 0.3


def test_ignoring_signals_does_not_help(run):
    source = "import signal\nfor n in (15, 2, 24): signal.signal(n, signal.SIG_IGN)\nwhile True: pass"
    assert run(source, cpu_seconds=0.5).ending is Ending.CPU_LIMIT


@pytest.mark.parametrize(
    "fill",
    [
        "x = bytearray(500 << 20)",
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "x = 'a' * (500 << 20)",
        "import os\nfor _ in range(3): os.fork()\nx = bytearray(60 << 20)\nimport time; time.sleep(30)",
    ],
)
def test_memory_ends_at_its_limit(run, sandbox, fill: str):
    if sandbox.facts()["memory"] != "control group":
        pytest.skip("no memory control group here: an rlimit makes it a MemoryError inside the program")
    outcome = run(fill, memory_mb=128, wall_seconds=5)
    if outcome.ending is Ending.WALL_LIMIT:  # the kernel took a child of the sample, not the sample
        assert outcome.memory_mb <= 130
    else:
        assert outcome.ending is Ending.OUT_OF_MEMORY


def test_output_is_kept_to_64_kib_and_allowed_to_its_limit(run):
    outcome = run("print('x' * 1_000_000)")
    assert outcome.finished
    assert len(outcome.stdout) == 64 * 1024


def test_endless_output_is_stopped(run):
    assert run("while True: print('x' * 1000)", output_kb=500).ending is Ending.OUTPUT_LIMIT


def test_a_crash_is_a_signal(run):
    outcome = run("import ctypes; ctypes.string_at(0)")
    assert (outcome.ending, outcome.signal) == (Ending.SIGNALLED, 11)


def test_deep_recursion_ends_the_sample_alone(run):
    outcome = run("import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()")
    assert not outcome.finished
    assert run("print(1)").finished


def test_stdin_is_given_and_then_ends(run):
    assert run("print(input(), input())", stdin="a\nb\n").stdout == "a b\n"
    assert "EOFError" in run("input()").stderr


def test_the_same_program_ends_alike(run):
    source = "import random; print(random.random(), hash('a'), {'a', 'b', 'c'})"
    assert run(source).stdout == run(source).stdout


def test_an_exception_that_lies_about_itself_is_still_a_failure(run):
    outcome = run("class E(Exception):\n    def __str__(self): raise SystemExit(0)\nraise E")
    assert not outcome.finished
    assert "E" in outcome.stderr


def test_a_closed_stdout_does_not_hide_the_end(run):
    assert run("import sys; sys.stdout.write('x'); sys.stdout.flush()").finished
