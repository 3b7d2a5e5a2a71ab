import logging
import random
import socket
import time
from collections import Counter
from collections.abc import Iterable
from email.utils import formatdate

import pytest

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.api.request import without_login
from harness.models.api.retry import retry_after_seconds
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from tasks.prompt import Message, Prompt
from tests.harness.models.faulty_server import Fault, FaultyServer, always, at_first

KEY = "sk-secret-0123456789"
PASSING_FAULTS = [
    Fault.RATE_LIMITED,
    Fault.BROKEN,
    Fault.TRUNCATED,
    Fault.CUT_OFF,
    Fault.DROPPED,
    Fault.SLOW,
    Fault.HTML,
]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def quick(server: FaultyServer, **changes: float) -> ModelOptions:
    settings = {"concurrency": 8, "request_seconds": 20.0, "retry_seconds": 60.0, "backoff_seconds": 0.01} | changes
    return ModelOptions(base_url=server.url, **settings)  # pyright: ignore[reportArgumentType] - numbers all


def chat(task_id: str, sample: int = 0, **fields: str) -> Request:
    prompt = Prompt(messages=(Message("user", f"solve {task_id}"),), stop=("\ndef", "\nclass"), **fields)  # pyright: ignore[reportArgumentType] - text fields only
    return Request(task_id, sample, 0, prompt, seed=2**40 + 5)


def ask(server: FaultyServer, requests: Iterable[Request], **changes: float) -> list[Completion]:
    return list(open_model("api:tiny", quick(server, **changes)).answer(requests, Sampling()))


def test_chat_and_text_prompts_go_to_their_end_points():
    with FaultyServer() as server:
        text = Request("b", 1, 0, Prompt(text="def f():"), seed=3)
        answers = {answer.task_id: answer for answer in ask(server, [chat("a"), text])}
    assert answers["a"].completion == "answer to solve a"
    assert answers["b"].completion == "answer to def f():"
    assert (answers["b"].sample, answers["b"].prompt_sha256) == (1, text.prompt.sha256)
    assert (answers["b"].prompt_tokens, answers["b"].completion_tokens, answers["b"].finish_reason) == (7, 4, "stop")
    assert set(server.paths) == {"/v1/chat/completions", "/v1/completions"}


def test_sampling_seed_stop_and_prefill_are_sent():
    sampling = Sampling(temperature=0.7, top_p=0.9, top_k=40, max_tokens=99)
    with FaultyServer() as server:
        list(open_model("api:tiny", quick(server)).answer([chat("a", prefill="```python\n")], sampling))
    (body,) = server.bodies
    assert body.pop("messages")[1:] == [{"role": "assistant", "content": "```python\n"}]
    assert body == {
        "model": "tiny",
        "temperature": 0.7,
        "top_p": 0.9,
        "top_k": 40,
        "max_tokens": 99,
        "seed": 5,
        "stop": ["\ndef", "\nclass"],
        "continue_final_message": True,
        "add_generation_prompt": False,
        # What changes nothing, so that the server fills in nothing of a checkpoint's own.
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
    }


def test_no_more_stop_strings_are_sent_than_servers_take():
    many = Request("a", 0, 0, Prompt(text="def f():", stop=tuple(f"stop{n}" for n in range(9))), seed=3)
    with FaultyServer() as server:
        ask(server, [many])
        ask(server, [many], most_stops=16)
        ask(server, [many], most_stops=0)
    assert [len(body.get("stop", ())) for body in server.bodies] == [4, 9, 0]


@pytest.mark.parametrize("fault", PASSING_FAULTS)
def test_a_fault_that_passes_costs_a_second_try_and_no_answer(fault: Fault):
    with FaultyServer(at_first(fault)) as server:
        (answer,) = ask(server, [chat("a")])
    assert answer.completion == "answer to solve a"
    assert len(server.bodies) == (1 if fault == Fault.SLOW else 2)


def test_a_hanging_request_is_sent_again():
    with FaultyServer(at_first(Fault.HANGS)) as server:
        (answer,) = ask(server, [chat("a")], request_seconds=0.5)
    assert answer.completion == "answer to solve a"


def test_a_body_that_drips_longer_than_a_request_may_take_is_sent_again():
    with FaultyServer(at_first(Fault.SLOW)) as server:
        (answer,) = ask(server, [chat("a" * 20_000)], request_seconds=0.5)  # 600 pieces, 5 ms each
    assert answer.completion.startswith("answer to solve a")
    assert len(server.bodies) == 2


def test_a_storm_of_every_fault_loses_and_doubles_nothing():
    uniforms = random.Random(7)
    faults = [*PASSING_FAULTS, Fault.HANGS]

    def plan(number: int, _: object) -> Fault:
        return uniforms.choice(faults) if number % 2 else Fault.NONE

    api_requests = [chat(f"task {number}", sample) for number in range(40) for sample in (0, 1)]
    with FaultyServer(plan) as server:
        answers = ask(server, api_requests, request_seconds=1.0)
        assert server.most_at_once <= 8
    assert Counter((answer.task_id, answer.sample) for answer in answers) == Counter(
        (api_request.task_id, api_request.sample) for api_request in api_requests
    )
    assert all(answer.completion == f"answer to solve {answer.task_id}" for answer in answers)


