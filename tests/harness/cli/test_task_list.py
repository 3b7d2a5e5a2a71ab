"""`wavebench tasks`: one line a family, on one screen."""

from harness.cli.task_list import family_table
from tasks.registry import benchmark, groups, names


def test_families_fit_a_screen_of_80_by_24():
    lines = family_table().splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80


def test_each_task_is_on_the_line_of_its_family_or_on_its_own():
    firsts = [line.split("  ")[0] for line in family_table().splitlines()]
    for name in names():
        row = benchmark(name)
        if row.group:
            assert row.group in firsts
            assert name in groups()[row.group]
        else:
            start, _, ending = name.partition("@")
            assert any(line.startswith(start) and f"@{ending}" in f"{line}@" for line in firsts), name
