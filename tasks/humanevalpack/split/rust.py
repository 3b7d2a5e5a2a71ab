"""Rust: arguments cross as owned values, of which the server lends what the declaration borrows.

The server pins the declared type of the result. It starts from an exported `main`, so that the candidate's own main
function, if it has one, is a function like others.
"""

import re
from functools import lru_cache

from tree_sitter import Node

from tasks.extraction.outline import Outline, outlined
from tasks.extraction.tree import leaves, walk
from tasks.humanevalpack import notes
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.split.declared import CannotSplitError, Declared, declared_in
from tasks.humanevalpack.split.edits import Edit, edited

_MAIN_FILE = "main.rs"
_TYPE_KINDS = ("primitive_type", "type_identifier")
_UNKNOWN_KINDS = ("mutable_specifier", "abstract_type", "function_type", "pointer_type", "macro_invocation")
_KNOWN = frozenset(
    {"i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "usize", "f32", "f64", "bool", "char"}
    | {"str", "String", "Vec", "Option", "Result", "Box", "Any"}
    | {"HashMap", "BTreeMap", "HashSet", "BTreeSet", "VecDeque"}
)
_LIFETIME = re.compile(r"'\w+\s+")
_BORROWED_TEXT = re.compile(r"&\s*str\b")
_ASSERTIONS = ("assert", "assert_eq", "assert_ne")


def tester(problem: PackProblem) -> dict[str, str]:
    """The tests' files. Raises CannotSplitError."""
    declared = declared_in(problem)
    parameters = _parameters(declared)
    before = "\n".join(item.text for item in declared.before if "main" not in item.names)
    arguments = ", ".join(f"&{name}" for name, _ in parameters)
    result = _result(problem, declared)
    head = declared.outline.slice(declared.node.start_byte, declared.field(declared.node, "parameters").end_byte)
    stand_in = f'{head} -> {result} {{ ::wavebench::call::<{result}>("{problem.function}", &[{arguments}]) }}'
    tests, names = _as_functions(problem.test)
    text = (
        f"#[macro_use] extern crate wavebench;\n{before}\n{notes.own_types(problem.task_id).tester}{stand_in}\n"
        f"{tests}\nfn main() {{ ::wavebench::run(&[{', '.join(names)}]) }}\n"
    )
    return {_MAIN_FILE: text}


def candidate(problem: PackProblem, code: str) -> dict[str, str]:
    """The candidate's files: its code, and its server. Raises CannotSplitError."""
    return {_MAIN_FILE: f"#![no_main]\n{code}\n{_server(problem)}"}


@lru_cache(maxsize=1024)
def _server(problem: PackProblem) -> str:
    declared = declared_in(problem)
    gets: list[str] = []
    calls: list[str] = []
    for number, (_, kind) in enumerate(_parameters(declared)):
        lent = kind.startswith("&") and not _BORROWED_TEXT.fullmatch(kind)
        owned = kind.removeprefix("&").strip() if lent else kind
        owned = f"Box<{owned}>" if owned.startswith("dyn ") else owned
        gets.append(f"let a{number} = <{_lasting(owned)} as ::wavebench::Get>::get(input);")
        mark = "&*" if lent and owned.startswith("Box<dyn ") else "&" if lent else ""
        calls.append(f"{mark}a{number}")
    result = _result(problem, declared)
    return (
        f"{notes.own_types(problem.task_id).candidate}"
        '#[export_name = "main"] pub extern "C" fn wavebench_main() -> i32 { ::wavebench::serve(|input, output| { '
        f"{' '.join(gets)} let result: {result} = {problem.function}({', '.join(calls)}); "
        "::wavebench::Put::put(&result, output) }) }\n"
    )


def _parameters(declared: Declared) -> list[tuple[str, str]]:
    """Name and type, without lifetimes, of each parameter."""
    generic = declared.node.child_by_field_name("type_parameters")
    if generic is not None and any("lifetime" not in child.type for child in generic.named_children):
        raise CannotSplitError(f"the function takes values of any type: {declared.text(generic)}")
    parameters: list[tuple[str, str]] = []
    for node in declared.field(declared.node, "parameters").named_children:
        if node.type in ("attribute_item", "line_comment", "block_comment"):
            continue
        if node.type != "parameter":
            raise CannotSplitError(f"the parameter {declared.text(node)} cannot cross between two processes")
        kind, pattern = declared.field(node, "type"), declared.field(node, "pattern")
        _check(declared, kind)
        if pattern.type != "identifier":
            raise CannotSplitError(f"the parameter {declared.text(node)} has no name of its own")
        parameters.append((declared.text(pattern), _LIFETIME.sub("", declared.text(kind))))
    return parameters


def _result(problem: PackProblem, declared: Declared) -> str:
    kind = declared.node.child_by_field_name("return_type")
    if kind is None:
        return "()"
    if not notes.own_types(problem.task_id).tester:
        _check(declared, kind)
    return _lasting(_LIFETIME.sub("", declared.text(kind)))


def _check(declared: Declared, kind: Node) -> None:
    declared.refuse_others(kind, _TYPE_KINDS, _KNOWN)
    for part in walk(kind):
        if part.type in _UNKNOWN_KINDS:
            raise CannotSplitError(f"a value of the type {declared.text(kind)} cannot cross between two processes")


def _lasting(kind: str) -> str:
    """The type with texts that live for ever, as decoded ones do."""
    return _BORROWED_TEXT.sub("&'static str", kind)


def _as_functions(test: str) -> tuple[str, list[str]]:
    """The tests as plain functions that record their assertions, and the paths of these functions."""
    outline = outlined(test, "rust")
    edits: list[Edit] = []
    paths: list[str] = []
    for node in walk(outline.root):
        if node.type == "attribute_item" and _attribute(outline, node) == "cfg(test)":
            edits.append((node.start_byte, node.end_byte, ""))
        elif node.type == "attribute_item" and _attribute(outline, node) == "test":
            function = node.next_named_sibling
            while function is not None and function.type != "function_item":
                function = function.next_named_sibling
            name = function.child_by_field_name("name") if function is not None else None
            if function is None or name is None:
                raise CannotSplitError("the tests have an attribute #[test] without a function")
            public = any(child.type == "visibility_modifier" for child in function.children)
            edits.append((node.start_byte, node.end_byte, ""))
            edits.append((function.start_byte, function.start_byte, "" if public else "pub(crate) "))
            paths.append("::".join([*_modules(outline, node), outline.text_of(name)]))
    if not paths:
        raise CannotSplitError("the tests have no function with #[test]")
    before: Node | None = None
    for leaf in leaves(outline.root):  # assertions in arguments of macros are no nodes, but leaves in a row
        if leaf.type == "!" and before is not None and outline.text_of(before) in _ASSERTIONS:
            edits.append((before.start_byte, before.end_byte, f"recorded_{outline.text_of(before)}"))
        before = leaf
    return edited(outline, edits), paths


def _attribute(outline: Outline, node: Node) -> str:
    return "".join(outline.text_of(node).split()).removeprefix("#[").removesuffix("]")


def _modules(outline: Outline, node: Node) -> list[str]:
    """The modules around a node, the outermost first."""
    names: list[str] = []
    outer = node.parent
    while outer is not None:
        name = outer.child_by_field_name("name") if outer.type == "mod_item" else None
        names += [outline.text_of(name)] if name is not None else []
        outer = outer.parent
    return names[::-1]
