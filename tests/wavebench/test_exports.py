import ast
import inspect
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

import wavebench

Python = Callable[..., subprocess.CompletedProcess[str]]
PROMISED = {
    *(
        "evaluate",
        "RunConfig",
        "Score",
        "load_task",
        "judge",
        "open_sandbox",
        "Program",
        "Limits",
        "Outcome",
        "Verdict",
    ),
    *("compare_runs", "pass_at_k", "Model", "Task", "WavebenchError", "__version__"),
}


def test_every_promised_name_is_there_and_says_what_it_is():
    assert set(wavebench.__all__) >= PROMISED
    assert set(dir(wavebench)) >= PROMISED
    for name in wavebench.__all__:
        value = getattr(wavebench, name)
        assert value is getattr(wavebench, name)
        assert name == "__version__" or (inspect.getdoc(value) or "").strip(), f"{name} has no docstring"
    assert wavebench.__version__ == version("wavebench")


def test_type_checkers_see_the_names_that_are_loaded(root: Path):
    """The names stand three times: for type checkers, for `import *`, and with the module they come from."""
    tree = ast.parse((root / "wavebench" / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    from_module = {
        (alias.name, node.module) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen | {"__version__"} == set(wavebench.__all__)
    assert from_module == set(wavebench._HOMES.items())  # pyright: ignore[reportPrivateUsage]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'evaluat'"):
        _ = wavebench.evaluat  # pyright: ignore[reportAttributeAccessIssue]
    assert not hasattr(wavebench, "utils")


def test_a_package_of_the_users_in_place_of_ours_is_named(python: Python, tmp_path: Path):
    (tmp_path / "tasks.py").write_text("MINE = 1\n")
    script = tmp_path / "mine.py"
    script.write_text("import wavebench\nimport tasks\nprint(tasks.MINE)\nwavebench.judge\n")
    done = python(script, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == "1\n"
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: wavebench needs its own package 'tasks', but ")
    assert str(tmp_path / "tasks.py") in last
    assert "rename that file" in last
