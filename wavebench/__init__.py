"""Evaluates code models: `import wavebench` is light, and each name is loaded when it is first used.

See docs/python.md for three complete scripts.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.model import Model as Model
    from harness.runs.config import RunConfig as RunConfig
    from harness.scoring.score import Score as Score
    from harness.statistics.pass_at_k import pass_at_k as pass_at_k
    from sandbox.errors import WavebenchError as WavebenchError
    from sandbox.outcome import Outcome as Outcome
    from sandbox.program import Limits as Limits
    from sandbox.program import Program as Program
    from tasks.task import Task as Task
    from tasks.verdict import Verdict as Verdict
    from wavebench.answers import AnswerVerdict as AnswerVerdict
    from wavebench.answers import judge as judge
    from wavebench.comparing import compare_runs as compare_runs
    from wavebench.evaluation import evaluate as evaluate
    from wavebench.opening import load_task as load_task
    from wavebench.opening import open_sandbox as open_sandbox

    __version__: str

__all__ = [
    "AnswerVerdict",
    "Limits",
    "Model",
    "Outcome",
    "Program",
    "RunConfig",
    "Score",
    "Task",
    "Verdict",
    "WavebenchError",
    "__version__",
    "compare_runs",
    "evaluate",
    "judge",
    "load_task",
    "open_sandbox",
    "pass_at_k",
]

_HOMES = {
    "AnswerVerdict": "wavebench.answers",
    "Limits": "sandbox.program",
    "Model": "harness.model",
    "Outcome": "sandbox.outcome",
    "Program": "sandbox.program",
    "RunConfig": "harness.runs.config",
    "Score": "harness.scoring.score",
    "Task": "tasks.task",
    "Verdict": "tasks.verdict",
    "WavebenchError": "sandbox.errors",
    "compare_runs": "wavebench.comparing",
    "evaluate": "wavebench.evaluation",
    "judge": "wavebench.answers",
    "load_task": "wavebench.opening",
    "open_sandbox": "wavebench.opening",
    "pass_at_k": "harness.statistics.pass_at_k",
}
"""The module that each name is taken from."""


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("wavebench")
    elif name in _HOMES:
        from wavebench.import_path import refuse_shadowed_rooms

        refuse_shadowed_rooms()
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'wavebench' has no attribute {name!r}; it has {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
