import json
import time
from pathlib import Path

import pytest

from harness.model import ModelError, Request, Sampling
from harness.models.registry import open_model
from harness.models.scripted import ScriptedModel
from tasks.prompt import Prompt


def request(task_id: str, sample: int = 0, turn: int = 0) -> Request:
    return Request(task_id, sample, turn, Prompt(text=f"solve {task_id}"), seed=0)


def write_script(file: Path, *rows: dict[str, object]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_answers_by_task_sample_and_turn(tmp_path: Path):
    script = write_script(
        tmp_path / "script.jsonl",
        {"task_id": "a", "completions": ["first", "second"]},
        {"task_id": "b", "completions": [["describe", "rebuild"]]},
    )
    model = open_model(f"scripted:{script}")
    wanted = [request("b", turn=1), request("a", 1), request("a", 2), request("b")]
    answers = list(model.answer(wanted, Sampling()))
    assert [answer.completion for answer in answers] == ["rebuild", "second", "first", "describe"]
    assert [answer.prompt_sha256 for answer in answers] == [api_request.prompt.sha256 for api_request in wanted]


def test_an_empty_text_is_said_to_be_empty():
    (answer,) = ScriptedModel({"a": [""]}).answer([request("a")], Sampling())
    assert (answer.completion, answer.finish_reason) == ("", "empty")


def test_sleeps_before_each_answer_so_that_a_run_can_be_killed_in_the_middle(tmp_path: Path):
    script = write_script(tmp_path / "script.jsonl", {"task_id": "a", "completions": ["x"], "seconds": 0.05})
    started = time.monotonic()
    (answer,) = open_model(f"scripted:{script}").answer([request("a")], Sampling())
    assert 0.05 <= answer.seconds <= time.monotonic() - started


def test_draws_requests_one_by_one():
    drawn: list[int] = []

    def requests():
        for sample in range(1000):
            drawn.append(sample)
            yield request("a", sample)

    answers = ScriptedModel({"a": ["x"]}).answer(requests(), Sampling())
    next(answers)
    assert drawn == [0]


@pytest.mark.parametrize(
    ("api_request", "sentence"),
    [(request("b"), "no answer to 'b'"), (request("a", turn=1), "1 turns for 'a'")],
)
def test_what_is_not_in_the_script_is_an_error(api_request: Request, sentence: str):
    with pytest.raises(ModelError, match=sentence):
        list(ScriptedModel({"a": ["x"]}).answer([api_request], Sampling()))


@pytest.mark.parametrize("line", ["{", '{"task_id": "a"}', '{"task_id": "a", "completions": [], "completion": "x"}'])
def test_a_broken_line_is_named(tmp_path: Path, line: str):
    script = tmp_path / "script.jsonl"
    script.write_text('{"task_id": "a", "completions": ["x"]}\n' + line + "\n")
    with pytest.raises(ModelError, match="line 2 of"):
        open_model(f"scripted:{script}")
