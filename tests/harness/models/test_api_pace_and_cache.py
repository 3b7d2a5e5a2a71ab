"""How a full server is met, and what a repeated run costs."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.cli.verbosity import set_verbosity
from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.api.pace import Pace
from harness.models.api.providers import provider_of
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from tasks.prompt import Message, Prompt
from tests.harness.models.faulty_server import Fault, FaultyServer, always


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789")
    (tmp_path / "prices.toml").write_text('[[price]]\nmodel = "tiny"\nprompt = 1e6\ncompletion = 2e6\n')


def ask(server: FaultyServer, requests: list[Request], temperature: float = 0.0, **options: Any) -> list[Completion]:
    settings: dict[str, Any] = {"concurrency": 16, "backoff_seconds": 0.01, "retry_seconds": 60.0} | options
    model = open_model("api:tiny", ModelOptions(base_url=server.url, **settings))
    answers = list(model.answer(requests, Sampling(temperature=temperature)))
    assert sorted((it.task_id, it.sample) for it in answers) == sorted((it.task_id, it.sample) for it in requests)
    return answers


def chats(count: int, sample: int = 0) -> list[Request]:
    return [
        Request(f"t{n}", sample, 0, Prompt(messages=(Message("user", f"solve {n}"),)), seed=n) for n in range(count)
    ]


def test_a_server_that_bears_three_at_once_is_soon_asked_no_more():
    with FaultyServer(lambda _number, _body: Fault.SLOW, most_at_once=3) as server:
        ask(server, chats(150))
        assert len(server.bodies) - server.refused == 150
        assert server.refused < 150, "two thirds and more would be refused at sixteen at once"


def test_half_as_many_when_the_server_is_full_one_more_after_a_round():
    async def story() -> list[int]:
        pace = Pace(8)
        async with pace.turn() as sent:
            pass
        limits = [pace.limit]
        pace.is_full(sent, 0.0)
        pace.is_full(sent, 0.0)  # of the same round
        limits.append(pace.limit)
        for _ in range(5):
            pace.answered()
        limits.append(pace.limit)
        for _ in range(1000):
            pace.answered()
        limits.append(pace.limit)
        for _ in range(10):
            async with pace.turn() as sent:
                pace.is_full(sent, 0.0)
        return [*limits, pace.limit]

    assert asyncio.run(story()) == [8, 4, 5, 8, 1]


def test_a_repeated_run_asks_nothing_and_costs_nothing(tmp_path: Path):
    prices = str(tmp_path / "prices.toml")
    with FaultyServer() as server:
        first = ask(server, chats(20), answer_cache="on", prices=prices)
        again = ask(server, chats(20), answer_cache="on", prices=prices)
        assert len(server.bodies) == 20
    assert [it.cost for it in first] == [7 + 2 * 4] * 20
    assert [it.cost for it in again] == [0.0] * 20
    assert {it.task_id: it.completion for it in first} == {it.task_id: it.completion for it in again}


def test_whatever_decides_an_answer_is_part_of_its_key():
    with FaultyServer() as server, FaultyServer() as other:
        for asked in range(1, 4):
            for number, (requests, temperature) in enumerate(
                [(chats(1), 0.0), (chats(1, sample=1), 0.0), (chats(1), 0.5)]
            ):
                ask(server, requests, temperature, answer_cache="on")
                assert len(server.bodies) == (number + 1 if asked == 1 else 3)
        ask(other, chats(1), answer_cache="on")
        assert len(other.bodies) == 1


def test_answers_of_an_own_server_are_kept_only_when_asked_for():
    with FaultyServer() as server:
        ask(server, chats(1))
        ask(server, chats(1))
        assert len(server.bodies) == 2, "the weights behind a local name may be others tomorrow"


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.openai.com/v1", "OpenAI"),
        ("https://openrouter.ai/api/v1", "OpenRouter"),
        ("https://mine.openai.azure.com/openai/v1", "OpenAI"),
        # Own servers, however public their names look: other weights may stand behind them tomorrow.
        ("https://models.example.com/v1", None),
        ("http://gpu7.lab.edu:8000/v1", None),
        ("http://node1.cluster/v1", None),
        ("http://box.tail1234.ts.net/v1", None),
        ("http://8.8.8.8/v1", None),
        ("http://127.0.0.1:8000/v1", None),
        ("http://api.openai.com.lab.edu/v1", None),
    ],
)
def test_only_known_providers_answers_are_kept_unasked(url: str, provider: str | None):
    found = provider_of(url)
    assert (found.name if found else None) == provider
    model = open_model("api:tiny", ModelOptions(base_url=url))
    assert model.facts()["answers kept"] == ("yes" if provider else "no")


def test_how_many_answers_were_kept_from_before_is_said(caplog: pytest.LogCaptureFixture):
    with FaultyServer() as server:
        ask(server, chats(1), answer_cache="on")
        options = ModelOptions(base_url=server.url, answer_cache="on")
        model = open_model("api:tiny", options)
        list(model.answer(chats(3), Sampling()))
    assert "1 of 3 answers were kept from before" in caplog.text
    assert model.facts()["answers kept from before"] == "1"


def test_an_empty_answer_is_not_kept_and_a_refusal_is():
    with FaultyServer(always(Fault.EMPTY)) as server:
        for _ in range(2):
            ask(server, chats(1), answer_cache="on")
        assert len(server.bodies) == 2
        server.plan = always(Fault.REFUSAL)
        reasons = [ask(server, chats(1), answer_cache="on")[0].finish_reason for _ in range(2)]
        assert (reasons, len(server.bodies)) == (["refusal", "refusal"], 3)


def test_the_key_may_come_from_another_variable_but_never_from_a_setting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTHER_KEY", "other-secret")
    with FaultyServer() as server:
        ask(server, chats(1), key_variable="OTHER_KEY")
    assert server.keys == ["Bearer other-secret"]
    with pytest.raises(ModelError, match="not the name of an environment variable") as caught:
        open_model("api:tiny", ModelOptions(base_url="http://x/v1", key_variable="sk-secret-0123456789"))
    assert "sk-secret" not in str(caught.value)


def test_several_servers_of_one_model_share_the_work():
    with (
        FaultyServer(lambda _number, _body: Fault.SLOW) as one,
        FaultyServer(lambda _number, _body: Fault.SLOW) as other,
    ):
        urls = f"{one.url}, {other.url}"
        model = open_model("api:tiny", ModelOptions(base_url=urls, concurrency=4, backoff_seconds=0.01))
        answers = list(model.answer(chats(60), Sampling()))
        assert sorted(it.task_id for it in answers) == sorted(it.task_id for it in chats(60))
        assert len(one.bodies) + len(other.bodies) == 60
        assert min(len(one.bodies), len(other.bodies)) > 10
        assert max(one.most_at_once, other.most_at_once) <= 5
        assert model.facts()["base_url"] == f"{one.url},{other.url}"


def test_a_lost_server_loses_nothing_while_another_is_left(capsys: pytest.CaptureFixture[str]):
    set_verbosity(0, quiet=False)  # as the command does: without it, who listens to the logger decides what is printed
    options: dict[str, Any] = {"concurrency": 4, "backoff_seconds": 0.01, "retry_seconds": 0.2}
    with FaultyServer(always(Fault.DROPPED)) as lost, FaultyServer() as left:
        model = open_model("api:tiny", ModelOptions(base_url=f"{lost.url},{left.url}", **options))
        answers = list(model.answer(chats(40), Sampling()))
        assert sorted(it.task_id for it in answers) == sorted(it.task_id for it in chats(40))
        assert 1 <= capsys.readouterr().err.count("The other servers go on.") <= 4
        left.plan = always(Fault.DROPPED)
        with pytest.raises(ModelError, match="gave no whole answer"):
            list(model.answer(chats(8), Sampling()))
