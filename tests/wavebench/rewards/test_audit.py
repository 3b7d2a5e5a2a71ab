"""The audit finds what is wrong with a reward function, and nothing wrong with ours."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import wavebench
from tests.sandbox.hostile.corpus import read_attacks
from wavebench.rewards import CodeReward, RewardError, close_warm_sandboxes, compute_score
from wavebench.rewards.audit.audit import Audit, audit
from wavebench.rewards.audit.command import reward_audit
from wavebench.rewards.audit.corpus import AnswerKind, known_answers
from wavebench.rewards.audit.function import asked_as_a_trainer_does, load_function

RELAYS = Path(__file__).parents[4] / "shared" / "cases" / "attacks" / "relay"


@pytest.fixture(scope="module", autouse=True)
def closed_in_the_end() -> Iterator[None]:
    yield
    close_warm_sandboxes()


def audited(function: Callable[..., Any], problems: Path, some: int = 2, busy: int = 0) -> Audit:
    task = wavebench.load_task("humaneval", data=problems)
    return audit(asked_as_a_trainer_does(function, task), known_answers(task, some), busy)


def test_ours_pays_references_and_nothing_else(problems: Path):
    found = audited(CodeReward("humaneval", data=problems, workers=2), problems, busy=4)
    assert found.sound, found.findings
    assert (found.references, found.mean_of_references) == (4, 1.0)
    assert found.forgeries >= 2 * 14
    assert found.answers == found.references + found.wrong + found.forgeries


def exit_code_reward(completions: Sequence[Any], test_code: Sequence[str], **_: Any) -> list[float]:
    """What many trainers ship: the program's exit code is the verdict."""

    def score(completion: Any, tests: str) -> float:
        code = completion[-1]["content"].removeprefix("```python\n").removesuffix("\n```")
        done = subprocess.run([sys.executable, "-c", f"{code}\n{tests}"], capture_output=True, timeout=20)
        return float(done.returncode == 0)

    return [score(*pair) for pair in zip(completions, test_code, strict=True)]


def test_a_reward_that_trusts_the_exit_code_is_found_out(problems: Path):
    found = audited(exit_code_reward, problems, some=1)
    assert found.false_positives >= 8
    assert (found.false_negatives, found.lost) == (0, 0)
    names = {each.name for each in found.findings}
    assert {"always_equal", "exits_when_called", "exits_before_the_tests"} <= names
    assert all(each.kind is AnswerKind.FORGERY for each in found.findings)


def test_lost_and_unpaid_references_are_counted(problems: Path):
    calls: list[int] = []

    def failing(completions: Sequence[Any], **_: Any) -> list[float | None]:
        calls.append(len(completions))
        if len(calls) > 1:
            raise TimeoutError
        return [None, 0.0, *[0.0] * (len(completions) - 3), float("nan")]

    found = audited(failing, problems, some=1)
    assert found.lost == found.answers
    assert found.false_negatives == 3
    assert found.flips == 0


def test_flips_are_counted(problems: Path):
    calls: list[int] = []

    def fickle(completions: Sequence[Any], **_: Any) -> list[float]:
        calls.append(1)
        return [float(len(calls) == 1)] * len(completions)

    found = audited(fickle, problems, some=1)
    assert found.flips == found.answers


def test_verls_form_is_asked_one_answer_at_a_time(problems: Path):
    def verl(data_source: str, solution_str: str, ground_truth: str, extra_info: dict[str, Any]) -> dict[str, float]:
        assert json.loads(ground_truth)["task_id"] == extra_info["task_id"]
        return {"score": float("own" in data_source or "return a + b" in solution_str), "judged": 1.0}

    found = audited(verl, problems, some=1)
    assert found.false_negatives == 3
    assert found.false_positives == 0


