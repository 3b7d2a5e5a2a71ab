"""Java: values say their own types; the server calls the method by name and pins the declared type of its result.

The tester's `Solution` is the prompt's class, whose entry point asks the candidate. The tests' list of booleans becomes
a list of checks, each evaluated and recorded.
"""

import json
from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from tasks.extraction.outline import Outline, outlined
from tasks.extraction.tree import walk
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.split.declared import CannotSplitError, Declared, declared_in
from tasks.humanevalpack.split.edits import Edit, edited

_TYPE_KINDS = ("type_identifier", "integral_type", "floating_point_type", "boolean_type", "void_type")
_BOXES = {
    "boolean": "Boolean",
    "byte": "Byte",
    "short": "Short",
    "int": "Integer",
    "long": "Long",
    "float": "Float",
    "double": "Double",
    "char": "Character",
}
_KNOWN = frozenset(
    {*_BOXES, *_BOXES.values(), "String", "Object", "Number", "CharSequence", "BigInteger"}
    | {"List", "ArrayList", "Collection", "Iterable", "Set", "HashSet", "LinkedHashSet"}
    | {"Map", "HashMap", "LinkedHashMap", "Optional"}
)
_LONGEST_TEXT = 300
"""Characters of a check that a report shows."""
_TESTER = """
package wavebench.split;

public final class Tester {
    public interface Check { boolean holds() throws Throwable; }
    public static native Object call(String name, Object... arguments);
    public static native java.util.List<Boolean> all(String[] texts, Check... checks);
}
"""
"""What the compiler must know of the toolchain's own class of that name, which takes its place when the tests run."""


def tester(problem: PackProblem) -> dict[str, str]:
    """The tests' files. Raises CannotSplitError."""
    declared = declared_in(problem)
    arguments = "".join(f", {name}" for name, _ in _parameters(declared))
    kind = _result(declared)
    stand_in = f'{{ return ({_BOXES.get(kind, kind)}) wavebench.split.Tester.call("{problem.function}"{arguments}); }}'
    body = declared.body
    solution = edited(declared.outline, [(body.start_byte, body.end_byte, stand_in)])
    outline = outlined(problem.test, "java")
    return {"Main.java": f"{solution}\n{edited(outline, _recording(outline))}\n", "Tester.java": _TESTER}


def candidate(problem: PackProblem, code: str) -> dict[str, str]:
    """The candidate's files: its code, and what calls it. Raises CannotSplitError."""
    return {"Solution.java": code, "WavebenchCalls.java": _calls(problem)}


@lru_cache(maxsize=1024)
def _calls(problem: PackProblem) -> str:
    declared = declared_in(problem)
    imports = "\n".join(item.text for item in declared.before if "import" in item.kind)
    types = [kind for _, kind in _parameters(declared)]
    arguments = ", ".join(f"({kind}) arguments[{number}]" for number, kind in enumerate(types))
    return (
        f"{imports}\n\nclass WavebenchCalls {{\n    private static final Solution SOLUTION = new Solution();\n\n"
        "    static Object call(Object[] arguments) throws Throwable {\n"
        f"        {_result(declared)} result = SOLUTION.{problem.function}({arguments});\n"
        "        return result;\n    }\n}\n"
    )


def _parameters(declared: Declared) -> list[tuple[str, str]]:
    """Name and type of each parameter."""
    if declared.node.child_by_field_name("type_parameters") is not None:
        raise CannotSplitError("the method takes values of any type")
    parameters: list[tuple[str, str]] = []
    for node in declared.field(declared.node, "parameters").named_children:
        if "comment" in node.type:
            continue
        if node.type != "formal_parameter":
            raise CannotSplitError(f"the parameter {declared.text(node)} stands for any number of arguments")
        kind = declared.field(node, "type")
        declared.refuse_others(kind, _TYPE_KINDS, _KNOWN)
        parameters.append((declared.text(declared.field(node, "name")), declared.text(kind)))
    return parameters


def _result(declared: Declared) -> str:
    kind = declared.field(declared.node, "type")
    declared.refuse_others(kind, _TYPE_KINDS, _KNOWN)
    return declared.text(kind)


def _recording(outline: Outline) -> Iterator[Edit]:
    for node in walk(outline.root):
        if node.type == "local_variable_declaration":
            kind = node.child_by_field_name("type")
            if kind is not None and "".join(outline.text_of(kind).split()) == "List<Boolean>":
                yield from _as_checks(outline, node)
        elif node.type == "method_declaration":
            name = node.child_by_field_name("name")
            if name is None or outline.text_of(name) != "main":
                continue
            # what a check throws leaves `main`, too
            for throws in (child for child in node.children if child.type == "throws"):
                yield throws.start_byte, throws.end_byte, ""
            if (body := node.child_by_field_name("body")) is not None:
                yield body.start_byte, body.start_byte, "throws Throwable "


def _as_checks(outline: Outline, node: Node) -> Iterator[Edit]:
    """`Tester.all(TEXTS, () -> A, () -> B)` for `Arrays.asList(A, B)`."""
    variable = node.child_by_field_name("declarator")
    call = variable.child_by_field_name("value") if variable is not None else None
    items = call.child_by_field_name("arguments") if call is not None else None
    if call is None or items is None or not outline.text_of(call).startswith(("Arrays.asList", "List.of")):
        return
    checks = [item for item in items.named_children if "comment" not in item.type]
    texts = [" ".join(outline.text_of(item).split())[:_LONGEST_TEXT] for item in checks]
    known = f"new String[] {{{', '.join(json.dumps(text) for text in texts)}}}"
    yield call.start_byte, items.start_byte + 1, f"wavebench.split.Tester.all({known}{', ' if checks else ''}"
    for item in checks:
        yield item.start_byte, item.start_byte, "() -> "
