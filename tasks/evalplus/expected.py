"""What the references return, computed once in the sandbox and kept beside the execution cache."""

import base64
import hashlib
import json
import logging
import marshal
import sys
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sandbox.cache.store import BlobStore
from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from sandbox.toolchains.cache_folder import cache_folder
from tasks.errors import DataError
from tasks.evalplus.oracle import NOT_NONE
from tasks.evalplus.problem import PlusProblem

_LOGGER = logging.getLogger("wavebench")
_MANY = 50
"""References, from which on computing what they return takes minutes."""
_LIMITS = Limits(cpu_seconds=180.0, wall_seconds=900.0, memory_mb=4096, output_kb=1024)
"""Mbpp/255 returns a list of more than a gigabyte to one of its inputs."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Inputs of one problem with what its reference returned to each."""

    cases: str
    """Packed: as `oracle.judge` takes them, but in base85."""
    digests: bool
    """Whether some values are too large, and stand there as their digests."""
    base_inputs: int
    plus_inputs: int
    base_seconds: float
    """CPU seconds that the reference took for all base inputs; next, for all others."""
    plus_seconds: float
    slowest_seconds: float
    """For a single input."""


class ExpectedValues:
    """Those of a task's problems. All that are missing are computed at once when the first of them is asked for."""

    def __init__(self, problems: Sequence[PlusProblem], *, trusted: bool) -> None:
        """`trusted` references are known ones, which may also run where no sandbox is to be had."""
        self._problems = problems
        self._trusted = trusted
        self._known: dict[str, Expected] = {}
        self._lock = threading.Lock()

    def of(self, problem: PlusProblem) -> Expected:
        """Raises DataError where the reference itself does not run, SandboxError where nothing can run it."""
        with self._lock:
            if problem.task_id not in self._known:
                self._known |= self._load()
            return self._known[problem.task_id]

    def _load(self) -> Mapping[str, Expected]:
        store = BlobStore(cache_folder() / "expected.sqlite", kind="expected-value", without="the references run again")
        try:
            keys: dict[str, bytes] = {}
            for problem in self._problems:
                # with the version of Python, since another may return other values
                name = f"{sys.version_info[:2]} {reference_program(problem).sha256}"
                keys[problem.task_id] = hashlib.sha256(name.encode()).digest()
            known = {task_id: found for task_id, key in keys.items() if (found := store.find(key))}
            missing = [problem for problem in self._problems if problem.task_id not in known]
            if missing:
                minutes = ": this takes minutes" if len(missing) > _MANY else ""
                words = "Computing what the references of %d problems return, once on this machine%s."
                _LOGGER.warning(words, len(missing), minutes)
                for task_id, found in self._computed(missing):
                    known[task_id] = json.dumps(asdict(found)).encode()
                    store.keep(keys[task_id], known[task_id])
            return {task_id: Expected(**json.loads(text)) for task_id, text in known.items()}
        finally:
            store.close()

    def _computed(self, problems: Sequence[PlusProblem]) -> Iterable[tuple[str, Expected]]:
        """A reference with large results runs more than once, as a program's output is bounded."""
        parts: dict[str, list[str]] = {problem.task_id: [] for problem in problems}
        waiting: list[tuple[PlusProblem, int]] = [(problem, 0) for problem in problems]
        with self._sandbox() as sandbox:
            while waiting:
                programs = [((problem, start), reference_program(problem, start)) for problem, start in waiting]
                waiting = []
                for (problem, start), outcome in sandbox.run(programs):
                    if not outcome.finished:
                        last = (outcome.stderr.strip().splitlines() or [outcome.detail or outcome.ending.value])[-1]
                        raise DataError(
                            f"The reference of {problem.task_id} does not run on its own inputs ({last:.200}): correct "
                            "canonical_solution or the inputs."
                        )
                    facts: Mapping[str, Any] = json.loads(outcome.stdout)
                    parts[problem.task_id].append(facts["slice"])
                    if start + len(facts["slice"]) < facts["characters"]:
                        waiting.append((problem, start + len(facts["slice"])))
                        continue
                    (base, plus), (base_seconds, plus_seconds) = facts["inputs"], facts["seconds"]
                    cases = "".join(parts.pop(problem.task_id))
                    yield (
                        problem.task_id,
                        Expected(cases, facts["digests"], base, plus, base_seconds, plus_seconds, facts["slowest"]),
                    )

    def _sandbox(self) -> Sandbox:
        try:
            return open_sandbox()
        except SandboxError:
            if not self._trusted:
                raise
            return open_sandbox(Tier.NONE)


def reference_program(problem: PlusProblem, start: int = 0) -> Program:
    """Writes what the reference returns; see `reference_run`."""
    inputs = marshal.dumps((problem.base_inputs, problem.plus_inputs), 2)
    packed = base64.b85encode(zlib.compress(inputs)).decode()
    reference = problem.prompt + problem.canonical_solution
    not_none = problem.benchmark == "mbpp" and problem.entry_point in NOT_NONE
    arguments = f"{reference!r}, {problem.entry_point!r}, {packed!r}, {not_none}, {start}, is_large, digest_of"
    text = f"{source_of('digest.py')}\n{source_of('reference_run.py')}\nwrite_expected({arguments})\n"
    return Program("python", {"main.py": text}, limits=_LIMITS)


@cache
def source_of(name: str) -> str:
    """The text of a file of this folder that runs elsewhere."""
    return (files("tasks.evalplus") / name).read_text(encoding="utf-8")
