from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.registry import open_model
from harness.models.scripted import ScriptedModel
from tasks.prompt import Prompt

WISHES = [Request(task_id, sample, 0, Prompt(text=f"solve {task_id}"), seed=0) for task_id in "ab" for sample in (0, 1)]


RECORDED = list(ScriptedModel({"a": ["ß\n", "2"], "b": ["3", "4"]}).answer(WISHES, Sampling()))


def write(file: Path, completions: list[Completion]) -> Path:
    file.write_bytes(b"".join(msgspec.json.encode(completion) + b"\n" for completion in completions))
    return file


def test_gives_back_what_a_run_folder_holds_in_any_order(tmp_path: Path):
    write(tmp_path / "completions.jsonl", RECORDED)
    answers = list(open_model(f"replay:{tmp_path}").answer(reversed(WISHES), Sampling()))
    assert answers == list(reversed(RECORDED))


def test_a_missing_answer_is_an_error_and_what_came_before_stays_good(tmp_path: Path):
    file = write(tmp_path / "some.jsonl", RECORDED[:3])
    answers = open_model(f"replay:{file}").answer(WISHES, Sampling())
    assert [next(answers) for _ in range(3)] == RECORDED[:3]
    with pytest.raises(ModelError, match="holds no answer to 'b', sample 1, turn 0"):
        next(answers)


def test_a_torn_last_line_is_no_answer(tmp_path: Path):
    file = write(tmp_path / "some.jsonl", RECORDED)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(ModelError, match="sample 1"):
        list(open_model(f"replay:{file}").answer(WISHES[-1:], Sampling()))


def test_a_broken_line_is_named(tmp_path: Path):
    file = write(tmp_path / "some.jsonl", RECORDED)
    file.write_bytes(b"{}\n" + file.read_bytes())
    with pytest.raises(ModelError, match="line 1 of"):
        open_model(f"replay:{file}")


def test_an_answer_to_other_words_is_refused(tmp_path: Path):
    file = write(tmp_path / "some.jsonl", RECORDED)
    changed = replace(WISHES[0], prompt=Prompt(text="solve a, please"))
    with pytest.raises(ModelError, match="another prompt"):
        list(open_model(f"replay:{file}").answer([changed], Sampling()))


def test_nothing_to_replay_is_an_error(tmp_path: Path):
    with pytest.raises(ModelError, match=r"completions\.jsonl"):
        open_model(f"replay:{tmp_path}")


def test_rows_of_another_kind_are_one_sentence(tmp_path: Path):
    file = tmp_path / "answers.jsonl"
    file.write_text('{"task_id": "a", "sample": 0, "turn": 0, "completion": "x"}\n')
    with pytest.raises(ModelError, match=r"is no completions\.jsonl of a run .*prompt_sha256.*wavebench judge"):
        next(open_model(f"replay:{file}").answer(WISHES, Sampling()))
