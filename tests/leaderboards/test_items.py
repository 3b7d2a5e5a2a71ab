import pytest

from harness.statistics.paired import Tally
from leaderboards.runs.items import items


def tallies(*passed: int) -> dict[str, Tally]:
    return {f"p{number}": Tally(2, count) for number, count in enumerate(passed)}


def test_hardness_and_discrimination_of_problems():
    # The third problem is solved by the weak only, the fourth by nobody, the last by all.
    rows = [tallies(0, 0, 2, 0, 2), tallies(1, 1, 1, 0, 2), tallies(2, 2, 0, 0, 2)]
    found = {item.task_id: item for item in items(rows, list(rows[0]))}
    assert [found[each].rate for each in ("p0", "p3", "p4")] == [0.5, 0.0, 1.0]
    assert (found["p0"].solved_by, found["p0"].models) == (2, 3)
    assert found["p2"].discrimination == pytest.approx(-1)
    assert found["p0"].discrimination is None  # the others cancel each other out
    assert found["p3"].discrimination is None
    assert found["p4"].discrimination is None


def test_good_problems_follow_the_others():
    rows = [tallies(0, 0, 1), tallies(1, 1, 1), tallies(2, 2, 2)]
    found = items(rows, list(rows[0]))
    assert found[0].discrimination == pytest.approx(0.982, abs=0.001)


def test_few_models_say_nothing_of_discrimination():
    assert [item.discrimination for item in items([tallies(0, 1), tallies(1, 2)], ["p0", "p1"])] == [None, None]


def test_a_model_that_lacks_a_problem_does_not_count_for_it():
    (first, second) = items([tallies(2, 2), tallies(0)], ["p0", "p1"])
    assert (first.models, second.models) == (2, 1)
    assert second.rate == 1.0
