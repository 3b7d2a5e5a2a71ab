import tomllib
from pathlib import Path

import pytest

from datagen.ablation.config import AblationConfig, parse_ablation
from datagen.config import DatagenConfig, parse_datagen
from datagen.finetune.config import FinetuneConfig, parse_finetune
from harness.runs.config import FIELD_NAMES, Judging, RunConfig, parse_config
from harness.runs.settings import ConfigError, describe_settings, read_settings, to_toml
from sandbox.outcome import Tier


def test_toml_and_back_is_the_same_config(tmp_path: Path):
    config = RunConfig("hf:a/b", "humaneval", samples=20, temperature=0.2, limit=7, k=(1, 10), wall_seconds=3.5)
    file = tmp_path / "config.toml"
    file.write_text(to_toml(config))
    assert parse_config(read_settings(file), "the file") == config


SOURCE = {"name": "library", "kind": "standard library"}
EARLIER = """
model = "hf:a/b"
task = "humaneval"
style = "complete"
split = "test"
samples = 20
temperature = 0.2
top_p = 0.95
top_k = 40
max_tokens = 256
seed = 7
limit = 3
data = "/data"
base_url = ""
concurrency = 8
request_seconds = 60.0
retry_seconds = 90.0
most_stops = 2
backoff_seconds = 2.0
memory_share = 0.5
key_variable = "KEY"
answer_cache = "off"
provider_batch = true
poll_seconds = 5.0
prices = "prices.toml"
revision = ""
adapter = "a/lora"
dtype = "float32"
device = "cpu"
device_map = "auto"
batch_tokens = 1024
batch_rows = 4
tier = "docker"
workers = 2
cluster = "local"
cpu_seconds = 1.0
wall_seconds = 2.0
memory_mb = 512
confirm = false
judging = "upstream"
cache = false
cache_mb = 100
k = [1, 10]
samples_file = "/s.jsonl"
samples_sha256 = "ab"
allow_missing = true
form = "program"
form_by_row = true
"""
"""Every setting, in the flat form that releases before the groups wrote."""
SINCE = {"extraction": "robust", "eager": False, "context_tokens": 0, "vllm_log_level": "", "trust_remote_code": False}
"""Settings that came later, with what such a file means by leaving them out."""


def test_an_earlier_config_file_is_read_and_written_in_the_same_flat_form(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text(EARLIER)
    values = read_settings(file)
    # The table request is left out where it changes nothing.
    assert set(values) | set(SINCE) | {"request"} == set(FIELD_NAMES)
    config = parse_config(values, "the file")
    assert tomllib.loads(to_toml(config)) == values | SINCE
    assert (config.model_options.adapter, config.model_options.base_url, config.k) == ("a/lora", "", (1, 10))
    words = {name: ",".join(map(str, value)) if name == "k" else str(value) for name, value in values.items()}
    assert RunConfig("demo", "mbpp").override(words) == config


def test_defaults_are_written_too():
    written = tomllib.loads(to_toml(parse_config({"model": "demo", "task": "humaneval"}, "x")))
    assert written == tomllib.loads(to_toml(RunConfig("demo", "humaneval")))
    left_out = {"limit", "workers", "cpu_seconds", "wall_seconds", "memory_mb", "request"}
    assert set(written) == set(FIELD_NAMES) - left_out


def test_what_every_configuration_refuses_is_named_with_its_place():
    with pytest.raises(ConfigError, match=r"x\.toml has the unknown setting 'modle' in \[teacher\.generator\]"):
        parse_datagen({"sources": [], "teacher": {"generator": {"modle": "demo"}}}, "x.toml")
    with pytest.raises(ConfigError, match=r"teacher\.generator\.max_tokens = 'many' in x\.toml is of the wrong kind"):
        parse_datagen({"sources": [SOURCE], "teacher": {"generator": {"max_tokens": "many"}}}, "x.toml")
    with pytest.raises(ConfigError, match=r"x\.toml does not set 'base': add base = 'demo'"):
        parse_finetune({"data": "rows.jsonl"}, "x.toml")
    with pytest.raises(ConfigError, match="preset = 'none' is unknown: use one of"):
        parse_ablation({"preset": "none"}, "x.toml")


@pytest.mark.parametrize("kind", [RunConfig, DatagenConfig, FinetuneConfig, AblationConfig])
def test_every_setting_says_what_it_means(kind: type[object]):
    settings = list(describe_settings(kind))
    assert not [setting.name for setting in settings if not setting.meaning]
    assert all(setting.type for setting in settings)


def test_settings_are_described_from_their_class():
    settings = {setting.name: setting for setting in describe_settings(RunConfig)}
    assert list(dict.fromkeys(name.partition(".")[0] for name in settings)) == list(FIELD_NAMES)
    assert settings["tier"].type == "namespaces | docker | none"
    assert settings["k"].type == "list of integer"
    assert (settings["limit"].type, settings["limit"].default) == ("integer", None)
    assert (settings["model"].required, settings["samples"].required) == (True, False)


def test_request_fields_come_from_a_table_or_from_the_command_line():
    table = {
        "leave_out": ["seed"],
        "add": {"chat_template_kwargs": {"enable_thinking": False}, "reasoning_effort": "low"},
    }
    named = {"request.leave_out": "seed", "request.add.reasoning_effort": "low"}
    named["request.add.chat_template_kwargs.enable_thinking"] = "false"
    asked = {"model": "api:x", "task": "humaneval"}
    config = parse_config({**asked, "request": table}, "x")
    assert parse_config({**asked, **named}, "x") == config
    assert config.request
    assert (config.request.leave_out, config.request.add) == (("seed",), table["add"])
    assert parse_config(tomllib.loads(to_toml(config)), "x") == config
    assert config.override({"request.add.top_k": "5"}).request != config.request
    with pytest.raises(ConfigError, match=r"unknown setting 'ad' in \[request\]"):
        parse_config({**asked, "request.ad.x": "1"}, "x")


def test_words_of_the_command_line_become_values():
    config = RunConfig("demo", "humaneval").override({"top_p": "0.9", "k": "1,5", "samples": "5", "tier": "docker"})
    assert (config.top_p, config.k, config.samples, config.tier) == (0.9, (1, 5), 5, Tier.DOCKER)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"temprature": 1}, ["temprature", "known are"]),
        ({"temprature": 1}, ["did you mean 'temperature'?"]),
        ({"qqqq": 1}, ["qqqq", "known are model, task"]),
        ({"tier": "dokcer"}, ["tier = 'dokcer'", "did you mean 'docker'?", "namespaces, docker, none"]),
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


def test_judging_and_confirm_are_two_names_of_one_thing():
    assert RunConfig("demo", "mbpp").judging is Judging.BOTH
    assert RunConfig("demo", "mbpp", confirm=False).judging is Judging.UPSTREAM
    assert not RunConfig("demo", "mbpp", judging=Judging.UPSTREAM).confirm
    again = RunConfig("demo", "mbpp", confirm=False).override({"judging": "split"})
    assert (again.judging, again.confirm) == (Judging.SPLIT, True)
    with pytest.raises(ConfigError, match="contradict"):
        RunConfig("demo", "mbpp", confirm=False, judging=Judging.SPLIT)
