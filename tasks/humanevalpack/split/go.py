"""Go: codecs work by reflection on the declared types; the server pins the whole type of the function."""

import re
from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from tasks.extraction.tree import walk
from tasks.humanevalpack.go_imports import merged
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.split.declared import CannotSplitError, Declared, declared_in

_MAIN_FILE, _SERVER_FILE = "main_test.go", "server.go"
_TYPE_KINDS = ("type_identifier", "qualified_type")
_UNKNOWN_KINDS = ("pointer_type", "function_type", "channel_type", "struct_type")
_KNOWN = frozenset(
    {"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "byte", "rune"}
    | {"float32", "float64", "string", "bool", "any"}
)
_TESTIFY = '"github.com/stretchr/testify/assert"'
_WITH_A_TEST = re.compile(r"^func[ \t]+(Test(?:[^a-z\s(]\w*)?)[ \t]*\([^)]*\*[ \t]*testing\.T[ \t]*\)", re.MULTILINE)


def tester(problem: PackProblem) -> dict[str, str]:
    """The tests' files. Raises CannotSplitError."""
    declared = declared_in(problem)
    helpers = "\n".join(item.text for item in declared.before if item.names)
    parameters, results = _parameters(declared), _results(declared)
    function = declared.text(declared.field(declared.node, "name"))
    takes = ", ".join(f"{each} {kind}" for each, kind in parameters)
    answers = [f"wavebenchResult{number}" for number in range(len(results))]
    declares = "".join(f"var {answer} {kind}; " for answer, kind in zip(answers, results, strict=True))
    pointers = ", ".join(f"&{answer}" for answer in answers)
    arguments = "".join(f", &{each}" for each, _ in parameters)
    stand_in = (
        f'func {function}({takes}) ({", ".join(results)}) {{ {declares}tester.Call("{function}", '
        f"[]interface{{}}{{{pointers}}}{arguments}); return {', '.join(answers)} }}"
    )
    setup = f"{problem.test_setup}\n{problem.imports}"
    text = merged(setup, f"{helpers}\n{stand_in}", problem.test, problem.pack_language.packages)
    text = text.replace(_TESTIFY, 'assert "aaa/checks"', 1)
    names = list(dict.fromkeys(_WITH_A_TEST.findall(problem.test)))
    if not names:
        raise CannotSplitError("the tests have no test function")
    rows = "".join(f'\t\t{{Name: "{name}", F: tester.Watched(candidate.{name})}},\n' for name in names)
    main = (
        'package main\n\nimport (\n\t"aaa/tester"\n\t"os"\n\t"testing"\n\t"testing/internal/testdeps"\n\n'
        '\tcandidate "candidate"\n)\n\nfunc main() {\n\ttester.Start()\n\ttests := []testing.InternalTest{\n'
        f"{rows}\t}}\n\tos.Exit(tester.End(testing.MainStart(testdeps.TestDeps{{}}, tests, nil, nil, nil).Run()))\n}}\n"
    )
    imported = text.replace("import (", 'import (\n    "aaa/tester"', 1)
    return {_MAIN_FILE: imported, _SERVER_FILE: main}


def candidate(problem: PackProblem, code: str) -> dict[str, str]:
    """The candidate's files: its package, and the main program that serves it. Raises CannotSplitError."""
    return {_MAIN_FILE: code, _SERVER_FILE: _server(problem)}


@lru_cache(maxsize=1024)
def _server(problem: PackProblem) -> str:
    declared = declared_in(problem)
    types = ", ".join(kind for _, kind in _parameters(declared))
    function = f"candidate.{problem.function}"
    return (
        'package main\n\nimport (\n\t"aaa/serve"\n\n\tcandidate "candidate"\n)\n\n'
        f"var pinned func({types}) ({', '.join(_results(declared))}) = {function}\n\n"
        "func main() { serve.Function(pinned) }\n"
    )


def _parameters(declared: Declared) -> list[tuple[str, str]]:
    """Name and type of each parameter; one without a name gets one."""
    if declared.node.child_by_field_name("type_parameters") is not None:
        raise CannotSplitError("the function takes values of any type")
    return [
        (name or f"wavebenchArgument{number}", kind)
        for number, (name, kind) in enumerate(_named(declared, declared.field(declared.node, "parameters")))
    ]


def _results(declared: Declared) -> list[str]:
    node = declared.node.child_by_field_name("result")
    if node is None:
        return []
    if node.type == "parameter_list":
        return [kind for _, kind in _named(declared, node)]
    _check(declared, node)
    return [declared.text(node)]


def _named(declared: Declared, names: Node) -> Iterator[tuple[str, str]]:
    for node in names.named_children:
        if node.type == "comment":
            continue
        if node.type != "parameter_declaration":
            raise CannotSplitError(f"the parameter {declared.text(node)} stands for any number of arguments")
        kind = declared.field(node, "type")
        _check(declared, kind)
        for name in node.children_by_field_name("name") or [None]:
            text = declared.text(name)
            yield "" if text == "_" else text, declared.text(kind)


def _check(declared: Declared, kind: Node) -> None:
    declared.refuse_others(kind, _TYPE_KINDS, _KNOWN)
    for part in walk(kind):
        if part.type in _UNKNOWN_KINDS or (part.type == "interface_type" and part.named_children):
            raise CannotSplitError(f"a value of the type {declared.text(kind)} cannot cross between two processes")
