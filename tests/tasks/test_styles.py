"""Prompt styles: their wording is pinned, since scores are compared by it."""

import hashlib
from pathlib import Path

import pytest

from tasks.errors import TaskError
from tasks.mbpp.task import Mbpp
from tasks.registry import load
from tasks.styles.style import load_style, load_styles

BENCHMARKS = ("humaneval", "mbpp")
WAVECODER_TRAINING = "35101bc36d10997c7d926d8f21f7d173aec6523f3a57d78821b944a89925cdca"
"""sha256 of microsoft/WaveCoder's training template without input."""

WORDINGS = {
    "humaneval": {
        "complete": "9f165a4bb8c1dfff1a2607ec191772cb2f59cd32144468ffc6dbe5286d3b6667",
        "complete-stripped": "e3e28491d6f6a9e2bb7213a3c16026f5f1e6cb7b465c9fb57b907689fd1593eb",
        "chat": "5281369dfbe44d8598681721beeee935d2fde777ce7c0828dc0733d1dc354c34",
        "alpaca": "232c36ced8eb8861e0ebc7ad05bc600f67290e3e0948143bc87548d0ece75eeb",
        "magicoder": "53251fef8d2bae11da20581f82c01889afa34fc2a313670c8fe2a3193b441b8c",
    },
    "mbpp": {
        "google3": "a71e05e6625a175f3f87f29c37543e020e1ce00659249cfb90d64c79f6a61a11",
        "incoder0": "4bc5bb79d07a97d9186d8a23a82af01f76e4ab8a5edbb73020f56cfc3b16807a",
        "chat": "4eaf601e9024039009fceac5626c41d9618c433132d18f62382cbc4af91985f5",
        "alpaca": "78d794b05d66275dd8983826dbdf4ecf2e16eeeaa394e77603ede11d489b44d4",
        "wavecoder": "bf9c802c5379c11e47b3e98d4c001977ff4cd34d5e60cb4a412e82c71ada160d",
    },
}


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_the_wording_is_pinned(benchmark: str):
    assert {name: style.sha256 for name, style in load_styles(benchmark).items()} == WORDINGS[benchmark]


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_alpaca_is_the_template_that_wavecoder_was_trained_with(benchmark: str):
    text = load_style(benchmark, "alpaca").text
    assert text is not None
    head, _, rest = text.partition("### Instruction:\n")
    template = f"{head}### Instruction:\n{{instruction}}\n\n### Response:{rest.partition('### Response:')[2]}"
    assert hashlib.sha256(template.encode()).hexdigest() == WAVECODER_TRAINING


def test_wavecoders_own_mbpp_prompt_differs_by_its_last_newline():
    assert load_style("mbpp", "wavecoder").text == f"{load_style('mbpp', 'alpaca').text}\n"


@pytest.mark.parametrize("style", load_styles("humaneval"))
def test_every_humaneval_style_words_every_problem(style: str):
    task = load("humaneval", style)
    for problem in task.problems:
        prompt = task.prompt(problem, [])
        assert prompt is not None
        assert (prompt.text is None) == bool(prompt.messages)
        worded = prompt.text or prompt.messages[-1].content
        assert problem.prompt.strip() in worded
    assert task.prompt(task.problems[0], ["an answer"]) is None


def test_complete_is_the_prompt_itself():
    task = load("humaneval", "complete")
    for problem in task.problems:
        prompt = task.prompt(problem, [])
        assert prompt is not None
        assert prompt.text == problem.prompt


def mbpp(benchmarks: Path, style: str) -> Mbpp:
    task = load("mbpp", style, benchmarks)
    assert isinstance(task, Mbpp)
    return task


def test_google3_is_the_prompt_of_the_paper(benchmarks: Path):
    task = mbpp(benchmarks, "google3")
    prompt = task.prompt(task.problems[0], [])
    assert prompt is not None
    assert prompt.text is not None
    assert prompt.stop == ("[DONE]",)
    *shots, question = prompt.text.split("You are an expert Python programmer, and here is your task: ")[1:]
    assert [shot.split("\n")[0].split(" Your code")[0][:50] for shot in shots] == [
        "Write a function to find the similar elements from",
        "Write a python function to identify non-prime numb",
        "Write a function to find the largest integers from",
    ]
    assert all(shot.endswith("\n[DONE]\n\n") for shot in shots)
    assert question == (
        "Write a python function to remove first and last occurrence of a given character from the string. "
        "Your code should pass these tests:\n\n"
        'assert remove_Occ("hello","l") == "heo"\nassert remove_Occ("abcda","a") == "bcd"\n'
        'assert remove_Occ("PHP","P") == "H"\n[BEGIN]\n'
    )


def test_incoder0_shows_one_test_in_a_docstring(benchmarks: Path):
    task = mbpp(benchmarks, "incoder0")
    prompt = task.prompt(task.problems[0], [])
    assert prompt is not None
    assert prompt.text == (
        '"""\nWrite a python function to remove first and last occurrence of a given character from the string.\n'
        'assert remove_Occ("hello","l") == "heo"\n"""\n'
    )


def test_an_unknown_style_names_the_closest_and_all():
    with pytest.raises(TaskError, match=r"'chatt': did you mean 'chat'\? Known are complete, .*alpaca"):
        load("humaneval", "chatt")
