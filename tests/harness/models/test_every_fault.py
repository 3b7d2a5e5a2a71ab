"""However a server fails, a run ends with the model's own answers, counted losses or one sentence."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from harness.completion import Completion, Loss
from harness.generation.generate import generate
from harness.generation.spending import read_spending
from harness.model import ModelError, Request, Sampling
from harness.models.api.providers import providers
from harness.models.options import ModelOptions, RequestOptions
from harness.models.registry import open_model
from harness.runs.config import RunConfig
from harness.runs.run import open_run, reopen_run
from harness.scoring.answer_counts import count_answers
from tasks.prompt import Message, Prompt
from tests.harness.models.faulty_server import CONTEXT, THOUGHT, Fault, FaultyServer, always, never

KEY = "sk-secret-0123456789"
LOSSES = {
    Fault.EMPTY: Loss.EMPTY,
    Fault.NO_CONTENT: Loss.EMPTY,
    Fault.REFUSAL: Loss.REFUSED,
    Fault.FILTERED: Loss.REFUSED,
    Fault.TOO_LONG: Loss.CUT,
    Fault.THINKING_ONLY: Loss.THINKING_ONLY,
    Fault.THINKS_BY_OWN_SETTINGS: Loss.THINKING_ONLY,
    Fault.BLANK: Loss.EMPTY,
    Fault.TOOL_CALL: Loss.EMPTY,
    Fault.REFUSAL_PART: Loss.REFUSED,
    Fault.SAFETY: Loss.REFUSED,
    Fault.OTHER_CUT: Loss.CUT,
    Fault.REASONING_DETAILS: Loss.THINKING_ONLY,
    Fault.BEYOND_CONTEXT: Loss.BEYOND_CONTEXT,
    Fault.NO_ROOM: Loss.BEYOND_CONTEXT,
}
"""Answers that came, but are not what the model would have said."""
SENTENCES = {
    Fault.RATE_LIMITED: "still fails .*429, slow down",
    Fault.BROKEN: "still fails .*500, out of order",
    Fault.OVERLOADED: "still fails .*503, overloaded",
    Fault.SITE_OVERLOADED: "still fails .*529, overloaded",
    Fault.BAD_GATEWAY: "still fails .*502",
    Fault.GATEWAY_TIMEOUT: "still fails .*504",
    Fault.HANGS: r"no whole reply within request_seconds = 0\.3",
    Fault.TRUNCATED: "a reply that is no whole JSON",
    Fault.NO_BODY: "a reply that is no whole JSON",
    Fault.CUT_OFF: "the connection broke",
    Fault.DROPPED: "the connection broke",
    Fault.TOO_SHORT: "the connection broke",
    Fault.BAD_GZIP: "the connection broke",
    Fault.HTML: "it sent no JSON .*please log in",
    Fault.NUMBER: "there is no answer in",
    Fault.NO_CHOICES: "there is no answer in",
    Fault.ERROR_IN_200: "an error with status 200 .*the worker died",
    Fault.EVENT_STREAM: "an event stream",
    Fault.NOT_UTF8: "not UTF-8",
    Fault.DEEP: "no whole JSON|nested too deeply",
    Fault.REDIRECTS: "redirects",
    Fault.REFUSES_KEY: "put a valid one into OPENAI_API_KEY",
    Fault.FORBIDDEN: "refuses the key .*may not use",
    Fault.UNKNOWN_MODEL: "fix the model's name",
    Fault.NO_QUOTA: "no money left",
    Fault.ABORTED: "broke the answer off .*abort",
    Fault.CHOICE_ERROR: "broke the answer off .*the provider is down",
    Fault.HUGE_NUMBER: "JSON that cannot be read",
    Fault.CHUNKS_CUT: "the connection broke",
    Fault.CUT_GZIP: "no whole JSON",
    Fault.AWAY: "cannot be reached",
    Fault.DRIPS: r"no whole reply within request_seconds = 0\.3",
    Fault.NO_SUCH_PAUSE: "asks to come back in 31,622,400 s, at .* UTC",
    Fault.OTHER_REFUSAL: "Invalid 'temperature'.*fix what it names",
}
"""What a run ends with where the fault stays."""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def config(server: FaultyServer, data: Path, **changes: Any) -> RunConfig:
    quick = {"retry_seconds": 0.15, "backoff_seconds": 0.02, "concurrency": 2, "limit": 2}
    asked = {"model": "api:tiny", "task": "humaneval", "style": "chat", "data": str(data / "problems.jsonl")}
    return RunConfig(**{**asked, **quick, "base_url": server.url, **changes})


def ask(server: FaultyServer, request: RequestOptions | None = None, **sampling: Any) -> tuple[Completion, Any]:
    """The answer to one question, and the model's facts afterwards."""
    model = open_model("api:tiny", ModelOptions(base_url=server.url, backoff_seconds=0.01, request=request))
    prompt = Prompt(messages=(Message("user", "solve a"),))
    (answer,) = model.answer([Request("a", 0, 0, prompt, seed=5)], Sampling(**sampling))
    return answer, model.facts()


