import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.samples import Layout, SamplesError, open_samples
from tasks.registry import load
from tasks.task import AnswerForm

Write = Callable[[str, Sequence[object]], Path]


@pytest.fixture(scope="module")
def problems(data: Path):
    return load("humaneval", data_file=data / "problems.jsonl").problems


@pytest.mark.parametrize(
    ("row", "layout", "form"),
    [
        ({"task_id": "own/1", "completion": "x"}, Layout.HUMAN_EVAL, AnswerForm.CONTINUATION),
        ({"task_id": "own/1", "solution": "x"}, Layout.EVALPLUS, AnswerForm.PROGRAM),
        ({"task_id": "own/1", "sample": 0, "turn": 0, "completion": "x"}, Layout.OWN, AnswerForm.AUTO),
        ({"task_id": 1, "completion": "x", "extra": [1, None]}, Layout.HUMAN_EVAL, AnswerForm.CONTINUATION),
    ],
)
def test_rows_are_known_by_their_fields(write_lines: Write, problems, row, layout: Layout, form: AnswerForm):
    file = open_samples(write_lines("anything.txt", [row]))
    assert (file.layout, file.form) == (layout, form)
    assert [(sample.task_id, sample.text) for sample in file.read(problems)] == [("own/1", "x")]


def test_a_list_of_lists_follows_the_order_of_the_problems(tmp_path: Path, problems):
    file = tmp_path / "generations.json"
    file.write_text(json.dumps([["a", "b"], ["c"]], indent=1))
    samples = open_samples(file)
    assert samples.layout is Layout.BIGCODE
    assert [(s.task_id, s.sample, s.text) for s in samples.read(problems)] == [
        ("own/0", 0, "a"),
        ("own/0", 1, "b"),
        ("own/1", 0, "c"),
    ]


def test_a_list_of_rows_is_read_as_rows(tmp_path: Path, problems):
    file = tmp_path / "samples.json"
    file.write_text(json.dumps([{"task_id": "own/0", "solution": "a"}]))
    assert [sample.text for sample in open_samples(file).read(problems)] == ["a"]


def test_gzip_is_seen_whatever_the_name(tmp_path: Path, problems):
    file = tmp_path / "samples.jsonl"
    file.write_bytes(gzip.compress(b'{"task_id": "own/0", "completion": "a"}\n'))
    assert [sample.text for sample in open_samples(file).read(problems)] == ["a"]


def test_samples_of_a_problem_are_numbered_in_the_files_order(write_lines: Write, problems):
    rows = [{"task_id": f"own/{number}", "completion": str(index)} for index, number in enumerate([0, 1, 0, 0])]
    read = open_samples(write_lines("s.jsonl", rows)).read(problems)
    assert [(s.task_id, s.sample, s.text) for s in read] == [
        ("own/0", 0, "0"),
        ("own/1", 0, "1"),
        ("own/0", 1, "2"),
        ("own/0", 2, "3"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"[]", "empty list"),
        (b'{"prompt": "x"}\n', "no samples file"),
        (b'{"task_id": "own/0"}\n', "neither 'completion' nor 'solution'"),
        (b"hello\n", "Line 1"),
        (b'{"task_id": "own/0", "completion": "a"}\n{"task', "Line 2"),
        (b'{"task_id": "own/0", "completion": "a"}\n{"task_id": "own/9", "completion": "a"}\n', "own/9"),
        (b'[["a"], "b"]', "item 2"),
        (b'[["a"], ["a"], ["a"], ["a"], ["a"]]', "5 lists"),
        (gzip.compress(b'{"task_id": "own/0", "completion": "a"}\n' * 99, mtime=0)[:-9], "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, problems, content: bytes, words: str):
    file = tmp_path / "samples.jsonl"
    file.write_bytes(content)
    with pytest.raises(SamplesError, match=words) as caught:
        list(open_samples(file).read(problems))
    assert "samples.jsonl" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(SamplesError, match=r"nothing\.jsonl"):
        open_samples(tmp_path / "nothing.jsonl")


def test_missing_problems_are_named_with_the_remedy(write_lines: Write, problems):
    file = open_samples(write_lines("s.jsonl", [{"task_id": "own/1", "completion": "x"}]))
    with pytest.raises(SamplesError, match=r"own/0, own/2, own/3.*--limit.*--allow-missing"):
        file.refuse_missing(problems, problems)
