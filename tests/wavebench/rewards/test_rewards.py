"""Rewards in the trainers' shapes, by real programs in the real sandbox."""

import asyncio
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wavebench
from tasks.verdict import Verdict
from tests.sandbox.processes import descendants, killing
from tests.trainer_packages import TRAINERS, needs
from wavebench.rewards import CodeReward, RewardError, UnjudgedError, close_warm_sandboxes, training_prompts
from wavebench.rewards.grade import Grade
from wavebench.rewards.scale import reward_scale

ADD, DOUBLE = "own/0", "own/1"
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
FORGED = "class Same(int):\n    def __eq__(self, other):\n        return True\ndef add(a, b):\n    return Same(7)\n"
EXITS = "def add(a, b):\n    import os\n    os._exit(0)\n"


@pytest.fixture(scope="module", autouse=True)
def closed_in_the_end() -> Iterator[None]:
    yield
    close_warm_sandboxes()


@pytest.fixture
def reward(problems: Path) -> CodeReward:
    return CodeReward("humaneval", data=problems, workers=2)


def test_only_a_confirmed_pass_is_paid(reward: CodeReward):
    answers = [RIGHT, WRONG, FORGED, EXITS, "", "def add(a, b:\n"]
    assert reward(answers, task_id=[ADD] * 6) == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_trl_calls_it_with_whatever_columns_the_data_has(reward: CodeReward):
    """As `GRPOTrainer._calculate_rewards` of TRL 1.16 does; a chat's last message is the answer."""
    metrics: dict[str, float] = {}
    extra: dict[str, list[str]] = {}
    fenced = [[{"role": "assistant", "content": f"So:\n```python\n{code}```"}] for code in (RIGHT, FORGED)]
    found = reward(
        prompts=[[{"role": "user", "content": "Add."}]] * 2,
        completions=fenced,
        completion_ids=[[1, 2], [3]],
        task_id=[ADD, ADD],
        difficulty=[1, 2],
        trainer_state=object(),
        log_extra=extra.__setitem__,
        log_metric=metrics.__setitem__,
    )
    assert found == [1.0, 0.0]
    assert extra == {"verdict": ["passed", "forged"]}
    assert metrics == {"not_judged": 0.0, "forged": 0.5}
    assert reward.__name__ == "code_reward_passed"
    assert not inspect.iscoroutinefunction(reward)
    assert inspect.iscoroutinefunction(reward.score)


def test_many_calls_at_once_share_one_pool(reward: CodeReward):
    async def all_at_once() -> list[list[float | None]]:
        answers = [RIGHT if n % 3 else WRONG for n in range(40)]
        return await asyncio.gather(*(reward.score([answer], task_id=[ADD]) for answer in answers))

    assert asyncio.run(all_at_once()) == [[1.0 if n % 3 else 0.0] for n in range(40)]


def test_killed_servers_never_cost_a_right_answer(reward: CodeReward):
    close_warm_sandboxes()
    before = descendants(os.getpid())
    assert reward([RIGHT], task_id=[ADD]) == [1.0]  # opens a sandbox that is this test's own
    with killing(lambda: descendants(os.getpid()) - before, every_seconds=0.05):
        found = [value for _ in range(4) for value in reward([RIGHT] * 8, task_id=[ADD] * 8)]
    assert set(found) <= {1.0, None}
    assert reward([RIGHT, WRONG], task_id=[ADD, ADD]) == [1.0, 0.0]


def test_shares_of_the_tests(problems: Path):
    reward = CodeReward("humaneval", "share", data=problems, workers=2)
    half = "def add(a, b):\n    return a + b if (a, b) == (1, 2) else 5\n"
    found = reward([RIGHT, half, FORGED, "", WRONG], task_id=[ADD] * 5)
    assert found[0] == 1.0
    assert found[2:4] == [0.0, 0.0]
    assert found[1] == 0.5
    assert found[4] == 0.0


