import random
from dataclasses import replace

import pytest

from datagen.code.duplicates import Drops, DuplicatesConfig, drop_duplicates, jaccard, token_grams
from datagen.code.filters import Field, Funnel, RulesConfig, apply_rules, default_blacklist
from datagen.rows.raw_function import Origin, RawFunction, function_id
from harness.runs.settings import ConfigError

CODE = "def total(values):\n    result = 0\n    for value in values:\n        result += value\n    return result"


def function(code: str = CODE, docstring: str = "Adds up all values.", name: str = "total") -> RawFunction:
    return RawFunction(
        function_id("python", code), "python", name, code, code.split("\n")[0], docstring, Origin("t", "p")
    )


def dropped(raw: RawFunction, config: RulesConfig | None = None) -> str | None:
    funnel = Funnel()
    kept = list(apply_rules([raw], config or RulesConfig(), funnel))
    assert funnel.kept == len(kept)
    return next(iter(funnel.dropped), None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (function(), None),
        (function("def f():\n    return 1"), "too short"),
        (function(CODE + "\n" + "    # more\n" * 100), "too long"),
        (function("def total(values): return [value + 1 for value in values if value]"), "too few lines"),
        (function(name="test_total"), "name"),
        (function(docstring=""), "no documentation"),
        (function(docstring="¿Adds up all values?"), "documentation start"),
        (function(docstring="Adds values."), "documentation length"),
        (function(docstring="Adds values. TODO better words"), "documentation pattern"),
        (function(docstring="Adds up all values of the File."), "blacklist"),
        (function(CODE.replace("for value in", "for value is in")), "does not parse"),
    ],
)
def test_each_rule_drops_and_counts_what_it_is_for(raw: RawFunction, reason: str | None):
    assert dropped(raw) == reason


def test_the_blacklist_is_code_alpacas_and_matches_whole_words():
    assert len(default_blacklist()) == 18
    assert dropped(function(docstring="Adds up all profiles here.")) is None
    funnel = Funnel()
    list(apply_rules([function(docstring="Draw the graph again.")], RulesConfig(), funnel))
    assert funnel.blacklisted == {"draw": 1}


def test_the_blacklist_reads_the_field_it_is_told():
    raw = function(CODE.replace("result", "file"))
    assert dropped(raw) is None
    assert dropped(raw, RulesConfig(blacklist_field=Field.CODE)) == "blacklist"


def test_rules_that_no_function_can_pass_are_refused():
    with pytest.raises(ConfigError, match="no function can pass"):
        RulesConfig(min_characters=900)
    with pytest.raises(ConfigError, match="not a regular expression"):
        RulesConfig(drop_docstrings=("(",))


def unique(*raws: RawFunction, **settings: object) -> tuple[list[RawFunction], Drops]:
    drops = Drops()
    return list(drop_duplicates(raws, DuplicatesConfig(**settings), drops)), drops  # pyright: ignore[reportArgumentType]


def test_equal_code_stays_once_the_first_place_of_it():
    kept, drops = unique(function(), replace(function(), docstring="Other words."))
    assert [each.docstring for each in kept] == ["Adds up all values."]
    assert drops.dropped == {"exact duplicate": 1}


def test_near_duplicates_go_and_different_code_stays():
    long = CODE + "\n" + "\n".join(f"    step_{number} = values[{number}] + result" for number in range(20))
    near = function(long.replace("step_7", "step_x"))
    other = function(CODE.replace("+=", "*=").replace("value", "item"))
    kept, drops = unique(function(long), near, other)
    assert [each.function_id for each in kept] == [function(long).function_id, other.function_id]
    assert drops.examples == [(near.function_id, function(long).function_id)]
    assert len(unique(function(long), near, near=False)[0]) == 2


def test_the_ngrams_decide_not_the_sketch():
    one, other = function(), function(CODE + "\n    # a comment that changes only some of the runs of tokens here")
    assert len(unique(one, other, threshold=0.99)[0]) == 2


def test_every_planted_neighbour_is_found_and_no_other():
    draw = random.Random(5)
    originals, copies = list[RawFunction](), list[RawFunction]()
    for number in range(150):
        steps = [
            f"    v{number}_{step} = {draw.choice('abcd')} * {draw.randrange(999)} + x{step}" for step in range(24)
        ]
        originals.append(function("\n".join([f"def f{number}(a, b, c, d):", *steps])))
        changed = [each.replace("*", "+") if place in draw.sample(range(24), 2) else each
                   for place, each in enumerate(steps)]  # fmt: skip
        copies.append(function("\n".join([f"def f{number}(a, b, c, d):", *changed])))
    raws = [*originals, *copies]
    grams = [token_grams(each.code, 5) for each in raws]
    expected: list[RawFunction] = []
    taken: list[int] = []
    for place, each in enumerate(raws):
        if all(jaccard(grams[place], grams[other]) < 0.8 for other in taken):
            taken.append(place)
            expected.append(each)
    kept, _ = unique(*raws)
    assert len(kept) < 300
    assert [each.function_id for each in kept] == [each.function_id for each in expected]
