import json

import pytest

from datagen.rows.example import Opinion, TaskType
from datagen.teachers.answers import MalformedAnswerError, parse_review, parse_row
from datagen.teachers.wording import Rule, load_wordings

ROW = {
    "task_name": "generation",
    "instruction": "Write a Python function that adds two numbers.",
    "information": "<noinput>",
    "solution": "def add(a, b):\n    return a + b",
    "tests": "assert add(1, 2) == 3",
}
RULES = (Rule(1, "It is code."), Rule(2, "It fits."))


def test_a_row_is_read_and_no_input_becomes_empty():
    row = parse_row(json.dumps(ROW), TaskType.GENERATION)
    assert (row.information, row.tests) == ("", "assert add(1, 2) == 3")


@pytest.mark.parametrize(
    "wrap",
    [
        *("```json\n{}\n```", "<think>let me see</think>{}", "  {}\n", "Here you are: {}", "```JSON5\n{}\n```\nDone."),
        *("~~~\n{}\n~~~", "I plan.\n</think>\n\n{}", "[{}]", '{"plan": "think"}\n{}', "Sure!\n\n```\n{}\n```"),
        *("<|channel|>analysis<|message|>hm {a}<|end|><|start|>assistant<|channel|>final<|message|>{}", "\ufeff{}"),
    ],
)
def test_fences_and_thoughts_around_a_row_do_no_harm(wrap: str):
    assert parse_row(wrap.replace("{}", json.dumps(ROW)), TaskType.GENERATION).solution == ROW["solution"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I cannot help.", "not JSON"),
        (json.dumps({key: value for key, value in ROW.items() if key != "solution"}), "the key 'solution' is missing"),
        (json.dumps({**ROW, "solution": 3}), "not a text"),
        (json.dumps({**ROW, "task_name": "repair"}), "task"),
        (json.dumps({**ROW, "solution": "  "}), "empty"),
        (json.dumps({**ROW, "instruction": "One. Two. Three. Four."}), "longer than two"),
        (json.dumps({**ROW, "solution": "N/A"}), "empty"),
        (json.dumps({**ROW, "solution": "\ud83d"}), "half a character"),
        ("[" * 100_000, "not JSON"),
        ('{"a":' * 100_000, "not JSON"),
        (json.dumps(ROW)[:60], "not JSON"),
        ("", "not JSON"),
    ],
)
def test_anything_else_is_malformed_with_its_reason(answer: str, reason: str):
    with pytest.raises(MalformedAnswerError, match=reason):
        parse_row(answer, TaskType.GENERATION)


def test_lists_of_lines_missing_tests_and_line_breaks_in_a_text_are_read():
    lines = {**ROW, "solution": str(ROW["solution"]).split("\n"), "tests": ["assert add(1, 2) == 3"], "extra": 1}
    assert parse_row(json.dumps(lines), TaskType.GENERATION) == parse_row(json.dumps(ROW), TaskType.GENERATION)
    bare = {key: ROW[key] for key in ("instruction", "solution")}
    assert parse_row(json.dumps(bare), TaskType.GENERATION).tests == ""
    raw = json.dumps(ROW).replace("\\n", "\n")
    assert parse_row(raw, TaskType.GENERATION).solution == ROW["solution"]
    fenced = {**ROW, "solution": f"```python\n{ROW['solution']}\n```", "tests": "N/A", "information": "None"}
    row = parse_row(json.dumps(fenced), TaskType.GENERATION)
    assert (row.solution, row.tests, row.information) == (ROW["solution"], "", "")


def review(first: object = "yes", second: object = "yes", overall: object = "yes") -> str:
    checks = [{"rule": 1, "answer": first, "reason": "a"}, {"rule": 2, "answer": second, "reason": "b"}]
    return json.dumps({"checks": checks, "overall": overall, "reasons": "so"})


def test_a_verdict_is_read_rule_by_rule_in_any_case():
    read = parse_review(review("Yes", "NO.", "no"), RULES)
    assert read.opinion is Opinion.BAD
    assert [check.passed for check in read.checks] == [True, False]


@pytest.mark.parametrize("word", ["not applicable", "noted", "yes and no", "", None, "nothing wrong"])
def test_only_the_whole_word_counts(word: object):
    with pytest.raises(MalformedAnswerError, match="neither yes nor no"):
        parse_review(review(second=word), RULES)


def test_an_overall_answer_that_contradicts_the_rules_is_unparseable():
    with pytest.raises(MalformedAnswerError, match="contradicts"):
        parse_review(review("yes", "no", "yes"), RULES)


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"overall": "yes"}),
        json.dumps({"checks": [{"rule": 1, "answer": "yes"}], "overall": "yes"}),
        json.dumps({"checks": [{"rule": 2, "answer": "yes"}, {"rule": 1, "answer": "yes"}], "overall": "yes"}),
        json.dumps({"checks": [{"rule": 1, "answer": "yes"}, {"rule": 2, "answer": "yes"}]}),
        "yes",
    ],
)
def test_missing_rules_and_missing_overall_are_unparseable_not_a_crash(answer: str):
    with pytest.raises(MalformedAnswerError):
        parse_review(answer, RULES)


def test_every_task_has_a_wording_and_each_its_own_hash():
    wordings = load_wordings()
    assert set(wordings) == set(TaskType)
    assert len({wording.sha256 for wording in wordings.values()}) == 4
    assert all(any(rule.step == 1 for rule in wording.rules) for wording in wordings.values())