def test_waits_as_long_as_retry_after_says():
    with FaultyServer(at_first(Fault.RATE_LIMITED), {"retry-after": "1"}) as server:
        ask(server, [chat("a")])
    first, second = server.arrivals
    assert second - first >= 1.0


def test_retry_after_may_be_seconds_milliseconds_or_a_date():
    assert retry_after_seconds({"retry-after": "2.5"}) == 2.5
    assert retry_after_seconds({"retry-after-ms": "40", "retry-after": "9"}) == 0.04
    assert 7 < retry_after_seconds({"retry-after": formatdate(time.time() + 10, usegmt=True)}) <= 10
    assert retry_after_seconds({"retry-after": "soon"}) == retry_after_seconds({}) == 0


@pytest.mark.parametrize(
    ("fault", "finish_reason", "text"),
    [
        (Fault.EMPTY, "empty", ""),
        (Fault.REFUSAL, "refusal", "I cannot help with that."),
        (Fault.FILTERED, "refusal", ""),
        (Fault.TOO_LONG, "length", "answer to solve a"),
    ],
)
def test_what_is_no_good_answer_is_recorded_as_such(fault: Fault, finish_reason: str, text: str):
    with FaultyServer(always(fault)) as server:
        (answer,) = ask(server, [chat("a")])
    assert (answer.finish_reason, answer.completion) == (finish_reason, text)
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        (Fault.REFUSES_KEY, "put a valid one into OPENAI_API_KEY"),
        (Fault.UNKNOWN_MODEL, "does not know 'tiny' for 'bad'"),
        (Fault.NO_QUOTA, "no money left"),
    ],
)
def test_a_fault_that_stays_ends_at_once_and_keeps_what_is_under_way(fault: Fault, remedy: str):
    def plan(_: int, body: dict[str, object]) -> Fault:
        return fault if "bad" in str(body) else Fault.SLOW

    api_requests = (chat(task_id) for task_id in ["a", "bad", "c", *map(str, range(1000))])
    good: list[Completion] = []
    with FaultyServer(plan) as server:
        answers = open_model("api:tiny", quick(server, concurrency=3)).answer(api_requests, Sampling())
        with pytest.raises(ModelError, match=remedy) as caught:
            good.extend(answers)
    assert {"a", "c"} <= {answer.task_id for answer in good}
    assert len(server.bodies) == len(good) + 1 < 10
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_storm_without_end_is_one_sentence_when_the_budget_is_spent():
    with FaultyServer(always(Fault.RATE_LIMITED)) as server, pytest.raises(ModelError) as caught:
        ask(server, [chat("a")], retry_seconds=0.3)
    assert "still fails 'tiny' for 'a' after" in str(caught.value)
    assert "429, slow down" in str(caught.value)


def test_a_retry_after_beyond_the_budget_is_not_waited_for():
    with FaultyServer(always(Fault.RATE_LIMITED), {"retry-after": "3600"}) as server, pytest.raises(ModelError):
        ask(server, [chat("a")])
    assert len(server.bodies) == 1


def test_a_server_that_only_drops_connections_is_named_too():
    with (
        FaultyServer(always(Fault.DROPPED)) as server,
        pytest.raises(ModelError, match="gave no whole answer to 'tiny'"),
    ):
        ask(server, [chat("a")], retry_seconds=0.2)


def test_an_unreachable_server_is_named_with_the_remedy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody answers and nobody else can
        options = ModelOptions(
            base_url=f"http://user:{KEY}@127.0.0.1:{taken.getsockname()[1]}/v1", retry_seconds=0.3, backoff_seconds=0.01
        )
        with pytest.raises(ModelError, match=r"http://127\.0\.0\.1:\d+/v1' cannot be reached .* fix --base-url"):
            list(open_model("api:tiny", options).answer([chat("a")], Sampling()))


def test_requests_are_drawn_as_they_are_needed():
    drawn = 0

    def endless():
        nonlocal drawn
        while True:
            drawn += 1
            yield chat(str(drawn))

    with FaultyServer() as server:
        answers = open_model("api:tiny", quick(server, concurrency=4)).answer(endless(), Sampling())
        for _ in range(10):
            next(answers)
        assert drawn <= 14
        del answers


def test_the_key_is_sent_and_shown_nowhere(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with FaultyServer(at_first(Fault.RATE_LIMITED)) as server:
        model = open_model("api:tiny", quick(server))
        list(model.answer([chat("a")], Sampling()))
    assert server.keys == [f"Bearer {KEY}"] * 2
    assert KEY not in caplog.text + repr(model.facts()) + repr(model) + model.name


def test_a_local_server_needs_no_key_but_openai_does(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with FaultyServer() as server:
        assert len(ask(server, [chat("a")])) == 1
    with pytest.raises(ModelError, match="set OPENAI_API_KEY"):
        open_model("api:gpt", ModelOptions())


def test_facts_hold_no_login():
    assert without_login("https://me:word@host:8000/v1?key=secret") == "https://host:8000/v1"
