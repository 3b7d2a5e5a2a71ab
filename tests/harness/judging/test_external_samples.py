import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.evaluate import evaluate
from harness.judging.external_samples import Layout, SamplesError, open_samples
from harness.judging.import_samples import config_of_samples
from harness.runs.config import parse_config
from tasks.registry import load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

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
        (b'{"prompt": "x"}\n', "not a samples file"),
        (b'{"task_id": "own/0"}\n', "neither 'completion' nor 'solution'"),
        (b"hello\n", "Line 1"),
        (b'{"task_id": "own/0", "completion": "a"}\n{"task', "Line 2"),
        (b'{"task_id": "own/0", "completion": "a"}\n{"task_id": "own/9", "completion": "a"}\n', "own/9"),
        (b'[["a"], "b"]', "item 2"),
        (
            b'{"task_id": "own/0", "completion": "a"}\n{"task_id": "own/0", "completion": "M\xfcll"}\n',
            "Line 2.*not UTF-8.*0xfc",
        ),
        ('{"task_id": "own/0", "completion": "a"}\n'.encode("utf-16"), "Line 1.*not UTF-8"),
        (b'{"task_id": "own/0", "completion": "a"}\n\x00\x00\x00', "Line 2.*not valid JSON"),
        (b'\n\n{"task_id": "own/0", "completion": 3}\n', "line 3.*completion"),
        (b'{"task_id": "own/0", "completion": null}\n', "Line 1.*neither 'completion' nor 'solution'"),
        (b'{"task_id": "own/0", "completion": "a", "completion": "b"}\n', "Line 1.*'completion' twice"),
        (b"[" * 100_000 + b"\n", "not valid JSON"),
        (b'{"task_id": "own/0", "turn": 1, "completion": "a"}\n', "Line 1.*turn 1.*'own/0'"),
        (
            b'{"task_id": "own/0", "completion": "a"}\n{"task_id": "own/0", "turn": 2, "completion": "a"}\n',
            "Line 2.*turn 2",
        ),
        (b'{"task_id": "own/0", "sample": "x", "completion": "a"}\n', "line 1.*sample"),
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
        file.refuse_missing(file.numbering(problems), problems)


def own(text: str, sample: int = 0, turn: int = 0, task_id: str = "own/0", **more: object) -> dict[str, object]:
    return {"task_id": task_id, "sample": sample, "turn": turn, "completion": text, **more}


def read(file: Path, problems) -> list[tuple[str, int, int, str]]:
    return [(each.task_id, each.sample, each.turn, each.text) for each in open_samples(file).read(problems)]


def test_the_form_is_that_of_each_row(write_lines: Write, problems):
    rows = [
        {"task_id": "own/0", "solution": "a"},
        {"task_id": "own/0", "completion": "b"},
        {"task_id": "own/1", "completion": "c", "solution": "d"},
        {"task_id": "own/1", "sample": 1, "completion": "e"},
        {"task_id": "own/2", "sample": 0, "completion": "f", "form": "continuation"},
        {"task_id": "own/3", "completion": "g", "form": "of another tool"},
    ]
    file = open_samples(write_lines("s.jsonl", rows))
    assert file.forms == {AnswerForm.PROGRAM, AnswerForm.CONTINUATION, AnswerForm.AUTO}
    assert [(each.text, each.form.value) for each in file.read(problems)] == [
        ("a", "program"),
        ("b", "continuation"),
        ("d", "program"),
        ("e", "auto"),
        ("f", "continuation"),
        ("g", "continuation"),
    ]


def test_text_of_any_kind_is_read(tmp_path: Path, problems):
    text = "x = '\u2028\u2029\x85'\r\n\x00"
    line = json.dumps({"task_id": "own/0", "completion": text}, ensure_ascii=False).encode()
    half = b'{"task_id": "own/0", "completion": "\\ud83d", "logprob": NaN}'
    file = tmp_path / "s.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \n\xef\xbb\xbf" + line + b"\n" + half)
    assert [each[3] for each in read(file, problems)] == [text, text, "\ud83d"]
    file.write_bytes(b"\xef\xbb\xbf[" + line + b"," + half + b"]")
    assert [each[3] for each in read(file, problems)] == [text, "\ud83d"]


def test_a_name_inside_a_text_or_another_object_is_no_second_name(write_lines: Write, problems):
    rows = [{"task_id": "own/0", "completion": 'd = {"completion": 1, "completion": 2}', "meta": {"completion": "x"}}]
    assert [each[3] for each in read(write_lines("s.jsonl", rows), problems)] == [rows[0]["completion"]]


