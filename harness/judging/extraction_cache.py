"""Caches the code found in answers: to search for it takes longer than all the rest of judging a known program."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

import tasks
from sandbox.cache.store import BlobStore
from tasks.languages import SYNTAXES
from tasks.policy import policy_of
from tasks.task import AnswerForm, Extraction, Problem, Task

_DECODER = msgspec.msgpack.Decoder(tuple[str, str])
Extract = Callable[[Problem, Sequence[str], AnswerForm], Extraction]
"""The signature of `Task.extract`."""


def cache_extraction(task: Task[Any], cached: BlobStore) -> Extract:
    """The task's own extraction, with a cache for answers in which code has to be searched for."""
    identity = (task.name, task.version, task.fingerprint, task.style_sha256, policy_of(task))
    rules = repr((extraction_digest(), *identity)).encode()

    def extract(problem: Problem, answers: Sequence[str], form: AnswerForm) -> Extraction:
        if form is not AnswerForm.AUTO:
            return task.extract(problem, answers, form)
        digest = hashlib.sha256(rules)
        for text in (problem.task_id, *answers):
            encoded = text.encode(errors="surrogatepass")
            digest.update(len(encoded).to_bytes(8, "little") + encoded)  # the length keeps ("a", "b") and ("ab",) apart
        key = digest.digest()
        if content := cached.find(key):
            return Extraction(*_DECODER.decode(content))
        found = task.extract(problem, answers, form)
        if found.reason:  # it depends on how fast this machine is
            return found
        with suppress(UnicodeEncodeError):  # half a character in the code
            cached.keep(key, msgspec.msgpack.encode((found.code, found.rule)))
        return found

    return extract


@cache
def extraction_digest() -> str:
    """SHA-256 over the source of the extraction rules and the versions of the parsers."""
    packages = ("tree-sitter", *(f"tree-sitter-{name}" for name in sorted(SYNTAXES)))
    digest = hashlib.sha256(repr([version(package) for package in packages]).encode())
    folder = Path(str(tasks.__file__)).parent
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.toml")]):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
