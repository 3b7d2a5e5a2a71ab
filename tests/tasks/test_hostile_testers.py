"""Testers of five languages at hostile answers, a few of each; tests/performance/hostile_answers.py plays thousands."""

import itertools
import random
import subprocess
from pathlib import Path

import pytest

from sandbox.languages import language
from sandbox.toolchains.installed import ToolchainMissingError, read_toolchain
from tests.tasks.hostile_answers import PlayedTester, hostile_answers
from tests.tasks.pack_problems import CODES, pack_task

_ANSWERS = {"js": 150, "java": 150, "go": 40, "cpp": 40, "rust": 40}


@pytest.mark.parametrize("code", CODES)
def test_no_tester_holds_dies_or_hangs(code: str, tmp_path: Path):
    try:
        read_toolchain(language(pack_task(code).pack_language.sandbox))
        tester = PlayedTester(code, "list", tmp_path / "tester")
    except (ToolchainMissingError, subprocess.CalledProcessError, OSError) as error:
        pytest.skip(str(error))
    first = list(itertools.islice(hostile_answers(code, "list", 0), 600))
    said = {answer: tester.meet(answer) for answer in random.Random(1).sample(first, _ANSWERS[code])}
    tester.end()
    assert {answer[:40]: word for answer, word in said.items() if word not in ("refuted", "inexpressible")} == {}