def test_functions_are_found_by_name(tmp_path: Path):
    assert load_function("wavebench.rewards:compute_score") is compute_score
    file = tmp_path / "mine.py"
    file.write_text("class Reward:\n    def __call__(self, completions, **columns):\n        return [7.0]\n")
    assert load_function(f"{file}:Reward")(["x"]) == [7.0]
    for name, text in {
        "raises": "1 / 0",
        "torn": "def (",
        "ends": "raise SystemExit(3)",
        "needy": "class f:\n    def __init__(self, model): ...",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    for spec, sentence in {
        "wavebench.rewards": "names no function",
        "no.such.module:f": "cannot be imported",
        "wavebench.rewards:nothing": "has no 'nothing'",
        f"{tmp_path}/none.py:f": "cannot be imported",
        "wavebench.rewards:__doc__": "is no function",
        f"{tmp_path}/raises.py:f": "raises.py' cannot be imported: it raises ZeroDivisionError: division by zero",
        f"{tmp_path}/torn.py:f": "torn.py' cannot be imported: it raises .*SyntaxError: invalid syntax",
        f"{tmp_path}/ends.py:f": "ends.py' cannot be imported: it raises SystemExit: 3",
        f"{tmp_path}/needy.py:f": "cannot be made without arguments: it raises TypeError: .*'model'",
    }.items():
        with pytest.raises(RewardError, match=sentence):
            load_function(spec)
    with pytest.raises(RewardError, match="needs completions"):
        asked_as_a_trainer_does(lambda text: 1.0, None)  # type: ignore[arg-type]  # noqa: ARG005


def test_the_command_prints_counts_and_json(problems: Path, tmp_path: Path):
    app = typer.Typer()
    app.command()(reward_audit)
    generous = tmp_path / "generous.py"
    generous.write_text("def score(completions, **columns):\n    return [1.0] * len(completions)\n")
    words = [f"{generous}:score", "--data", str(problems), "--problems", "1", "--busy", "0"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "false positives  21  of 5 wrong answers, 16 forgeries" in done.output
    done = CliRunner().invoke(app, [*words, "--json"])
    told = json.loads(done.stdout)
    assert (told["false_positives"], told["false_negatives"], told["flips"], told["lost"]) == (21, 0, 0, 0)
    done = CliRunner().invoke(app, ["nothing"])
    assert done.exit_code == 1
    assert "names no function" in done.output


def test_the_sandboxs_own_forgeries_earn_nothing():
    """All of tests/sandbox/hostile/forgeries, as rows with assertions and a function."""
    attacks = read_attacks("forgeries")
    assert len(attacks) > 40
    tests = [[line.replace("candidate", "f") for line in attack.tests] for attack in attacks]
    answers = [attack.problem["prompt"] + attack.completion for attack in attacks]
    found = CodeReward(form="program", workers=2)(answers, tests=tests, fn_name=["f"] * len(answers))
    assert {attack.name: value for attack, value in zip(attacks, found, strict=True) if value} == {}


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("def f(completions, answer): ...", "The function raised 2 times: TypeError: f() got an unexpected keyword"),
        ("def f(solution_str, **_): return {'acc': 1}", "The function raised 50 times: KeyError: 'score'"),
    ],
)
def test_a_function_that_raises_is_told_why_all_is_lost(problems: Path, tmp_path: Path, function: str, said: str):
    app = typer.Typer()
    app.command()(reward_audit)
    file = tmp_path / "mine.py"
    file.write_text(function)
    words = [f"{file}:f", "--data", str(problems), "--problems", "1", "--busy", "0", "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert said in done.stderr
    assert json.loads(done.stdout)["lost"] == 25


@pytest.mark.skipif(not RELAYS.is_dir(), reason="needs the attacks beside the checkout")
def test_answers_that_tell_each_other_their_tests_earn_nothing():
    for file in ("relay_pair.jsonl", "relay_cache.jsonl"):
        rows = [json.loads(line) for line in (RELAYS / file).read_text().splitlines()][:8]
        reward = CodeReward("humaneval", form="continuation", workers=2)
        found = reward([row["completion"] for row in rows], task_id=[row["task_id"] for row in rows])
        assert [value for value in found if value] == []
