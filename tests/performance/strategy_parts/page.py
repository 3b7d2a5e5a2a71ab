"""docs/weak-tests.md, made of tasks/weak_tests.toml."""

from collections.abc import Iterator

from tasks.registry import benchmark
from tasks.weak_tests import weak_tests

TASKS = {
    "humaneval": "HumanEval",
    "humanevalpack-synthesize-python": "HumanEvalPack in Python",
    "humanevalpack-synthesize-js": "HumanEvalPack in JavaScript",
    "humanevalpack-synthesize-java": "HumanEvalPack in Java",
    "humanevalpack-synthesize-go": "HumanEvalPack in Go",
    "humanevalpack-synthesize-cpp": "HumanEvalPack in C++",
    "humanevalpack-synthesize-rust": "HumanEvalPack in Rust",
    "mbpp": "MBPP, all 974",
    "mbpp-sanitized": "MBPP sanitized, all 427",
    "mbpp-plus-0.1.0": "MBPP+ v0.1.0, sound oracle",
    "humaneval-pro": "HumanEval-Pro",
    "mbpp-pro": "MBPP-Pro",
}
NONE_IN = "HumanEval+ (164) and MBPP+ v0.2.0 (378) confirm none."
HEAD = """# Problems with weak tests

About thirty generic answers that look at the form of their arguments alone, such as the first argument, a constant
or the result of the first example (the first test's where a prompt has none), ran against every problem of every
benchmark (`python tests/performance/wrong_strategies.py`); in Java, Go, C++ and Rust those that the declared types
allow, four to five a problem. Where one is confirmed and does not do what the problem asks for, the tests are weak: a
pass there proves little. `tasks/weak_tests.toml` has these problems, with arguments for which the reference returns
something else; a test calls both where the tests are in Python.
`wavebench tasks --json` names them. Scores count them like all others.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_overview(), *(line for name in TASKS for line in _section(name))])


def _overview() -> Iterator[str]:
    yield "| task | problems with weak tests |"
    yield "|---|---|"
    for name in TASKS:
        data = benchmark(name).dataset
        assert data
        yield f"| `{name}` | {len(weak_tests(data.name))} of {data.rows} |"
    yield f"\n{NONE_IN}\n"


def _section(name: str) -> Iterator[str]:
    data = benchmark(name).dataset
    assert data
    yield f"## {TASKS[name]}\n"
    yield "| problem | answers that pass | arguments that tell, or why |"
    yield "|---|---|---|"
    for task_id, weak in weak_tests(data.name).items():
        calls = "; ".join(f"`{each}`" for each in weak.tells)
        tells = ". ".join(filter(None, (calls, weak.why)))
        yield f"| {task_id} | {', '.join(weak.passes)} | {tells} |"
    yield ""
