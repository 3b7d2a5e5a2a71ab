"""What may be imported where: nothing but the standard library on the server side, and as little as before anywhere."""

import ast
import re
import sys
from pathlib import Path

import pytest

SANDBOX = Path(__file__).parents[2] / "sandbox"
SERVER_SIDE = (
    "wire", "walls", "watch", "zygote", "python", "split", "compiled", "fork_server.py", "docker/init.py",
)  # fmt: skip
"""What runs behind walls, or in a container, where nothing is installed."""
PACKAGES = ("wire", "walls", "watch", "zygote", "python", "split", "compiled", "toolchains", "docker")
PROCESSES = re.compile(
    r"\b(host process|container init|fork server|tester|zygote|stage|sample|candidate)\b", re.IGNORECASE
)


def imported_by(file: Path) -> set[str]:
    """Whole names of the modules that a file imports, deferred imports included."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return modules


def own_file(module: str) -> Path | None:
    """The file of a module of the sandbox; None for a module of somebody else's."""
    path = SANDBOX.parent.joinpath(*module.split("."))
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), None)


@pytest.mark.parametrize("part", SERVER_SIDE)
def test_the_server_side_imports_the_standard_library_alone(part: str):
    """So does whatever of the sandbox it imports, directly or through other modules."""
    path = SANDBOX / part
    waiting = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    assert waiting
    seen = set(waiting)
    while waiting:
        file = waiting.pop()
        for module in imported_by(file):
            package = module.partition(".")[0]
            where = f"{file.relative_to(SANDBOX)} imports {module}"
            assert package == "sandbox" or package in sys.stdlib_module_names, where
            own = own_file(module) if package == "sandbox" else None
            if own and own not in seen:
                seen.add(own)
                waiting.append(own)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_in_which_process_it_runs_and_who_trusts_it(package: str):
    words = ast.get_docstring(ast.parse((SANDBOX / package / "__init__.py").read_text())) or ""
    assert PROCESSES.search(words.splitlines()[0])
    assert re.search(r"\btrust", words)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_itself_imports_nothing(package: str):
    """Every sample would pay for what its zygote then holds."""
    assert not imported_by(SANDBOX / package / "__init__.py")
