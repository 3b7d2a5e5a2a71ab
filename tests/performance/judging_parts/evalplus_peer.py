"""EvalPlus 0.3.1's untrusted_check over prepared inputs: prints the seconds it took and how many passed.

A process pool, as its own evaluate uses it; reading the file and importing are not in the seconds.
"""

import ast
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from evalplus.eval import untrusted_check  # pyright: ignore[reportMissingImports] # lives in a virtual environment of its own


def checked(row: dict[str, Any]) -> bool:
    status, _ = untrusted_check(
        "humaneval",
        row["code"],
        row["inputs"],
        row["entry_point"],
        row["expected"],
        0,
        [0.0] * len(row["inputs"]),
        True,
    )
    return status == "pass"


def read_row(line: str) -> dict[str, Any]:
    row = json.loads(line)
    return {**row, "inputs": ast.literal_eval(row["inputs"]), "expected": ast.literal_eval(row["expected"])}


if __name__ == "__main__":
    rows = [read_row(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    begin = time.perf_counter()
    with ProcessPoolExecutor(max_workers=int(sys.argv[2])) as executor:
        passed = sum(executor.map(checked, rows))
    print(json.dumps({"seconds": time.perf_counter() - begin, "passed": passed}))
