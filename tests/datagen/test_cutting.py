"""Sources as people write them: old encodings, tabs, text at column 0, licences above functions, generic types."""

import ast

import pytest

from datagen.code.documentation import summary
from datagen.code.functions import cut_functions
from datagen.code.syntax import parses
from datagen.rows.raw_function import Origin, RawFunction
from datagen.sources.files import decode


def cut(source: str, language: str = "python") -> RawFunction:
    (function,) = cut_functions(source, language, Origin("t", "p"))
    return function


@pytest.mark.parametrize(
    "method",
    [
        'def f(self, a):\n        """Adds one.\n\nText at column 0.\n        """\n        return a + 1',
        'def f(self, a):\n        text = """\nzero\n        eight\n"""\n        return text + a',
        "def f(self, a):\n# a comment at column 0\n        return a + 1",
        "def f(self, a):\n        return a + 1  # Grüße",
    ],
)
def test_methods_come_to_column_0_and_their_texts_stay(method: str):
    source = f"class A:\n    {method}\n"
    function = cut(source)
    assert function.code.startswith("def f(self, a):")
    (inside,) = ast.parse(source).body[0].body  # pyright: ignore[reportAttributeAccessIssue]
    (alone,) = ast.parse(function.code).body
    if ast.get_docstring(inside):
        inside.body.pop(0)
    assert ast.dump(inside) == ast.dump(alone)


def test_tabs_and_mixed_indentation():
    function = cut("class A:\n\tdef f(self, a):\n\t\tif a:\n\t\t\treturn 1\n\t\treturn a\n")
    assert function.code == "def f(self, a):\n\tif a:\n\t\treturn 1\n\treturn a"


def test_python_is_parsed_by_python():
    assert not parses("    def f(a):\n        return a", "python")
    assert not parses('def f(a):\n    print "old"', "python")
    assert parses("def f(a):\n    return a", "python")


def test_comments_in_a_head_do_not_swallow_it():
    assert cut("def f(a,  # the number\n      b):\n    return a + b\n").signature == "def f(a, b):"
    assert cut('def f(a="#", b="/"):\n    return a\n').signature == 'def f(a="#", b="/"):'


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("/*\n * Copyright (c) 2020 Foo.\n */\nfunction f(a) {\n  return a + 1;\n}\n", "javascript"),
        ("// Copyright 2009 The Go Authors. All rights reserved.\nfunc f(a int) int {\n\treturn a + 1\n}\n", "go"),
        ("// SPDX-License-Identifier: MIT\nfn f(a: i32) -> i32 {\n    a + 1\n}\n", "rust"),
    ],
)
def test_a_licence_is_no_documentation(source: str, language: str):
    assert cut(source, language).docstring == ""


def test_a_function_of_javascript_knows_its_own_name():
    assert cut("function f(a) {\n  return a ? f(a - 1) : 0;\n}\n", "javascript").unknown == ()


def test_types_in_documentation_stay_and_markup_goes():
    assert summary("Joins a List<String> of <b>words</b>.") == "Joins a List<String> of words."
    assert summary("Maps a List<B> to <I>one</I> Map<String, B>.") == "Maps a List<B> to one Map<String, B>."
    assert summary("Returns <p> the item<br/> of {@code a}.") == "Returns the item of a."


def test_old_encodings_are_read_and_pictures_are_not():
    cyrillic = '# -*- coding: cp1251 -*-\nname = "\u0416"'
    assert decode(cyrillic.encode("cp1251")) == cyrillic
    assert decode("text = 'Gr\u00fc\u00dfe'".encode("latin-1")) == "text = 'Gr\u00fc\u00dfe'"
    assert decode(b"# coding: no-such-thing\n\xff") is None
    assert decode(b"\xff\xd8\xff\xe0\x10JFIF\x01\x80\x81") is None