def test_two_files_put_together_lose_no_sample(write_lines: Write, problems):
    rows = [own("a"), own("b", 1), own("z", task_id="own/1"), own("c"), own("d", 1)]
    file = write_lines("s.jsonl", rows)
    assert read(file, problems) == [
        ("own/0", 0, 0, "a"),
        ("own/0", 1, 0, "b"),
        ("own/1", 0, 0, "z"),
        ("own/0", 2, 0, "c"),
        ("own/0", 3, 0, "d"),
    ]
    (remark,) = open_samples(file).numbering(problems).remarks("s.jsonl")
    assert "used twice" in remark
    assert "own/0: the samples of these problems are numbered in the file's order." in remark


@pytest.mark.parametrize("numbers", [[-1, 0], [0, 2], [1, 2], [0, 0], [5], [0, 10**30]])
def test_numbers_that_are_negative_skipped_or_used_twice_are_given_anew(
    write_lines: Write, problems, numbers: list[int]
):
    file = write_lines("s.jsonl", [own(str(place), number) for place, number in enumerate(numbers)])
    assert [each[1:] for each in read(file, problems)] == [(place, 0, str(place)) for place in range(len(numbers))]
    assert len(list(open_samples(file).numbering(problems).remarks("s.jsonl"))) == 1


def test_whole_numbers_in_any_order_are_kept(write_lines: Write, problems):
    file = write_lines("s.jsonl", [own("c", 2), own("a", 0), own("b", 1)])
    assert [each[1:] for each in read(file, problems)] == [(2, 0, "c"), (0, 0, "a"), (1, 0, "b")]
    assert list(open_samples(file).numbering(problems).remarks("s.jsonl")) == []


def test_rows_with_and_without_a_number_do_not_collide(write_lines: Write, problems):
    rows = [{"task_id": "own/0", "completion": "a"}, own("b"), {"task_id": "own/0", "completion": "c"}]
    assert [each[1:] for each in read(write_lines("s.jsonl", rows), problems)] == [
        (0, 0, "a"),
        (1, 0, "b"),
        (2, 0, "c"),
    ]


def test_the_turns_of_a_sample_stay_together(write_lines: Write, problems):
    first = [own("a0"), own("b0", 1), own("a1", turn=1), own("b1", 1, turn=1)]
    second = [own("c0"), own("c1", turn=1)]
    assert read(write_lines("s.jsonl", first + second), problems) == [
        ("own/0", 0, 0, "a0"),
        ("own/0", 1, 0, "b0"),
        ("own/0", 0, 1, "a1"),
        ("own/0", 1, 1, "b1"),
        ("own/0", 2, 0, "c0"),
        ("own/0", 2, 1, "c1"),
    ]


def test_turns_of_two_files_that_were_sorted_together_are_refused(write_lines: Write, problems):
    rows = [own("a0"), own("b0"), own("a1", turn=1), own("b1", turn=1)]
    with pytest.raises(SamplesError, match=r"Line 4 .* turn 1 of 'own/0' does not continue a sample"):
        read(write_lines("s.jsonl", rows), problems)


def test_a_sample_without_its_last_turn_is_left_out_and_said(write_lines: Write, problems):
    rows = [own("a0"), own("a1", turn=1), own("b0", 1), own("c0", task_id="own/1"), own("c1", turn=1, task_id="own/1")]
    file = write_lines("s.jsonl", rows)
    assert [each[3] for each in read(file, problems)] == ["a0", "a1", "c0", "c1"]
    (remark,) = open_samples(file).numbering(problems).remarks("s.jsonl")
    assert "end before their last turn, as a stopped run leaves them (own/0 sample 1): they are left out" in remark


def test_rows_that_are_in_the_file_twice_are_counted(write_lines: Write, problems):
    file = write_lines("s.jsonl", [own("a"), own("b", 1)] * 2)
    (remark,) = open_samples(file).numbering(problems).remarks("s.jsonl")
    assert "(2 of the rows repeat an earlier one)" in remark


def test_rows_of_two_forms_are_read_each_as_what_it_is(write_lines: Write, tmp_path: Path, data: Path):
    program, body = "def add(a, b):\n    return a + b\n", "    return a + b\n"
    rows = [
        {"task_id": "own/0", "solution": program},
        {"task_id": "own/0", "completion": body},
        {"task_id": "own/0", "solution": program, "completion": body},
    ]
    file = write_lines("mixed.jsonl", rows)
    config = parse_config({**config_of_samples(open_samples(file), "humaneval", "m")}, "here").override(
        {"data": str(data / "problems.jsonl"), "limit": 1, "cache": False}
    )
    assert config.form_by_row
    assert evaluate(config, tmp_path / "run").verdicts == {Verdict.PASSED: 3}
