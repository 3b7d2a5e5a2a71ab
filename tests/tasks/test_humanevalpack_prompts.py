"""Prompts of HumanEvalPack, byte for byte those of bigcode-evaluation-harness."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tasks.humanevalpack.dataset import STYLES
from tasks.humanevalpack.task import HumanEvalPack, load_humanevalpack
from tasks.styles.turns import load_turn_styles
from tests.benchmark_files import pack_source
from tests.tasks.pack_peer import GOLDEN, LANGUAGES, SCENARIOS, Peer, described, digest, load_peer, rows_of, styles_of


@cache
def loaded(scenario: str, language: str) -> HumanEvalPack:
    return load_humanevalpack(scenario, language, **pack_source(language))


def prompts(scenario: str, language: str, style: str) -> list[list[str]]:
    """By turn: our prompt of every row."""
    task = loaded(scenario, language)
    task = replace(task, wording=load_turn_styles(STYLES, task.scenario.turn_names, style))
    rows = rows_of(language)
    turns: list[list[str]] = []
    for answers in ([[] for _ in rows], [[described(row)] for row in rows]):
        asked = [task.prompt(problem, each) for problem, each in zip(task.problems, answers, strict=True)]
        turns.append([prompt.text for prompt in asked if prompt and prompt.text])
    return [texts for texts in turns if texts]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.usefixtures("benchmarks")
def test_prompts_have_the_digests_that_the_peer_gave(scenario: str, language: str):
    known = {key: value for key, value in json.loads(GOLDEN.read_text()).items() if f"{scenario}-{language}/" in key}
    ours = {
        f"{scenario}-{language}/{style}/{turn}": digest(texts)
        for style in styles_of(scenario)
        for turn, texts in enumerate(prompts(scenario, language, style))
    }
    assert len(known) == len(styles_of(scenario)) * (2 if scenario == "explain" else 1)
    assert ours == known


@pytest.fixture(scope="session")
def peer() -> Peer:
    try:
        return load_peer()
    except ImportError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_prompts_are_those_of_the_peer(peer: Peer, tmp_path: Path, scenario: str, language: str):
    for style in styles_of(scenario):
        assert prompts(scenario, language, style) == peer.prompts(scenario, language, style, tmp_path)
