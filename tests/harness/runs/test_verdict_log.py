"""What a line of verdicts.jsonl tells of a sample's tests."""

from dataclasses import replace

from harness.runs.verdict_log import FailingTest, record_of_outcome
from sandbox.outcome import Assertion, Confirmation, Ending, Outcome, Tier
from tasks.verdict import Judgement, Verdict

OUTCOME = Outcome(
    ending=Ending.EXITED,
    finished=False,
    exit_code=1,
    signal=None,
    cpu_seconds=0.1,
    wall_seconds=0.1,
    memory_mb=1.0,
    stdout="",
    stderr="",
    tier=Tier.NAMESPACES,
    confirmation=Confirmation.REFUTED,
)
WRONG = Judgement(Verdict.WRONG, "no")


def test_it_counts_the_tests_that_held_and_names_the_first_that_did_not():
    tests = (
        Assertion(0, held=True),
        Assertion(1, held=False, call="f(1)", expected="2", got="3"),
        Assertion(2, held=False, call="f(2)", expected="4", got="5"),
    )
    record = record_of_outcome("P/0", 0, "", "", replace(OUTCOME, assertions=tests), WRONG)
    assert (record.tests, record.tests_held) == (3, 1)
    assert record.failing == FailingTest("f(1)", "2", "3")


def test_a_judgement_that_counts_the_tests_itself_is_believed():
    counted = replace(WRONG, tests=7, tests_held=3)
    record = record_of_outcome("P/0", 0, "", "", replace(OUTCOME, assertions=(Assertion(0, held=False),)), counted)
    assert (record.tests, record.tests_held) == (7, 3)


def test_it_tells_none_where_the_tests_tell_none():
    record = record_of_outcome("P/0", 0, "", "", OUTCOME, WRONG)
    assert (record.tests, record.tests_held, record.failing) == (None, None, None)
