"""The provider's batch API against a real server that loses its temper."""

from pathlib import Path

import pytest

from harness.completion import Completion, Loss
from harness.model import ModelError, Request, Sampling
from harness.models.api.batch_ledger import BatchLedger
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from tasks.prompt import Message, Prompt
from tests.harness.models.batch_server import BatchServer


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789")
    (tmp_path / "prices.toml").write_text(
        '[[price]]\nmodel = "tiny"\nprompt = 1e6\ncompletion = 2e6\nbatch_share = 0.5\n'
    )


def api_requests(count: int, samples: int = 2) -> list[Request]:
    def prompt(number: int) -> Prompt:
        text = f"solve {number}"
        return Prompt(messages=(Message("user", text),)) if number % 2 else Prompt(text=text)

    return [Request(f"t{n}", s, 0, prompt(n), seed=10 * n + s) for n in range(count) for s in range(samples)]


def ask(server: BatchServer, requests: list[Request], folder: Path) -> dict[tuple[str, int], Completion]:
    options = ModelOptions(
        base_url=server.url, provider_batch=True, poll_seconds=0.05, prices=str(folder / "prices.toml")
    )
    answers = list(open_model("api:tiny", options).answer(requests, Sampling()))
    found = {(answer.task_id, answer.sample): answer for answer in answers}
    assert len(found) == len(answers) == len(requests)
    assert all(answer.completion == f"answer to solve {answer.task_id[1:]}" for answer in answers)
    return found


def test_chats_and_texts_come_back_from_a_batch_each_at_its_price_and_a_second_run_is_free(tmp_path: Path):
    requests = api_requests(6)
    with BatchServer() as server:
        first = ask(server, requests, tmp_path)
        assert len(server.batches) == 2
        again = ask(server, requests, tmp_path)
        assert len(server.batches) == 2, "known answers were asked again"
        ask(server, [*requests, Request("t0", 2, 0, Prompt(text="solve 0"), seed=0)], tmp_path)
        assert len(server.batches) == 3, "another sample is another answer, also under an equal seed"
    assert {answer.cost for answer in first.values()} == {(7 + 2 * 4) / 2}
    assert {answer.cost for answer in again.values()} == {0.0}


def test_broken_replies_and_files_cut_short_lose_nothing(tmp_path: Path):
    with BatchServer() as server:
        server.broken, server.truncated = 6, 2
        ask(server, api_requests(20), tmp_path)
        assert len(server.batches) == 2


def test_what_expired_is_handed_in_again(tmp_path: Path):
    with BatchServer() as server:
        server.ends_as = "expired"
        with pytest.raises(ModelError, match=r"stay without an answer after 3 batches .*too late"):
            ask(server, api_requests(16), tmp_path)
        server.ends_as = "completed"
        ask(server, api_requests(16), tmp_path)
        asked = [
            line for batch in server.batches.values() for line in server.files[batch["input_file_id"]].splitlines()
        ]
    assert len(asked) < 3 * 32, "answers that had come were asked again"


def test_one_process_at_a_time_waits_for_the_batches_of_a_model(tmp_path: Path):
    with BatchServer() as server, BatchLedger(server.url, "tiny"), pytest.raises(ModelError, match="another process"):
        ask(server, api_requests(1), tmp_path)


def test_a_refused_batch_is_one_sentence_and_forgotten(tmp_path: Path):
    with BatchServer() as server:
        server.ends_as = "failed"
        with pytest.raises(ModelError, match="refuses the batch"):
            ask(server, api_requests(2), tmp_path)
        server.ends_as = "completed"
        ask(server, api_requests(2), tmp_path)


def test_a_prompt_beyond_the_context_does_not_end_a_batch():
    with BatchServer() as server:
        server.beyond = "solve 3"
        options = ModelOptions(base_url=server.url, provider_batch=True, poll_seconds=0.05)
        answers = list(open_model("api:tiny", options).answer(api_requests(6, samples=1), Sampling()))
    lost = {answer.task_id for answer in answers if answer.loss is Loss.BEYOND_CONTEXT}
    assert (len(answers), lost) == (6, {"t3"})
