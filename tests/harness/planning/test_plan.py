import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.planning.pilot import read_pilot, spread_between
from harness.planning.plan import plan
from harness.runs.config import RunConfig
from harness.runs.settings import ConfigError
from harness.statistics.power import problems_needed

Run = Callable[..., subprocess.CompletedProcess[str]]


def config(data: Path, **settings: object) -> RunConfig:
    return RunConfig("any", "humaneval", "complete", data=str(data / "problems.jsonl")).override(settings)


def test_a_greedy_plan_has_one_row_whose_number_is_connors(data: Path):
    made = plan([config(data)], 0.05, discordant=0.2)
    (row,) = made.rows
    assert row.problems_needed == problems_needed(0.05, 0.2)
    assert (made.problems, row.enough, made.best) == (4, False, None)


def test_tokens_are_bounded_by_the_limit_and_grow_with_samples(data: Path):
    made = plan([config(data, temperature=0.8, max_tokens=100)], 0.05)
    one, two, *_ = made.rows
    assert one.completion_tokens == 4 * 100
    assert two.completion_tokens == 2 * one.completion_tokens
    assert abs(two.prompt_tokens - 2 * one.prompt_tokens) <= 1
    needed = [row.problems_needed for row in made.rows]
    assert needed == sorted(needed, reverse=True)
    assert one.dollars is None


def test_a_known_price_gives_money_and_an_own_table_goes_first(data: Path, tmp_path: Path):
    table = tmp_path / "prices.toml"
    table.write_text('[[price]]\nmodel = "mine"\nprompt = 2.0\ncompletion = 10.0\n')
    asked = config(data, temperature=1, max_tokens=1000, model="api:mine", prices=str(table))
    (row,) = plan([asked], 0.1, samples=50).rows
    assert row.dollars == pytest.approx((2 * row.prompt_tokens + 10 * row.completion_tokens) / 1e6)
    assert row.completion_tokens == 4 * 1000 * 50


def test_two_pilots_tell_the_spread(data: Path, run_copy: Path):
    pilot = read_pilot(run_copy)
    assert pilot.tallies["own/0"] == (3, 2)
    made = plan([config(data, temperature=0.8)], 0.05, pilots=[run_copy, run_copy])
    assert made.measured
    assert made.spread.within == pytest.approx(2 * (3 / 2) * sum(p * (3 - p) / 9 for p in (2, 1, 3, 0)) / 4)
    assert not made.tokens.counted, "a script counts no tokens"
    with pytest.raises(ConfigError, match="no problem in common"):
        spread_between([pilot, replace(pilot, tallies={"elsewhere/0": (1, 1)})])


def test_a_pilot_that_counted_tells_how_long_answers_are(data: Path, run_copy: Path):
    file = run_copy / "completions.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    counted = [{**row, "prompt_tokens": 50, "completion_tokens": 20 + 10 * row["sample"]} for row in rows]
    file.write_text("".join(json.dumps(row) + "\n" for row in counted))
    tokens = plan([config(data)], 0.05, pilots=[run_copy]).tokens
    assert (tokens.prompt, tokens.completion, tokens.counted) == (4 * 50, 4 * 30, True)


@pytest.mark.parametrize(("name", "value"), [("difference", 2.0), ("power", 1.0), ("discordant", 1.5), ("noise", -1.0)])
def test_what_is_no_share_is_one_sentence(data: Path, name: str, value: float):
    numbers: dict[str, Any] = {"difference": 0.05, name: value}
    with pytest.raises(ConfigError, match="out of range"):
        plan([config(data)], **numbers)


def test_the_command_says_what_it_rests_on(data: Path, wavebench: Run, tmp_path: Path):
    words = ["--task", "humaneval", "--data", data / "problems.jsonl", "--temperature", "0.2", "--detect", "0.4"]
    done = wavebench("plan", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Miller 2024" in done.stdout
    assert "40.0 points" in done.stdout
    assert not list(tmp_path.iterdir()), "a plan leaves nothing behind"


def test_the_price_of_the_batch_api_is_planned_with(data: Path):
    asked = config(data, model="api:gpt-4o-mini")
    whole, half = (plan([each], 0.05).rows[0].dollars for each in (asked, asked.override({"provider_batch": True})))
    assert whole
    assert half == pytest.approx(whole / 2)
