from dataclasses import replace

import pytest

from harness.statistics.intervals import Interval
from leaderboards.export.published import published_for, published_scores
from leaderboards.export.siblings import same_model, siblings


@pytest.mark.parametrize(
    ("ours", "printed"),
    [
        ("hf:deepseek-ai/deepseek-coder-6.7b-instruct", "DeepSeekCoder-instruct-6.7B"),
        ("hf:deepseek-ai/deepseek-coder-6.7b-base", "DeepSeekCoder-base-6.7B"),
        ("codellama/CodeLlama-13b-Instruct-hf", "CodeLlama-instruct-13B"),
        ("hf:microsoft/wavecoder-ultra-6.7b", "WaveCoder-Ultra-6.7B"),
        ("api:gpt-4", "GPT-4"),
    ],
)
def test_two_spellings_of_one_model_meet(ours: str, printed: str):
    assert same_model(ours) == same_model(printed)


@pytest.mark.parametrize(
    ("ours", "printed"),
    [
        ("deepseek-ai/deepseek-coder-33b-instruct", "DeepSeekCoder-instruct-6.7B"),
        ("deepseek-ai/deepseek-coder-6.7b-instruct", "DeepSeekCoder-base-6.7B"),
        ("api:gpt-4o", "GPT-4"),
        ("wavecoder-pro-6.7b", "WaveCoder-Ultra-6.7B"),
    ],
)
def test_other_models_do_not(ours: str, printed: str):
    assert same_model(ours) != same_model(printed)


def test_the_difference_carries_the_interval_of_what_was_measured():
    measured = Interval(0.799, 0.731, 0.853, "wilson")
    found = siblings("hf:microsoft/wavecoder-ultra-6.7b", "humaneval", measured, published_scores())
    assert found
    for each in found:
        assert each.score in published_for("humaneval")
        printed = each.score.value / 100
        assert each.difference.value == pytest.approx(0.799 - printed)
        assert (each.difference.low, each.difference.high) == pytest.approx((0.731 - printed, 0.853 - printed))
    assert not siblings("hf:microsoft/wavecoder-ultra-6.7b", "no-such-task", measured, published_scores())
    foreign = [replace(each.score, language="js") for each in found]
    assert not siblings("hf:microsoft/wavecoder-ultra-6.7b", "humaneval", measured, foreign)
