"""TRL's reward over HTTP, from a real server that is killed and started again."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.wavebench.service.conftest import Server, StartServer
from wavebench.rewards import RemoteReward, RewardError

DATA = Path(__file__).parents[2] / "data" / "problems.jsonl"
RIGHT, WRONG = "def add(a, b):\n    return a + b\n", "def add(a, b):\n    return a - b\n"
FORGED = "class Same(int):\n    def __eq__(self, other):\n        return True\ndef add(a, b):\n    return Same(7)\n"


def test_it_pays_as_the_reward_at_home_does(server: Server):
    told: dict[str, Any] = {}
    reward = RemoteReward(server.url, batch=2)
    chat = [[{"role": "assistant", "content": f"```python\n{code}```"}] for code in (RIGHT, WRONG, FORGED)]
    found = reward(
        prompts=["Add."] * 3,
        completions=chat,
        completion_ids=[[1], [2], [3]],
        task_id=["own/0"] * 3,
        trainer_state=object(),
        log_extra=told.__setitem__,
        log_metric=told.__setitem__,
    )
    assert found == [1.0, 0.0, 0.0]
    assert told == {"verdict": ["passed", "wrong", "forged"], "not_judged": 0.0, "forged": 1 / 3}
    own = {"tests": [["assert f(2) == 4", "assert f(-1) == 1"]] * 2}
    half = "def f(x):\n    return 4\n"
    assert RemoteReward(server.url, scale="share")(["def f(x): return x * x", half], **own) == [1.0, 0.5]
    assert reward([]) == []


def test_what_the_server_refuses_is_one_sentence_and_no_reward(server: Server, start_server: StartServer):
    with pytest.raises(RewardError, match=r"refused the request: .*has no problem 'own/99'"):
        RemoteReward(server.url)([RIGHT], task_id=["own/99"])
    with pytest.raises(RewardError, match=r"refused the request: .*unknown dataset 'mbpp'"):
        RemoteReward(server.url, "mbpp")([RIGHT], task_id=["1"])
    closed = start_server("--task", "humaneval", "--data", DATA, "--token", "s3cret")
    with pytest.raises(RewardError, match=r"refused the request: .*send the server's token"):
        RemoteReward(closed.url)([RIGHT], task_id=["own/0"])
    assert RemoteReward(closed.url, token="s3cret")([RIGHT], task_id=["own/0"]) == [1.0]
    for wrong, sentence in (
        ({"url": "localhost:8080"}, "no address of a server"),
        ({"tries": 0}, "tries is 0"),
        ({"scale": "best"}, "unknown scale 'best'"),
    ):
        with pytest.raises(RewardError, match=sentence):
            RemoteReward(**{"url": closed.url, **wrong})


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"results": [{"verdict": "passed", "judged": True, "reward": 1.0}]}, "1 results for 2 answers"),
        ({"results": []}, "0 results for 2 answers"),
        ({"results": {"0": 1.0}}, "no list of results"),
        ({"detail": "hello"}, "no list of results"),
        ([1.0, 1.0], "no list of results"),
        ({"results": [{"score": 1.0}] * 2}, "a result without verdict, judged or reward"),
        ({"results": [{"verdict": "passed", "judged": True}] * 2}, "a result without verdict, judged or reward"),
        ({"results": [None, 1.0]}, "a result without verdict, judged or reward"),
    ],
)
def test_another_servers_answers_are_an_error_and_never_unjudged_in_silence(body: Any, sentence: str):
    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            text = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            with pytest.raises(RewardError, match=rf"/judge gave {sentence}.*Is it a `wavebench serve`"):
                RemoteReward(f"http://127.0.0.1:{other.server_port}")([RIGHT, WRONG], task_id=["own/0"] * 2)
        finally:
            other.shutdown()
            thread.join()


def test_a_server_that_is_killed_and_started_again_costs_no_answer_and_a_dead_one_is_none(start_server: StartServer):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("--task", "humaneval", "--data", DATA, "--port", port)
    first = start_server(*words)
    slow = "import time\ntime.sleep(0.2)\n"
    answers = [slow + (RIGHT if number % 2 else WRONG) for number in range(24)]
    found: list[float | None] = []
    reward = RemoteReward(first.url, batch=4, tries=12)
    call = threading.Thread(target=lambda: found.extend(reward(answers, task_id=["own/0"] * 24)))
    call.start()
    while call.is_alive() and "wavebench_open_requests 1\n" in first.metrics:  # the one that asks
        time.sleep(0.02)
    first.process.kill()
    first.process.wait()
    second = start_server(*words)
    call.join()
    assert found == [1.0 if number % 2 else 0.0 for number in range(24)]
    second.process.kill()
    second.process.wait()
    told: dict[str, Any] = {}
    lost = RemoteReward(second.url, tries=2)
    assert lost([RIGHT, WRONG], task_id=["own/0"] * 2, log_metric=told.__setitem__) == [None, None]
    assert told == {"not_judged": 1.0, "forged": 0.0}


def test_trls_trainer_takes_it_in_place_of_the_one_at_home(server: Server, tmp_path: Path):
    pytest.importorskip("trl")
    from datasets import Dataset
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    words = Tokenizer(models.WordLevel({"<pad>": 0, "<eos>": 1, "def": 2, "f": 3, "<unk>": 4}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>")
    size = LlamaConfig(vocab_size=5, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    trainer = GRPOTrainer(
        model=LlamaForCausalLM(size),
        reward_funcs=RemoteReward(server.url),
        train_dataset=Dataset.from_list([{"prompt": "def f", "tests": ["assert f(2) == 4"]}] * 2),
        processing_class=tokenizer,
        args=GRPOConfig(
            output_dir=str(tmp_path),
            num_generations=2,
            per_device_train_batch_size=2,
            max_completion_length=4,
            max_steps=1,
            logging_steps=1,
            report_to=[],
            use_cpu=True,
        ),
    )
    trainer.train()
    [logged] = [each for each in trainer.state.log_history if "reward" in each]
    assert logged["rewards/remote_reward_passed/mean"] == 0.0
    assert logged["not_judged"] == 0.0
