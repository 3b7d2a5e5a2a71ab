"""The floors: imports only go down, never in a circle, and `import wavebench` is light."""

import ast
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "sandbox": set(),
    "tasks": {"sandbox"},
    "harness": {"sandbox", "tasks"},
    "datagen": {"sandbox", "tasks", "harness"},
    "leaderboards": {"sandbox", "tasks", "harness"},
    "wavebench": {"sandbox", "tasks", "harness", "leaderboards"},
}
ROOMS = set(MAY_IMPORT)
MOST_BOXES = {"sandbox": 20, "harness": 16}
"""Files and folders on a room's top level."""
HEAVY = ("numpy", "torch", "transformers", "rich", "typer", "jinja2", "tree_sitter", "msgspec", "harness", "tasks")


@cache
def imported_modules(file: Path) -> frozenset[str]:
    """Every module the file imports, deferred imports included; of `from package import name` also `package.name`."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; write the room's name"
            modules.add(node.module or "")
            modules.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(modules)


def files_of(room: str) -> list[Path]:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files, f"the room {room} is empty"
    return files


def boxes_in(folder: Path) -> Mapping[str, list[Path]]:
    """The Python files of each box on one level: a module, or a folder with all that is below it."""
    boxes = {path.stem: [path] for path in folder.glob("*.py") if path.stem != "__init__"}
    folders = {path.name: sorted(path.rglob("*.py")) for path in folder.iterdir() if path.is_dir()}
    return boxes | {name: files for name, files in folders.items() if files}


def levels() -> Iterator[Path]:
    """Every folder of a room that holds Python files."""
    return (folder for room in sorted(ROOMS) for folder in sorted({file.parent for file in files_of(room)}))


def arrows_between(folder: Path) -> Mapping[str, set[str]]:
    """Which boxes of one level each box imports."""
    boxes, prefix = boxes_in(folder), ".".join(folder.relative_to(ROOT).parts) + "."
    imported = {box: [module for file in files for module in imported_modules(file)] for box, files in boxes.items()}
    below = {
        box: {module.removeprefix(prefix).split(".")[0] for module in modules if module.startswith(prefix)}
        for box, modules in imported.items()
    }
    return {box: (names & boxes.keys()) - {box} for box, names in below.items()}


def circle(arrows: Mapping[str, Iterable[str]]) -> list[str]:
    """The boxes of a circle; none where there is none."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_imports_only_go_down(room: str):
    for file in files_of(room):
        rooms = {module.split(".")[0] for module in imported_modules(file)} & ROOMS
        upward = rooms - MAY_IMPORT[room] - {room}
        assert not upward, f"{file.relative_to(ROOT)} reaches up to {sorted(upward)}"


def test_no_boxes_of_one_level_import_each_other_in_a_circle():
    circles = {str(folder.relative_to(ROOT)): found for folder in levels() if (found := circle(arrows_between(folder)))}
    assert circles == {}


def test_a_planted_circle_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "room" / "deep").mkdir(parents=True)
    (tmp_path / "room" / "a.py").write_text("def late():\n    from room.deep import b\n")
    (tmp_path / "room" / "deep" / "b.py").write_text("import room.a\n")
    assert set(circle(arrows_between(tmp_path / "room"))) == {"a", "deep"}


@pytest.mark.parametrize("room", sorted(MOST_BOXES))
def test_a_room_is_seen_at_one_glance(room: str):
    boxes = sorted(boxes_in(ROOT / room))
    assert len(boxes) <= MOST_BOXES[room], boxes


def test_no_class_name_is_used_twice():
    """Private ones too: whoever searches for a name finds one thing."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for file in (file for room in ROOMS for file in files_of(room)):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(file.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_every_package_says_what_it_is_for():
    packages = [file for room in ROOMS for file in files_of(room) if file.name == "__init__.py"]
    silent = [str(file.relative_to(ROOT)) for file in packages if not ast.get_docstring(ast.parse(file.read_text()))]
    assert silent == []


def test_import_wavebench_is_light():
    code = f"import sys, wavebench; print([name for name in {HEAVY} if name in sys.modules])"
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_import_wavebench_takes_below_a_tenth_of_a_second():
    code = "import time; t = time.perf_counter(); import wavebench; print(time.perf_counter() - t)"
    line = [sys.executable, "-c", code]
    deadline = time.monotonic() + 60
    seconds = 1.0
    while seconds >= 0.1 and time.monotonic() < deadline:  # a busy machine may take longer now and then
        seconds = float(subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout)
    assert seconds < 0.1
