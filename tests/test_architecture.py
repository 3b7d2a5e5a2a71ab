"""The floors: imports only go down, and importing a module never pulls in what its room does not need."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "sandbox": set(),
    "tasks": {"sandbox"},
    "harness": {"sandbox", "tasks"},
    "datagen": {"sandbox", "tasks", "harness"},
    "leaderboards": {"sandbox", "tasks", "harness"},
}
ROOMS = set(MAY_IMPORT)


def imported_modules(file: Path) -> set[str]:
    """Every module the file imports, deferred imports included."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; write the room's name"
            modules.add(node.module or "")
    return modules


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_imports_only_go_down(room: str):
    files = sorted((ROOT / room).rglob("*.py"))
    assert files, f"the room {room} is empty"
    for file in files:
        rooms = {module.split(".")[0] for module in imported_modules(file)} & ROOMS
        upward = rooms - MAY_IMPORT[room] - {room}
        assert not upward, f"{file.relative_to(ROOT)} reaches up to {sorted(upward)}"