def test_shapes_pay_by_verdict(problems: Path):
    reward = CodeReward("humaneval", "shaped", shape={"wrong": 0.3}, data=problems, workers=2)
    raises = "def add(a, b):\n    return 1 / 0\n"
    answers = [RIGHT, WRONG, raises, FORGED, "def add(a, b:\n"]
    assert reward(answers, task_id=[ADD] * 5) == [1.0, 0.3, 0.1, 0.0, 0.05]


def test_what_cannot_be_judged_is_none_whatever_the_scale():
    lost = Grade(Verdict.NOT_JUDGED, "a wall failed")
    tester = Grade(Verdict.PASSED, "unconfirmed: apart from its tests: its server died, 2 times")
    for kind in ("passed", "share", "shaped"):
        assert reward_scale(kind).reward(lost) is None
        assert reward_scale(kind).reward(tester) is None
    unconfirmed = Grade(Verdict.PASSED, "unconfirmed: no plain value")
    assert reward_scale("passed").reward(unconfirmed) == 0.0
    assert reward_scale("passed", unconfirmed=None).reward(unconfirmed) is None
    assert reward_scale("passed", unconfirmed=0.5).reward(unconfirmed) == 0.5
    hopeless = Grade(Verdict.PASSED, "unconfirmed: no plain value", confirmable=False)
    assert reward_scale("passed").reward(hopeless) is None


def test_verl_gets_a_score_with_its_reasons(reward: CodeReward):
    truth = json.dumps({"task": "humaneval", "task_id": ADD})
    found = reward.compute_score("wavebench/humaneval", RIGHT, truth, {"index": 0}, num_turns=1)
    assert (found["score"], found["acc"], found["judged"], found["verdict"]) == (1.0, 1.0, 1.0, "passed")
    assert reward.compute_score("x", FORGED, truth)["score"] == 0.0
    # The form of verl's own code rows.
    cases = json.dumps({"inputs": ["2\n", "3\n"], "outputs": ["4\n", "9\n"]})
    assert reward.compute_score("taco", "```python\nprint(int(input()) ** 2)\n```", cases)["score"] == 1.0
    assert reward.compute_score("taco", "```python\nprint(4)\n```", cases)["score"] == 0.0


def test_a_rollout_that_cannot_be_judged_is_an_error_and_not_zero(reward: CodeReward, monkeypatch: pytest.MonkeyPatch):
    assert asyncio.run(reward.rollout_reward(RIGHT, {"task_id": ADD})) == 1.0
    monkeypatch.setattr(reward, "grade", lambda *_: [Grade(Verdict.NOT_JUDGED, "a wall failed")])
    with pytest.raises(UnjudgedError, match="a wall failed"):
        asyncio.run(reward.rollout_reward(RIGHT, {"task_id": ADD}))
    with pytest.raises(UnjudgedError):
        reward.compute_score("x", RIGHT, ADD, on_unjudged="raise")
    assert reward.compute_score("x", RIGHT, ADD)["judged"] == 0.0


VERIFIERS = """
import asyncio, sys
from types import ModuleType
sys.path.append(sys.argv[1])
for name in ("verifiers", "verifiers.v1"):
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__path__ = [f"{sys.argv[1]}/{name.replace('.', '/')}"]
from verifiers.v1.errors import RolloutError, SandboxError
sys.modules["verifiers.v1"].SandboxError = SandboxError  # as the package itself exports it
from tasks.verdict import Verdict
from wavebench.rewards import CodeReward, Grade
class Failing(CodeReward):
    def grade(self, answers, rows):
        return [Grade(Verdict.NOT_JUDGED, "a wall failed")]
try:
    asyncio.run(Failing().rollout_reward("x", {"task_id": "y"}))
except RolloutError as error:
    print(type(error).__name__, error)
"""


