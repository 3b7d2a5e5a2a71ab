"""Submissions as a forger packs them: without the checks of `wavebench submit`."""

import hashlib
import json
import tomllib
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomli_w

from harness.judging.judge import Sample, build_program
from leaderboards.submission.bundle import INDEX, RUN_FILES
from tasks.registry import load

DATA = Path(__file__).parents[1] / "data"
PROBLEMS = DATA / "problems.jsonl"
Line = dict[str, Any]


def lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path: Path, rows: list[Line]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def rewrite(path: Path, change: Callable[[list[Line]], list[Line]]) -> None:
    write(path, change(lines(path)))


def set_config(run: Path, **values: Any) -> None:
    """Changes settings; None takes one out."""
    config = tomllib.loads((run / "config.toml").read_text()) | values
    (run / "config.toml").write_text(
        tomli_w.dumps({name: value for name, value in config.items() if value is not None})
    )


def set_manifest(run: Path, **sections: Any) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(manifest | sections))


def set_task(run: Path, **values: Any) -> None:
    """Changes the manifest's section on the task."""
    set_manifest(run, task=json.loads((run / "manifest.json").read_text())["task"] | values)


def claim_passes(run: Path, confirmed: bool | None = True) -> None:
    """Calls every sample passed: false of half of them."""
    passed = {"verdict": "passed", "detail": "", "confirmed": confirmed, "ending": "exited"}
    rewrite(run / "verdicts.jsonl", lambda found: [{**line, **passed} for line in found])


def answer(run: Path, completion: str, **limits: Any) -> None:
    """Puts one text in place of every answer, and the hashes of the programs that it makes."""
    task = load("humaneval", "complete", data_file=PROBLEMS)
    hashes = {
        problem.task_id: program.sha256 if (program := build_program(task, sample)) else ""
        for problem in task.problems
        for sample in (Sample(problem, 0, [completion], limits=limits),)
    }

    def judged(found: list[Line]) -> list[Line]:
        return [{**line, "program_sha256": hashes[line["task_id"]]} for line in found]

    rewrite(run / "completions.jsonl", lambda found: [{**line, "completion": completion} for line in found])
    rewrite(run / "verdicts.jsonl", judged)


def statement(run: Path, **changes: Any) -> Line:
    """What the index says of a run: its config and the last verdict on each sample, as far as they can be read."""
    shares: dict[str, dict[Any, bool]] = {}
    for text in (run / "verdicts.jsonl").read_bytes().splitlines():
        with suppress(ValueError):
            line = json.loads(text)
            shares.setdefault(line["task_id"], {})[line["sample"]] = line["verdict"] in ("passed", "forged")
    rates = [sum(each.values()) / len(each) for each in shares.values()]
    stated = {
        "folder": "run-00",
        "model": _setting(run, "model"),
        "task": _setting(run, "task"),
        "pass_at_1": sum(rates) / max(1, len(rates)),
        "files": {name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in RUN_FILES},
    }
    return stated | changes


def _setting(run: Path, name: str) -> str:
    try:
        return str(tomllib.loads((run / "config.toml").read_text()).get(name, "x"))
    except ValueError:
        return "x"


def bundle(run: Path, out: Path, **changes: Any) -> Path:
    return pack_all([run], out, **changes)


def pack_all(runs: list[Path], out: Path, **changes: Any) -> Path:
    """Several run folders in one file, whatever they hold."""
    stated = [statement(run, **{"folder": f"run-{number:02}", **changes}) for number, run in enumerate(runs)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(INDEX, json.dumps({"format": 1, "runs": stated}))
        for number, run in enumerate(runs):
            for name in RUN_FILES:
                archive.write(run / name, f"run-{number:02}/{name}")
    return out
