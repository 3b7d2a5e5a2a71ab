"""Seconds, MB and growth of each stage over 5,000, 20,000 and more functions, projected to CodeSearchNet's 2 million.

python tests/performance/scale.py [--sizes 5000 20000 80000 300000] [--data FOLDER with the benchmarks' files]

The functions are the standard library's, again and again under other names, as CodeSearchNet rows; one in fifty is a
near duplicate with one word changed. The core set is a twentieth of them, 100,000 at 2 million; the encoder is
`hashed`, since a model's time is its own and grows by the function. Each stage runs in a process of its own, whose
processor seconds (those of its workers included) and memory are told: anonymous memory of the process itself, for
mapped files are given back when others need it, and each worker holds a few blocks alone.
"""

import argparse
import json
import keyword
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from datagen.config import parse_datagen
from datagen.pipeline.stages import Pipeline, StageName
from datagen.sources.collect import Collection, collect
from datagen.sources.source import SourceConfig, SourceKind

GOAL = 2_000_000
NEAR_DUPLICATE_EVERY = 50
_WORD = re.compile(r"\b[a-z_][a-z_]{3,}\b")


def write_rows(file: Path, count: int) -> None:
    """Functions of the library under new names; a word of four letters or more gets a number."""
    source = SourceConfig("stdlib", SourceKind.STANDARD_LIBRARY, include=("[a-s]*.py", "email/*", "json/*"))
    base = [each for each in collect((source,), Collection()) if 100 <= len(each.code) <= 800 and each.docstring]
    previous = ""
    with file.open("w") as stream:
        for number in range(count):
            function, turn = base[number % len(base)], number // len(base)
            code = renamed(function.code, turn)
            if number % NEAR_DUPLICATE_EVERY == 1:
                code = f"{previous}\n    return 1"
            previous = code
            row = {"code": code, "docstring": function.docstring, "language": "python", "path": f"{number}.py"}
            stream.write(json.dumps(row) + "\n")


def renamed(code: str, turn: int) -> str:
    """The code with a number behind its words, keywords left alone."""
    return _WORD.sub(lambda word: word[0] if not turn or word[0] in KEYWORDS else f"{word[0]}_{turn}", code)


KEYWORDS = frozenset(keyword.kwlist) | {"self"}


def config_of(rows: Path, size: int, data: str) -> dict[str, object]:
    return {
        "sources": [{"name": "rows", "kind": "codesearchnet", "path": str(rows)}],
        "embed": {"encoder": "hashed"},
        "core_set": {"size": max(size // 20, 1)},
        "rules": {"blacklist": []},
        "leakage": {"data": data},
    }


def run_stage(stage: str, folder: Path, size: int, data: str) -> None:
    """In a process of its own; prints what it took."""
    pipeline = Pipeline(parse_datagen(config_of(folder / "rows.jsonl", size, data), "benchmark"), folder / "out")
    for before in list(StageName)[: list(StageName).index(StageName(stage))]:
        pipeline.folder(before)
    most = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            status = Path("/proc/self/status").read_text()
            most[0] = max(most[0], int(re.findall(r"RssAnon:\s+(\d+)", status)[0]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.monotonic(), cpu_seconds()
    pipeline.folder(StageName(stage))
    wall, cpu = time.monotonic() - began[0], cpu_seconds() - began[1]
    done.set()
    watcher.join()
    print(json.dumps({"wall": wall, "cpu": cpu, "mb": most[0] / 1024}))


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measure(size: int, data: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("WAVEBENCH_SCALE_FOLDER")) as place:
        folder = Path(place)
        write_rows(folder / "rows.jsonl", size)
        for stage in StageName:
            command = [sys.executable, __file__, "--stage", stage, "--folder", place]
            command += ["--sizes", str(size), "--data", data]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            found[stage] = json.loads(output.splitlines()[-1])
            print(f"{size:9,} {stage:11} {found[stage]}", file=sys.stderr, flush=True)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5000, 20_000])
    parser.add_argument("--data", default="")
    parser.add_argument("--stage", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=Path(), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.stage:
        run_stage(options.stage, options.folder, options.sizes[0], options.data)
        return
    found = {size: measure(size, options.data) for size in options.sizes}
    columns = " | ".join(f"{size:,}: s, MB" for size in options.sizes)
    print(f"| stage | {columns} | exponent | at {GOAL:,}: minutes, GB |")
    print("|---" * (len(options.sizes) + 3) + "|")
    first, last = options.sizes[0], options.sizes[-1]
    for stage in StageName:
        one, other = found[first][stage], found[last][stage]
        growth = max(other["cpu"], 0.01) / max(one["cpu"], 0.01)
        exponent = math.log(growth) / math.log(last / first) if last > first else 1
        grown = GOAL / last
        # What a process needs at rest does not grow.
        mb_each = max(other["mb"] - one["mb"], 0) / max(last - first, 1)
        cells = " | ".join(f"{found[size][stage]['cpu']:.1f}, {found[size][stage]['mb']:.0f}" for size in options.sizes)
        minutes = other["cpu"] * grown ** max(exponent, 1) / 60
        print(f"| {stage} | {cells} | {exponent:.2f} | {minutes:.0f}, {(one['mb'] + mb_each * GOAL) / 1024:.1f} |")


if __name__ == "__main__":
    main()