def test_there_are_many_faults_and_each_has_an_end():
    assert len(Fault) >= 75
    assert not LOSSES.keys() & SENTENCES.keys()


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_no_fault_leaves_a_dead_folder_or_a_silent_score(tmp_path: Path, data: Path, fault: Fault):
    with FaultyServer(always(fault)) as server:
        # Nothing but a server that hangs is given up for the time that it takes.
        asked = config(server, data, request_seconds=0.3 if fault in (Fault.HANGS, Fault.DRIPS) else 60.0)
        with open_run(asked, tmp_path / "run") as run:
            if sentence := SENTENCES.get(fault):
                with pytest.raises(ModelError, match=sentence) as caught:
                    generate(run)
                assert "\n" not in str(caught.value)
                assert KEY not in str(caught.value)
            else:
                generate(run)
        # The folder can be read again, and the same run goes on once the server is well.
        server.plan = never
        patient = replace(asked, request_seconds=60.0, retry_seconds=60.0)
        with open_run(patient, tmp_path / "run") as run:
            generate(run)
            ids = {problem.task_id for problem in run.problems}
    with reopen_run(tmp_path / "run", {"data": str(data / "problems.jsonl")}) as run:
        assert len(list(run.folder.completions.samples())) == 2
        counts = count_answers(run.folder.completions.path, ids, {})
    assert counts
    loss = LOSSES.get(fault)
    assert (counts.total, counts.lost) == (2, 2 if loss else 0)
    assert loss is None or counts.count(loss) == 2


@pytest.mark.parametrize("fault", [Fault.PARTS, Fault.THINKING_PART, Fault.REASONING, Fault.REASONING_CONTENT])
def test_a_text_in_another_form_is_the_same_text(fault: Fault):
    with FaultyServer(always(fault)) as server:
        answer, _ = ask(server)
    assert (answer.completion, answer.finish_reason) == ("answer to solve a", "stop")
    assert answer.reasoning_content == (UNSET if fault is Fault.PARTS else THOUGHT)
    assert answer.reasoning_tokens == (12 if fault is Fault.REASONING_CONTENT else UNSET)


@pytest.mark.parametrize("fault", [Fault.NO_USAGE, Fault.NULL_USAGE])
def test_without_a_count_of_tokens_the_cost_is_unknown_and_not_zero(tmp_path: Path, data: Path, fault: Fault):
    prices = tmp_path / "prices.toml"
    prices.write_text('[[price]]\nmodel = "tiny"\nprompt = 1.0\ncompletion = 2.0\n')
    with (
        FaultyServer(always(fault)) as server,
        open_run(config(server, data, prices=str(prices)), tmp_path / "run") as run,
    ):
        generate(run)
        spent = read_spending(run.folder.completions.path)
    assert (spent.cost, spent.unpriced) == (None, 2)


def seed_is_gone(body: dict[str, Any]) -> bool:
    return "seed" not in body and "temperature" in body


