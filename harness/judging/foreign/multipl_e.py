"""MultiPL-E: a folder of one file per problem, completions (NAME.json) or results (NAME.results.json), or gzipped."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.judging.foreign.sample import ForeignFileError, ForeignSample
from tasks.task import AnswerForm

_NAME = re.compile(r"(HumanEval|mbpp)_(\d+)_.*?(?P<results>\.results)?\.json(?:\.gz)?", re.IGNORECASE)


def is_multipl_e(path: Path) -> bool:
    """Whether a folder holds such files."""
    return any(_NAME.fullmatch(each.name) for each in path.iterdir())


def multipl_e_samples(path: Path) -> Iterator[ForeignSample]:
    """Programs without their tests, from results where there are some. Raises ForeignFileError for other languages.

    MultiPL-E's own problems in other languages have other names and types than HumanEvalPack's.
    """
    files = {each: found for each in path.iterdir() if (found := _NAME.fullmatch(each.name))}
    judged = any(found["results"] for found in files.values())
    ordered = sorted(files, key=lambda each: int(files[each][2]))
    for file in ordered:
        if bool(files[file]["results"]) is not judged:
            continue
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        try:
            problem: dict[str, Any] = json.loads(content)
            texts = [problem["prompt"] + completion for completion in problem.get("completions") or ()]
            results = problem.get("results") or ()
            texts += [_without_tests(result["program"], problem.get("tests")) for result in results]
            language = str(problem["language"])
        except (ValueError, KeyError, TypeError) as error:
            raise ForeignFileError(f"{str(file)!r} is no file of MultiPL-E ({error!r}): remove it.") from None
        if language not in ("py", "python", "notypes.py"):
            raise ForeignFileError(
                f"{str(file)!r} is in {language!r}: only MultiPL-E's Python can be judged here, since its problems in "
                f"other languages have names and types of their own."
            )
        for text in texts:
            yield ForeignSample(f"{files[file][1]}/{files[file][2]}", text, AnswerForm.PROGRAM)


def _without_tests(program: str, tests: str | None) -> str:
    """What the model wrote and its prompt; results of 2022 do not say which part of a program are its tests."""
    return program.rpartition("\ndef check(candidate")[0] or program if tests is None else program.removesuffix(tests)
