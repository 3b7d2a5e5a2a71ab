"""C++: the candidate behind a generated server that calls it by name, the tests behind a stand-in that asks it.

A call by name resolves overloads and conversions as it does in the tests; the server pins the declared type of the
result. A candidate that answers with another type which does not convert to it does not compile apart.
"""

import re
from functools import lru_cache

from tree_sitter import Node

from tasks.extraction.outline import outlined
from tasks.extraction.tree import walk
from tasks.humanevalpack.notes import bears_helper
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.split.declared import CannotSplitError, Declared, declared_in
from tasks.humanevalpack.split.edits import Edit, edited

_MAIN_FILE = "main.cpp"
_TYPE_KINDS = ("primitive_type", "sized_type_specifier", "type_identifier", "placeholder_type_specifier")
_KNOWN = frozenset(
    {"bool", "char", "short", "int", "long", "long long", "long int", "long long int", "unsigned", "unsigned int"}
    | {"unsigned long", "unsigned long long", "float", "double", "size_t", "int64_t", "int32_t", "uint64_t"}
    | {"string", "vector", "list", "deque", "set", "multiset", "map", "pair", "any"}
    | {"unordered_map", "unordered_set", "optional", "tuple"}
)
_ALIAS_KINDS = ("type_definition", "alias_declaration")
_MORE = re.compile(r"\b(?:unordered_map|unordered_set|optional|tuple)\b")
_ASSERT_HEADER = re.compile(r"[<\"](?:assert\.h|cassert)[>\"]")
_RECORDER = "#include <wavebench/assert.hpp>\n"


def tester(problem: PackProblem) -> dict[str, str]:
    """The tests' files. Raises CannotSplitError."""
    declared = declared_in(problem)
    parameters = _parameters(declared)
    before = "\n".join(item.text for item in declared.before)
    arguments = "".join(f", {name}" for name, _ in parameters)
    result = _result(declared)
    stand_in = f'{declared.head} {{ return wavebench::call<{result}>("{problem.function}"{arguments}); }}'
    # A recording `assert` from the tests' beginning on, and again behind each header that defines another.
    outline = outlined(problem.test, "cpp")
    edits: list[Edit] = [(0, 0, _RECORDER)]
    for node in walk(outline.root):
        if node.type == "preproc_include" and _ASSERT_HEADER.search(outline.text_of(node)):
            line = outline.text_of(node).rstrip("\n")
            edits.append((node.start_byte, node.end_byte, f"{line}\n{_RECORDER}"))
    text = (
        f"{_helper(problem)}{before}\n{_codecs(declared)}{stand_in}\n"
        f"#define main wavebench_tests\n{edited(outline, edits)}\n#undef main\n"
        "int main() { return wavebench::run([] { wavebench_tests(); }); }\n"
    )
    return {_MAIN_FILE: text}


def candidate(problem: PackProblem, code: str) -> dict[str, str]:
    """The candidate's files: its code, and its server. Raises CannotSplitError."""
    return {_MAIN_FILE: f"{_helper(problem)}{code}\n{_server(problem)}"}


@lru_cache(maxsize=1024)
def _server(problem: PackProblem) -> str:
    declared = declared_in(problem)
    types = [kind for _, kind in _parameters(declared)]
    gets = "".join(f"{kind} a{number} = wavebench::get<{kind}>(in); " for number, kind in enumerate(types))
    arguments = ", ".join(f"a{number}" for number in range(len(types)))
    result = _result(declared)
    return (
        f"{_codecs(declared)}signed main() {{ return wavebench::serve([](wavebench::In &in, wavebench::Out &out) {{ "
        f"{gets}{result} result = {problem.function}({arguments}); wavebench::put<{result}>(out, result); }}); }}\n"
    )


def _helper(problem: PackProblem) -> str:
    return problem.pack_language.helper if bears_helper(problem.task_id) else ""


def _codecs(declared: Declared) -> str:
    """What the signature needs beyond the prelude's types."""
    types = "\n".join([declared.head, *(item.text for item in declared.before if item.kind in _ALIAS_KINDS)])
    more = "#include <wavebench/more.hpp>\n" if _MORE.search(types) else ""
    return more + ("#include <wavebench/any.hpp>\n" if re.search(r"\bany\b", types) else "")


def _check(declared: Declared, kind: Node) -> None:
    """Raises CannotSplitError where a type cannot cross. What the prompt gives a name to is left to the compiler."""
    aliases = {name for item in declared.before if item.kind in _ALIAS_KINDS for name in item.names}
    declared.refuse_others(kind, _TYPE_KINDS, _KNOWN | aliases)


def _parameters(declared: Declared) -> list[tuple[str, str]]:
    """Name and plain type of each parameter."""
    declarator = declared.field(declared.node, "declarator")
    while declarator.type != "function_declarator":  # that of a pointer or reference stands around it
        declarator = declared.field(declarator, "declarator")
    parameters: list[tuple[str, str]] = []
    for node in declared.field(declarator, "parameters").named_children:
        if "comment" in node.type:
            continue
        if node.type not in ("parameter_declaration", "optional_parameter_declaration"):
            raise CannotSplitError(f"the parameter {declared.text(node)} stands for any number of arguments")
        kind = declared.field(node, "type")
        _check(declared, kind)
        name = node.child_by_field_name("declarator")
        if name is not None and name.type == "reference_declarator":
            if not any(child.type == "type_qualifier" for child in node.named_children):
                raise CannotSplitError(f"the parameter {declared.text(node)} may be written through")
            name = name.named_children[0]
        if name is None or name.type != "identifier":
            raise CannotSplitError(f"the parameter {declared.text(node)} is not a plain value with a name")
        parameters.append((declared.text(name), declared.text(kind)))
    return parameters


def _result(declared: Declared) -> str:
    kind = declared.field(declared.node, "type")
    _check(declared, kind)
    if declared.field(declared.node, "declarator").type != "function_declarator":
        raise CannotSplitError("the function answers with a reference or a pointer")
    return declared.text(kind)
