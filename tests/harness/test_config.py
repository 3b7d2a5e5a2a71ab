from pathlib import Path

import pytest

from harness.runs.config import ConfigError, RunConfig, parse_config, read_settings, to_toml
from sandbox.outcome import Tier


def test_toml_and_back_is_the_same_config(tmp_path: Path):
    config = RunConfig("hf:a/b", "humaneval", samples=20, temperature=0.2, limit=7, k=(1, 10), wall_seconds=3.5)
    file = tmp_path / "config.toml"
    file.write_text(to_toml(config))
    assert parse_config(read_settings(file), "the file") == config


def test_words_of_the_command_line_become_values():
    config = RunConfig("demo", "humaneval").override({"top_p": "0.9", "k": "1,5", "samples": "5", "tier": "docker"})
    assert (config.top_p, config.k, config.samples, config.tier) == (0.9, (1, 5), 5, Tier.DOCKER)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"temprature": 1}, ["temprature", "known are"]),
        ({"temperature": "hot"}, ["temperature = 'hot'", "float"]),
        ({"samples": -1}, ["samples = -1", "at least 1"]),
        ({"top_p": 1.5}, ["top_p = 1.5"]),
        ({"tier": "vm"}, ["tier = 'vm'"]),
        ({"samples": 5, "k": "10"}, ["pass@10", "samples = 5"]),
        ({"limit": 0}, ["limit = 0"]),
        ({"memory_mb": "1"}, ["memory_mb = 1", "at least 32"]),
        ({"memory_mb": 10**12}, ["memory_mb = 1000000000000", "at most"]),
        ({"cpu_seconds": "inf"}, ["cpu_seconds = inf", "at most 1,000,000"]),
        ({"wall_seconds": "nan"}, ["wall_seconds = nan"]),
        ({"wall_seconds": 1e300}, ["wall_seconds = 1e+300", "at most"]),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, object], words: list[str]):
    with pytest.raises(ConfigError) as caught:
        RunConfig("demo", "humaneval").override(changes)
    assert all(word in str(caught.value) for word in words)


def test_a_config_without_a_task_says_so():
    with pytest.raises(ConfigError, match="--task"):
        parse_config({"model": "demo"}, "x.toml")


def test_a_broken_config_file_is_named(tmp_path: Path):
    file = tmp_path / "broken.toml"
    file.write_text("model = \n")
    with pytest.raises(ConfigError, match=r"broken\.toml"):
        read_settings(file)