@needs("verifiers")
def test_verifiers_own_error_ends_a_rollout_that_cannot_be_judged():
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    words = [sys.executable, "-c", VERIFIERS, str(TRAINERS)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, env=environment)
    assert done.stdout == "SandboxError the answer could not be judged: a wall failed\n", done.stderr


def test_a_forked_process_opens_a_pool_of_its_own(reward: CodeReward):
    assert reward([RIGHT], task_id=[ADD]) == [1.0]
    child = os.fork()
    if child == 0:
        found = reward([RIGHT, WRONG], task_id=[ADD, ADD])
        close_warm_sandboxes()
        os._exit(0 if found == [1.0, 0.0] else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert reward([WRONG], task_id=[ADD]) == [0.0]


def test_a_row_may_name_the_file_of_its_problems_unless_rows_come_from_strangers(problems: Path):
    columns = {"task": ["humaneval"] * 2, "data": [str(problems)] * 2, "task_id": [ADD] * 2}
    assert CodeReward(workers=2)([RIGHT, WRONG], **columns) == [1.0, 0.0]
    truth = json.dumps({"task": "humaneval", "data": str(problems), "task_id": ADD})
    assert CodeReward(workers=2).compute_score("own", RIGHT, truth)["score"] == 1.0
    with pytest.raises(RewardError, match=r"row 0 names the file '.*': rows that name files are not taken here"):
        CodeReward(workers=2, data_in_rows=False)([RIGHT, WRONG], **columns)


def test_prompts_name_the_problem_in_each_trainers_form(problems: Path):
    [row, *_] = training_prompts("humaneval", data=problems)
    assert set(row) == {"prompt", "task", "task_id"}
    assert row["task_id"] == ADD
    assert row["prompt"][-1]["role"] == "user"
    [row, *_] = training_prompts("humaneval", "verl", data=problems)
    assert json.loads(row["reward_model"]["ground_truth"]) == {"task": "humaneval", "task_id": ADD}
    assert row["extra_info"]["index"] == 0
    [row, *_] = training_prompts("humaneval", "verifiers", data=problems)
    assert (row["name"], row["task_id"]) == (ADD, ADD)
    with pytest.raises(RewardError, match="cannot be scored on it"):
        training_prompts("humaneval")
    with pytest.raises(RewardError, match="unknown trainer 'ppo'"):
        training_prompts("humaneval", "ppo", data=problems)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"scale": "binary"}, "unknown scale 'binary': take one of passed, share, shaped"),
        ({"scale": "shaped", "shape": {"wrong": 1.0}}, "pay less"),
        ({"scale": "shaped", "shape": {"late": 1.0}}, "'late', which is no verdict"),
        ({"tier": "walls"}, "tier"),
        ({"cpu_seconds": -1.0}, "cpu_seconds"),
    ],
)
def test_settings_that_cannot_be_are_one_sentence(problems: Path, settings: dict[str, Any], sentence: str):
    with pytest.raises(wavebench.WavebenchError, match=sentence):
        CodeReward("humaneval", data=problems, **settings)


def test_rows_that_cannot_be_are_one_sentence(reward: CodeReward):
    with pytest.raises(RewardError, match="row 0 has neither a task_id nor checks of its own"):
        reward([RIGHT], prompts=["Add."])
    with pytest.raises(wavebench.WavebenchError, match="has no problem 'own/9'"):
        reward([RIGHT], task_id=["own/9"])


def test_a_task_whose_passes_nothing_confirms_says_so():
    """Instead of paying nothing, or for forgeries."""
    from tests.wavebench.small_task import Greetings

    with pytest.raises(RewardError, match=r"passes of 'greetings' cannot be confirmed.*unconfirmed=1.0"):
        CodeReward(Greetings())(["x"], task_id=["greet/0"])
    greet = "def greet(name):\n    return 'Hi ' + name\n"
    assert CodeReward(Greetings(), unconfirmed=1.0, workers=2)([greet], task_id=["greet/0"]) == [1.0]
