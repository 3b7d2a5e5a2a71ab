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


@pytest.mark.parametrize("wrap", ["```json\n{}\n```", "<think>let me see</think>{}", "  {}\n"])
def test_fences_and_thoughts_around_a_row_do_no_harm(wrap: str):
    assert parse_row(wrap.replace("{}", json.dumps(ROW)), TaskType.GENERATION).solution == ROW["solution"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I cannot help.", "not JSON"),
        (json.dumps([ROW]), "not a JSON object"),
        (json.dumps({**ROW, "extra": "x"}), "keys"),
        (json.dumps({key: value for key, value in ROW.items() if key != "tests"}), "keys"),
        (json.dumps({**ROW, "solution": 3}), "not a text"),
        (json.dumps({**ROW, "task_name": "repair"}), "task"),
        (json.dumps({**ROW, "solution": "  "}), "empty"),
        (json.dumps({**ROW, "instruction": "One. Two. Three. Four."}), "longer than two"),
        (f"Here you are: {json.dumps(ROW)}", "not JSON"),
    ],
)
def test_anything_else_is_malformed_with_its_reason(answer: str, reason: str):
    with pytest.raises(MalformedAnswerError, match=reason):
        parse_row(answer, TaskType.GENERATION)


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