REFUSED: dict[Fault, tuple[Callable[[dict[str, Any]], bool], str]] = {
    Fault.NO_SEED: (seed_is_gone, "seed"),
    Fault.NO_TEMPERATURE: (lambda body: "temperature" not in body, "temperature"),
    Fault.FIXED_TEMPERATURE: (lambda body: "temperature" not in body, "temperature"),
    Fault.DEPRECATED: (lambda body: "temperature" not in body, "temperature"),
    Fault.OTHER_LIMIT: (lambda body: body.get("max_completion_tokens") == 512 and "max_tokens" not in body, ""),
    Fault.NO_EXTRAS: (lambda body: "top_k" not in body and body["frequency_penalty"] == 0.0, "top_k"),
    Fault.STRICT: (lambda body: "top_k" not in body and "seed" in body, "top_k"),
}


@pytest.mark.parametrize("fault", REFUSED, ids=lambda fault: fault.name)
def test_a_refused_field_is_left_out_once_for_all_and_noted(fault: Fault, caplog: pytest.LogCaptureFixture):
    is_as_wanted, name = REFUSED[fault]
    with FaultyServer(always(fault)) as server:
        model = open_model("api:tiny", ModelOptions(base_url=server.url, concurrency=1))
        prompt = Prompt(messages=(Message("user", "solve a"),))
        answers = list(model.answer([Request("a", n, 0, prompt, seed=n) for n in range(5)], Sampling()))
    assert [answer.completion for answer in answers] == ["answer to solve a"] * 5
    assert [is_as_wanted(body) for body in server.bodies] == [False] + [True] * 5
    assert "the run goes on without, and the manifest says so" in caplog.text
    facts = model.facts()
    if name:
        assert name in facts["fields refused"]
        assert name not in facts["fields sent"]
    assert ("temperature" in facts["decoding left to the server"]) == (name == "temperature")


def test_a_prompt_that_leaves_little_room_is_answered_within_it():
    with FaultyServer(always(Fault.LITTLE_ROOM)) as server:
        answer, _ = ask(server)
    assert answer.completion == "answer to solve a"
    assert [body["max_tokens"] for body in server.bodies] == [512, CONTEXT - 7]


def test_the_manifest_says_what_was_sent_and_what_the_server_may_change(tmp_path: Path, data: Path):
    with FaultyServer(always(Fault.NO_EXTRAS)) as server, open_run(config(server, data), tmp_path / "run") as run:
        generate(run)
    model = json.loads((tmp_path / "run" / "manifest.json").read_text())["model"]
    assert model["fields sent"].startswith("frequency_penalty, max_tokens, model, presence_penalty, seed")
    assert model["decoding left to the server"] == "top_k, min_p, repetition_penalty"
    assert "Unexpected fields in the request" in model["fields refused"]


def test_the_configuration_leaves_out_renames_and_adds_fields_and_headers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TEAM", "secret-team")
    changes = RequestOptions(
        leave_out=("seed", "temperature"),
        rename={"max_tokens": "max_completion_tokens"},
        add={"reasoning_effort": "low", "chat_template_kwargs": {"enable_thinking": False}},
        headers={"x-team": "$TEAM"},
    )
    with FaultyServer() as server:
        ask(server, changes, max_tokens=99)
    (body,) = server.bodies
    assert not body.keys() & {"seed", "temperature", "max_tokens"}
    assert (body["max_completion_tokens"], body["reasoning_effort"]) == (99, "low")
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert server.headers[0]["x-team"] == "secret-team"


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [({"x-team": "$NO_SUCH"}, "which is not set"), ({"Authorization": "Bearer x"}, "would stand in config.toml")],
)
def test_a_header_that_cannot_be_sent_ends_before_the_first_request(headers: dict[str, str], sentence: str):
    with FaultyServer() as server, pytest.raises(ModelError, match=sentence):
        ask(server, RequestOptions(headers=headers))


