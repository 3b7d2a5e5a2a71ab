"""Failures that name a feature newer than the toolchain; the complaints are those of the compilers named."""

import pytest

from tasks.newer_features import newer_feature, newer_features

COMPLAINTS = [
    ("go", "main_test.go:7:5: could not import slices (open : no such file or directory)", "", "Go 1.21"),
    ("go", "main_test.go:30:8: undefined: min", "", "Go 1.21"),
    ("go", "main_test.go:30:1: undefined: clear", "", "Go 1.21"),
    ("go", "main_test.go:30:16: cannot range over 3 (untyped int constant)", "", "Go 1.22"),
    ("go", "main_test.go:30:16: cannot range over n (variable of type int)", "", "Go 1.22"),
    ("java", "error: patterns in switch statements are a preview feature", "", "Java 21"),
    ("java", "/Main.java:23: error: ')' expected", "if (o instanceof P(int a, int b))", "Java 21"),
    ("java", "symbol:   method getFirst()\n  location: interface List<Integer>", "", "Java 21"),
    ("java", "error: as of release 9, '_' is a keyword, and may not be used as an identifier", "", "Java 22"),
    ("java", "error: cannot find symbol\n  symbol:   method clamp(int,int,int)", "", "Java 21"),
    ("cpp", "main.cpp:46:6: error: \u2018std::ranges\u2019 has not been declared", "", "C++20"),
    ("cpp", "\u2018concept\u2019 only available with \u2018-std=c++20\u2019 or \u2018-fconcepts\u2019", "", "C++20"),
    ("cpp", "error: \u2018span\u2019 is not a member of \u2018std\u2019", "", "C++20"),
    ("cpp", "\u2018class map\u2019 has no member named \u2018contains\u2019", "", "C++20"),
    ("cpp", "fatal error: format: No such file or directory", "", "C++20 and C++23"),
    ("cpp", "declaration of \u2018operator<=\u2019 as non-function", "auto operator<=>(const A&) const;", "C++20"),
    ("rust", "error: let chains are only allowed in Rust 2024 or later", "", "Rust 1.88, edition 2024"),
    ("python", "SyntaxError: expected '('", "def h[T](x: T) -> T:\n    return x", "Python 3.12"),
    ("python", "SyntaxError: f-string: unmatched '['", "", "Python 3.12"),
    ("python", "ImportError: cannot import name 'batched' from 'itertools' (unknown location)", "", "Python 3.12"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "said", "code", "since"), COMPLAINTS)
def test_a_complaint_names_its_feature(language: str, said: str, code: str, since: str):
    found = newer_feature(language, said, code)
    assert found is not None
    assert found.since == since


@pytest.mark.parametrize(
    ("language", "said", "code"),
    [
        ("go", "main_test.go:3:5: undefined: helper", ""),
        ("go", "main_test.go:3:5: undefined: minimum", ""),
        ("java", "/Main.java:23: error: ')' expected", "foo(a, b"),
        ("java", "symbol:   method getFirst()\n  location: class Solution", ""),
        ("cpp", "error: \u2018x\u2019 was not declared in this scope", ""),
        ("python", "SyntaxError: invalid syntax", "def f(x)\n    return x[0]"),
        ("python", "SyntaxError: expected '('", "def f:\n    pass"),
        ("shell", "whatever", ""),
    ],
)
def test_a_plain_mistake_names_none(language: str, said: str, code: str):
    assert newer_feature(language, said, code) is None


def test_every_row_says_where_it_is_written():
    rows = [row for rows in newer_features().values() for row in rows]
    assert {*newer_features()} == {"go", "java", "cpp", "rust", "python"}
    assert all(row.source.startswith("https://") and row.since for row in rows)
