"""Rows of every published form, read by one reader for training and for leakage."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.finetune.config import FinetuneError
from datagen.finetune.rows.training_rows import load_training_rows
from datagen.leakage.behaviour import python_texts
from datagen.output.foreign import report_foreign
from datagen.rows.instruction_row import Exchange, InstructionRow
from datagen.rows.instruction_rows import read_instruction_rows
from harness.runs.settings import ConfigError
from tests.datagen.test_leakage import row as leak_row
from tests.datagen.training_rows import tiny

ASKED, SAID = "Add two.", "def add(a, b):\n    return a + b"


def silent(stage: str, items: int) -> None: ...


def lines(file: Path, *rows: Any) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": ASKED, "input": "<noinput>", "output": SAID},
        {"instruction": ASKED, "input": None, "response": SAID},
        {"problem": ASKED, "solution": SAID, "lang": "python"},
        {"prompt": ASKED, "completion": SAID},
        {"prompt": "", "question": ASKED, "answer": SAID},
        {"inputs": ASKED, "targets": SAID},
        {"input": ASKED, "output": SAID},
        {"messages": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}]},
        {"conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": SAID}], "id": 7},
        {"prompt": [{"role": "user", "content": ASKED}], "completion": [{"role": "assistant", "content": SAID}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": ASKED}]},
                      {"role": "assistant", "content": SAID}], "prompt": "the id of a page"},
    ],
)  # fmt: skip
def test_each_known_form_is_one_row(tmp_path: Path, row: dict[str, Any]):
    assert read_instruction_rows(lines(tmp_path / "rows.jsonl", row)) == [InstructionRow(ASKED, "", SAID)]


def test_a_conversation_is_one_row_an_answer_held_out_together(tmp_path: Path):
    said = ["You are brief.", "One?", "1", "Two?", "And why?", "2", "Bye"]
    roles = ["system", "user", "assistant", "user", "user", "assistant", "user"]
    row = {"messages": [{"role": role, "content": text} for role, text in zip(roles, said, strict=True)]}
    first, second = read_instruction_rows(lines(tmp_path / "rows.jsonl", row))
    assert (first.instruction, first.output, first.history) == ("One?", "1", ())
    assert (second.instruction, second.output) == ("Two?\n\nAnd why?", "2")
    assert second.history == (Exchange("One?", "1"),)
    assert first.system == second.system == "You are brief."
    assert first.origin_sha256 == second.origin_sha256 == InstructionRow("One?", "", "x").origin_sha256


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"text": ASKED, "label": 1}, r"Row 1 of .* has the columns text, label: known are instruction"),
        ({"prompt": ASKED, "chosen": SAID, "rejected": ""}, "has the columns prompt, chosen, rejected"),
        ({"instruction": ASKED, "output": ["a", "b"]}, "has a list as 'output', where text belongs"),
        ({"instruction": {"text": ASKED}, "output": SAID}, "has a table as 'instruction'"),
        ([[ASKED, SAID]], "Row 1 of .* is a list, not an object"),
        ("text", "is a str, not an object"),
        ({"messages": [{"role": "tool", "content": "1"}]}, "message 1 is by 'tool': known are user"),
        ({"messages": ["hello"]}, "message 1 is a str"),
        ({"messages": [{"role": "assistant", "content": SAID}]}, "holds no question"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "parts that are no text"),
        ({"instruction": "\ud83d", "output": SAID}, "half a character"),
    ],
)
def test_other_forms_are_refused_with_what_was_seen(tmp_path: Path, row: Any, sentence: str):
    with pytest.raises(ConfigError, match=sentence):
        read_instruction_rows(lines(tmp_path / "rows.jsonl", row))


def test_line_separators_and_byte_order_marks_are_text(tmp_path: Path):
    output = "a\u2028b\u0085c\x0cd\u2029e"
    file = tmp_path / "rows.jsonl"
    row = json.dumps({"instruction": ASKED, "output": output}, ensure_ascii=False)
    file.write_bytes(b"\xef\xbb\xbf" + (row + "\r\n" + row + "\n").encode())
    assert [each.output for each in read_instruction_rows(file)] == [output, output]


@pytest.mark.parametrize("text", ["", "\n\n", "[]", "[" * 100_000, '{"instruction": "a", "output": "b"'])
def test_files_without_rows_are_refused(tmp_path: Path, text: str):
    file = tmp_path / "rows.jsonl"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"holds no row|cannot be read"):
        read_instruction_rows(file)
    with pytest.raises(ConfigError, match=r"holds no row|cannot be read"):
        report_foreign(file, tmp_path / "report", "", "hashed", silent)


def test_an_empty_instruction_is_refused_or_dropped(tmp_path: Path):
    rows = [{"instruction": f"Say {i}.", "output": str(i)} for i in range(20)] + [{"instruction": " ", "output": "x"}]
    file = lines(tmp_path / "rows.jsonl", *rows)
    with pytest.raises(FinetuneError, match=r"Row 21 of .* has no instruction \(1 such of 21\)"):
        load_training_rows(tiny(file))
    assert load_training_rows(tiny(file, empty_responses="drop")).unasked == 1


def test_fenced_answers_of_a_chat_are_tried():
    prose = f"Sure:\n\n```python\n{SAID}\n```\n\nOr shorter:\n~~~\nadd = lambda a, b: a + b\n~~~\nDone."
    assert list(python_texts(leak_row(prose, 0))) == [SAID]
    assert list(python_texts(leak_row(SAID, 0))) == [SAID]


def test_leaked_chat_data_is_found(tmp_path: Path):
    from datagen.config import LeakageConfig
    from datagen.leakage.benchmark import load_benchmarks

    (humaneval,) = load_benchmarks(LeakageConfig(benchmarks=("humaneval",)))
    leaked = humaneval.problems[2]
    answer = f"Here you are.\n\n```python\n{leaked.solution}\n```"
    chat = [{"role": "user", "content": leaked.text}, {"role": "assistant", "content": answer}]
    file = lines(tmp_path / "rows.jsonl", {"messages": chat})
    report_foreign(file, tmp_path / "out", "", "hashed", silent)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    found = {(leak["check"], leak["task_id"]) for leak in report["leaks"]}
    assert {("substring", leaked.task_id), ("behaviour", leaked.task_id)} <= found
    assert report["behaviour"]["functions"] == 1
