"""HumanEvalPack as bigcode-evaluation-harness builds it, for comparisons.

`make test` puts it where WAVEBENCH_PEER says: pip install --no-deps --target FOLDER nvidia-bigcode-eval==26.3.
Run as a script it writes golden_pack_prompts.json: WAVEBENCH_PEER=FOLDER PYTHONPATH=. python tests/tasks/pack_peer.py.
"""

import copy
import hashlib
import importlib
import json
import os
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmark_files import benchmark_file

GOLDEN = Path(__file__).with_name("golden_pack_prompts.json")
PEER = "WAVEBENCH_PEER"

STYLES = (
    *("instruct", "octocoder", "octogeex", "starchat", "starcodercommit", "instructcodet5p", "wizardcoder"),
    *("codellama", "codellama-70b", "deepseek", "tulu", "gritlm", "zephyr", "yi", "starchat2", "codeqwen"),
    *("codegemma", "aurora-m"),
)
OWN_STYLES = {"fix": ("file", "issue"), "fixdocs": ("file", "issue"), "explain": (), "synthesize": ("continue",)}
LANGUAGES = ("python", "js", "java", "go", "cpp", "rust")
SCENARIOS = ("fix", "fixdocs", "explain", "synthesize")
NAMES = {"fix": "fixtests", "fixdocs": "fixdocs", "synthesize": "synthesize"}

Row = dict[str, Any]


def styles_of(scenario: str) -> tuple[str, ...]:
    return STYLES + OWN_STYLES[scenario]


def rows_of(language: str) -> list[Row]:
    lines = benchmark_file(f"humanevalpack_{language}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def described(row: Row) -> str:
    """What a model might answer when asked to describe a row: its documentation, among what is cut away."""
    line = max(row["canonical_solution"].split("\n"), key=len)
    told = (
        f"\n This `{line}` is how.\n{row['docstring']}\nThe end."
        if len(row["docstring"]) % 2
        else row["docstring"][:150]
    )
    # Upstream ends Go's descriptions at "struct", also inside words: a difference of its own.
    return told.replace("struct", "form")


def digest(prompts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(prompts).encode()).hexdigest()


class Rows(list[Row]):
    """The little of a `datasets.Dataset` that the peer uses."""

    def select(self, numbers: Sequence[int]) -> "Rows":
        return Rows(self[number] for number in numbers)


class Peer:
    """The peer's tasks over our rows, each made fresh: stop strings leak from one of its tasks to the next."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module
        self._stop = copy.deepcopy(module.LANGUAGE_TO_STOP_WORDS)

    def task(self, name: str, language: str, style: str, rows: Sequence[Row], descriptions: Path | None = None) -> Any:
        self._module.LANGUAGE_TO_STOP_WORDS.update(copy.deepcopy(self._stop))
        made = self._module.create_task(language, name)
        arguments = {"load_data_path": str(descriptions)} if descriptions else {}
        task = made(prompt=style, **arguments)
        task.dataset = {"test": Rows(rows)}
        return task

    def prompts(self, scenario: str, language: str, style: str, folder: Path) -> list[list[str]]:
        """By turn: the prompt of every row."""
        rows = rows_of(language)
        if scenario != "explain":
            task = self.task(NAMES[scenario], language, style, rows)
            return [[task.get_prompt(row) for row in rows]]
        describe = self.task("explaindescribe", language, style, rows)
        asked = [describe.get_prompt(row) for row in rows]
        told = [
            [describe.postprocess_generation(prompt + described(row), number)]
            for number, (prompt, row) in enumerate(zip(asked, rows, strict=True))
        ]
        file = folder / "descriptions.json"
        file.write_text(json.dumps(told))
        rebuild = self.task("explainsynthesize", language, style, rows, file)
        return [asked, [rebuild.get_prompt(row) for row in rebuild.get_dataset()]]

    def programs(self, scenario: str, language: str, rows: Sequence[Row], codes: Sequence[Sequence[str]]) -> Any:
        """The whole programs it would run: for each row, one of each of its codes."""
        seen: list[Any] = []
        self._module.__dict__["load"] = lambda _name: _Recorder(seen)
        task = self.task(NAMES[scenario], language, "instruct", rows)
        with TemporaryDirectory() as folder, chdir(folder):  # it leaves a logs.json wherever it stands
            task.process_results([list(each) for each in codes], [task.get_reference(row) for row in rows])
        return seen[0]


class _Recorder:
    """Stands where the peer fetches its metric from the hub."""

    def __init__(self, seen: list[Any]) -> None:
        self._seen = seen

    def compute(self, references: list[str], predictions: list[list[str]], **_: object) -> Any:
        self._seen.append(
            [[f"{code}\n{test}" for code in each] for each, test in zip(predictions, references, strict=True)]
        )
        return {}, {}


def load_peer() -> Peer:
    """The peer from the folder that WAVEBENCH_PEER names. Raises ImportError."""
    folder = os.environ.get(PEER)
    if not folder or not (Path(folder) / "bigcode_eval" / "tasks" / "humanevalpack.py").is_file():
        raise ImportError(f"{PEER} names no folder with nvidia-bigcode-eval")
    for package in ("bigcode_eval", "bigcode_eval.tasks"):  # their own __init__ would import every task there is
        stub = types.ModuleType(package)
        stub.__path__ = [str(Path(folder, *package.split(".")))]
        sys.modules.setdefault(package, stub)
    with _stand_ins(datasets={"load_dataset": _no_rows}, evaluate={"load": _no_rows}):
        base = importlib.import_module("bigcode_eval.base")
        base.__dict__["load_dataset"] = _no_rows
        return Peer(importlib.import_module("bigcode_eval.tasks.humanevalpack"))


@contextmanager
def _stand_ins(**modules: dict[str, object]) -> Iterator[None]:
    """Modules to import names from for a moment; who imports them afterwards gets the real ones."""
    before = {name: sys.modules.pop(name, None) for name in modules}
    for name, members in modules.items():
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(members)
    try:
        yield
    finally:
        for name, module in before.items():
            del sys.modules[name]
            if module:
                sys.modules[name] = module


def _no_rows(*_: object, **__: object) -> dict[str, Rows]:
    return {"test": Rows()}


def golden(prompts: Callable[[str, str, str], list[list[str]]]) -> dict[str, str]:
    """Digest of all prompts by scenario, language, style and turn."""
    return {
        f"{scenario}-{language}/{style}/{turn}": digest(texts)
        for scenario in SCENARIOS
        for language in LANGUAGES
        for style in styles_of(scenario)
        for turn, texts in enumerate(prompts(scenario, language, style))
    }


if __name__ == "__main__":
    peer = load_peer()
    with TemporaryDirectory() as folder:
        digests = golden(lambda scenario, language, style: peer.prompts(scenario, language, style, Path(folder)))
    GOLDEN.write_text(json.dumps(digests, indent=0) + "\n")
    print(f"{len(digests)} digests written to {GOLDEN}")