def test_known_providers_get_the_fields_that_they_document():
    def sent(url: str, model: str, **prompt: Any) -> set[str]:
        opened: Any = open_model(f"api:{model}", ModelOptions(base_url=url))
        request = Request("a", 0, 0, Prompt(stop=("\nx",), **prompt), seed=5)
        fields = opened.api_request(request, Sampling()).fields
        return {*fields, *fields.get("extra_body", {})} - {"model", "messages", "prompt", "extra_body"}

    chat = {"messages": (Message("user", "x"),)}
    openai = "https://api.openai.com/v1"
    assert sent(openai, "gpt-4.1", **chat) == {"temperature", "seed", "stop", "max_completion_tokens"}
    assert sent(openai, "gpt-3.5-turbo-instruct", text="x") == {"temperature", "seed", "stop", "max_tokens"}
    assert sent(openai, "gpt-5-mini", **chat) == sent(openai, "o3", **chat) == {"seed", "max_completion_tokens"}
    assert sent(openai, "gpt-5-chat-latest", **chat) == sent(openai, "gpt-4.1", **chat)
    assert sent(openai, "gpt-6-sol", **chat) == {"seed", "max_completion_tokens"}
    assert sent(openai, "gpt-5.2", **chat) == sent(openai, "gpt-4.1", **chat), "it thinks only when asked to"
    assert "temperature" not in sent("https://api.moonshot.ai/v1", "kimi-k2.6", **chat)
    assert sent("https://api.anthropic.com/v1", "claude-opus-4-7", **chat) == {"stop", "max_tokens"}
    assert sent("https://api.mistral.ai/v1", "x", **chat) == {"temperature", "random_seed", "stop", "max_tokens"}
    assert {"top_k", "min_p", "repetition_penalty"} <= sent("https://openrouter.ai/api/v1", "x", **chat)


def test_what_a_provider_takes_without_effect_is_noted():
    """As DeepSeek documents it: a run at temperature 0 is none, and nothing on the wire shows it."""
    opened: Any = open_model("api:deepseek-flash", ModelOptions(base_url="https://api.deepseek.com/v1"))
    opened.api_request(Request("a", 0, 0, Prompt(messages=(Message("user", "x"),)), seed=5), Sampling())
    facts = opened.facts()
    assert facts["fields without effect"] == "temperature"
    assert facts["decoding left to the server"].startswith("temperature, ")


def test_every_rule_of_a_provider_has_a_source():
    rules = [rule for provider in providers() for rule in provider.rule]
    assert rules
    assert all(rule.source.startswith("https://") for rule in rules)


def test_a_failed_try_is_told_with_what_is_left_of_the_patience(caplog: pytest.LogCaptureFixture):
    def plan(number: int, _body: dict[str, Any]) -> Fault:
        return Fault.OVERLOADED if number < 3 else Fault.NONE

    with FaultyServer(plan) as server:
        ask(server)
    (line,) = caplog.messages  # one for three failed tries within ten seconds
    assert "try 1 of 'tiny' for 'a' failed (503, overloaded). The next one is in 0 s, " in line
    assert "s of patience (retry_seconds) are left" in line


def test_a_pause_beyond_the_patience_says_when_to_come_back():
    with (
        FaultyServer(always(Fault.RATE_LIMITED), {"retry-after": "7200"}) as server,
        pytest.raises(ModelError, match=r"it asks to come back in 7,200 s, at \d\d:\d\d UTC: run again then"),
    ):
        ask(server)


class Careless:
    """A back end of another package that hands over a list as the text."""

    name = "careless"

    def facts(self) -> dict[str, str]:
        return {"kind": "careless"}

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:  # noqa: ARG002
        for number, request in enumerate(requests):
            text: Any = "fine" if number == 0 else ["a", "list"]
            yield Completion(request.task_id, request.sample, 0, request.prompt.sha256, text, "stop", 1, 1, 0.0)


def test_an_answer_that_could_not_be_read_again_is_not_written_down(tmp_path: Path, data: Path):
    asked = RunConfig(model="careless", task="humaneval", data=str(data / "problems.jsonl"), limit=3)
    with (
        open_run(asked, tmp_path / "run") as run,
        pytest.raises(ModelError, match=r"gave an answer to .* that is none"),
    ):
        generate(run, live=Careless())
    with reopen_run(tmp_path / "run", {"data": str(data / "problems.jsonl")}) as run:
        assert list(run.folder.completions.samples()) == [(run.problems[0].task_id, 0)]
