"""HumanEvalPack's reference programs as whole programs, put together as its upstream harness does."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.languages import language
from sandbox.program import Program

FILES = {"python": "python", "javascript": "js", "java": "java", "go": "go", "cpp": "cpp", "rust": "rust"}
"""The data's own name of each language."""

PYTHON_IMPORTS = """\
import math
import re
import sys
import copy
import datetime
import itertools
import collections
import heapq
import statistics
import functools
import hashlib
import numpy
import numpy as np
import string
from typing import *
from collections import *
"""
GO_PACKAGES = ("math", "strings", "fmt", "strconv", "time", "bytes", "regexp", "sort", "math/rand", "crypto/md5")


@dataclass(frozen=True)
class Reference:
    """One program whose verdict is known."""

    task_id: str
    language: str
    right: bool
    """Whether it is the canonical solution, which must pass, or the buggy one, which must not."""
    program: Program


def references(folder: Path, names: list[str], limit: int | None = None) -> Iterator[Reference]:
    for name in names:
        rows = (folder / f"humanevalpack_{FILES[name]}.jsonl").read_text().splitlines()[:limit]
        for row in map(json.loads, rows):
            for field, right in (("canonical_solution", True), ("buggy_solution", False)):
                yield Reference(row["task_id"], name, right, program_of(name, row, row[field]))


def program_of(name: str, row: dict[str, Any], solution: str) -> Program:
    own = language(name)
    text = ASSEMBLE[name](row, solution)
    return Program(name, {own.main_file: text}, limits=own.limits)


def _python(row: dict[str, Any], solution: str) -> str:
    return f"{PYTHON_IMPORTS}\n{row['prompt']}{solution}\n{row['test']}"


def _javascript(row: dict[str, Any], solution: str) -> str:
    return f"{row['prompt']}{solution}\n{row['test']}"


def _java(row: dict[str, Any], solution: str) -> str:
    return f"{row['prompt']}{solution}\n{row['test']}"


def _cpp(row: dict[str, Any], solution: str) -> str:
    return f"{language('cpp').prelude_text}{row['prompt']}{solution}\n{row['test']}"


def _rust(row: dict[str, Any], solution: str) -> str:
    return f"{row['prompt']}{solution}\n{row['test']}"


def _go(row: dict[str, Any], solution: str) -> str:
    body = "\n".join(re.sub(r"(?ms)^import \(.*?^\)$", "", part) for part in (row["prompt"] + solution, row["test"]))
    quoted = re.findall(r'"([\w./]+)"', row["test_setup"] + row["import"])
    code = re.sub(r"(?m)//.*$", "", body)
    wanted = [path for path in dict.fromkeys([*quoted, *GO_PACKAGES]) if re.search(rf"\b{path.split('/')[-1]}\.", code)]
    imports = "\n".join(f'    "{path}"' for path in wanted)
    return f"package main\n\nimport (\n{imports}\n)\n\n{body}"


ASSEMBLE = {
    "python": _python,
    "javascript": _javascript,
    "java": _java,
    "go": _go,
    "cpp": _cpp,
    "rust": _rust,
}
