"""No answer holds up the judge: what takes too long to read is no code, and says so."""

import os
import re
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from harness.judging.judge import Sample, judge_samples
from sandbox.sandbox import Sandbox
from tasks.extraction.budget import CPU_SECONDS, OverBudgetError
from tasks.extraction.fences import fenced_blocks
from tasks.extraction.thinking import without_thinking
from tasks.extraction.watched import UNWATCHED, close_reader
from tasks.humanevalpack.judge import _line  # pyright: ignore[reportPrivateUsage]
from tasks.humanevalpack.language import pack_languages
from tasks.languages import SYNTAXES
from tasks.registry import load
from tasks.task import AnswerForm
from tasks.verdict import Verdict
from tests.benchmark_files import pack_source
from tests.tasks.hostile_texts import hostile_texts

MEGABYTE = 1 << 20
MOST_CPU_SECONDS = 1.0
WORST = {
    "python": ("\\\n", "<-", "-->", "#\n"),
    "js": ("/*", "{a:", "->", "a!("),
    "java": ("a=>", "template<", "<a", "("),
    "go": ("->", "/* ", "{", "<-"),
    "cpp": ("a!(", "fn f(a:", 'R"a(', "<-"),
    "rust": ("if(a)", "-->", "<-", "a::"),
}
"""By language, what takes tree-sitter longest or crashes it."""


def spent(work: Callable[[], object]) -> float:
    """CPU seconds of the work, processes that it started included."""

    def used() -> float:
        close_reader()
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    before = used()
    work()
    return used() - before


@pytest.mark.parametrize("form", [AnswerForm.AUTO, AnswerForm.PROGRAM, AnswerForm.FITTED])
@pytest.mark.parametrize("language", WORST)
def test_a_megabyte_costs_less_than_a_second(language: str, form: AnswerForm):
    task = load(f"humanevalpack-synthesize-{language}", "chat", **pack_source(language))
    problem = task.problems[min(38, len(task.problems) - 1)]

    def read(answer: str) -> None:
        found = task.extract(problem, [answer], form)
        with suppress(OverBudgetError):
            assert found.reason or task.program(problem, found.code, form)

    for part in WORST[language]:
        seconds = spent(lambda part=part: read(part * (MEGABYTE // len(part))))
        assert seconds < MOST_CPU_SECONDS, f"{part!r} took {seconds:.2f} s"


@pytest.mark.parametrize("part", ["<-", "-->", "\\\n"])
@pytest.mark.parametrize("size", [UNWATCHED // 2, UNWATCHED, 32 * 1024])
def test_humaneval_is_bounded_at_every_length(part: str, size: int):
    task = load("humaneval", "complete")
    answer = f"    return 1\n{part * (size // len(part))}"
    assert spent(lambda: task.extract(task.problems[0], [answer])) < MOST_CPU_SECONDS


def test_what_crashes_the_parser_is_no_code_and_the_next_answer_is_read():
    task = load("humanevalpack-synthesize-js", "chat", **pack_source("js"))
    problem = task.problems[0]
    with pytest.raises(OverBudgetError, match="crashed the parser"):
        task.program(problem, "{a:" * (MEGABYTE // 3))
    answer = f"```js\n{task.reference(problem)}```\n{'It is so. ' * UNWATCHED}"
    assert problem.entry_point in task.extract(problem, [answer]).code


def test_the_judge_says_no_code_and_why(sandbox: Sandbox):
    task = load("humaneval", "complete")
    answers = ["    return 1\n" + "<-" * 4000, task.problems[0].canonical_solution]
    samples = [Sample(task.problems[0], number, [answer]) for number, answer in enumerate(answers)]
    judged = {line.sample: line for line in judge_samples(task, samples, sandbox)}
    assert (judged[0].verdict, judged[0].rule) == (Verdict.NO_CODE, "over budget")
    assert judged[0].detail == f"finding the code took more than {CPU_SECONDS} s of processor time"
    assert judged[1].verdict is Verdict.PASSED


def long_answer(number: int) -> str:
    return (
        f"```python\ndef f_{number}(): pass\n\n\ndef has_close_elements(a, b):\n    return {number}\n```\n"
        + "\nWhy." * 999
    )


def found_number(number: int) -> bool:
    task = load("humaneval", "chat")
    return f"return {number}\n" in task.extract(task.problems[0], [long_answer(number)]).code + "\n"


def test_threads_get_their_own_answers():
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(found_number, range(100)))


def children() -> set[int]:
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


def test_a_reader_that_is_killed_from_outside_is_replaced():
    close_reader()
    before = children()
    assert found_number(1)
    for pid in children() - before:
        os.kill(pid, signal.SIGKILL)
    assert found_number(2)


def test_a_forked_copy_has_a_reader_of_its_own():
    assert found_number(1)
    pid = os.fork()
    if pid == 0:
        os._exit(0 if found_number(2) else 1)
    assert found_number(3)
    assert os.waitpid(pid, 0)[1] == 0
    assert found_number(4)


def test_the_reader_ends_with_its_judge():
    close_reader()
    before = children()
    found_number(1)
    (pid,) = children() - before
    close_reader()
    assert not Path(f"/proc/{pid}").exists()


def test_patterns_take_time_that_grows_with_the_text_alone():
    """Each sees what a model or its program wrote, in the judge's own process."""
    code_lines = [row.code_line for row in SYNTAXES.values() if row.code_line]
    verdicts = [p for row in pack_languages().values() for p in (row.wrong, row.error, row.refused) if p]
    parts = [
        "public static ",
        "a a",
        "a (",
        ") ",
        "Assertion `",
        "assertion ",
        "a.",
        "Error",
        "' failed",
        "panicked at ",
    ]
    begin = time.thread_time()
    for text in [part * (128 * 1024 // len(part)) for part in parts]:
        for pattern in verdicts:
            _line(pattern, text)
        for line in code_lines:
            re.match(line, text[: 32 * 1024].strip())
    assert time.thread_time() - begin < 5
    for name, text in hostile_texts(MEGABYTE):
        if not any(mark in name for mark in ("think", "`", "~")):
            continue
        begin = time.thread_time()
        without_thinking(text)
        fenced_blocks(text[: 32 * 1024])
        assert time.thread_time() - begin < MOST_CPU_SECONDS, name
