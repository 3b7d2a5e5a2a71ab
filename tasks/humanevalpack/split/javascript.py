"""JavaScript: nothing is declared, so values of every plain type cross.

Each assertion becomes a recorded one: evaluated by the recorder, which knows its text, so that the tests go on when one
throws.
"""

import json

from tasks.extraction.outline import outlined
from tasks.extraction.tree import leaves, walk
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.split.declared import CannotSplitError, declared_in
from tasks.humanevalpack.split.edits import Edit, edited

_LONGEST_TEXT = 300
"""Characters of an assertion that a report shows."""
_LATER = frozenset(
    {"async", "await", "yield", "Promise", "setTimeout", "setInterval"} | {"setImmediate", "queueMicrotask"}
)
"""Words with which tests let something happen after their last line, where nothing would be recorded."""


def tester(problem: PackProblem) -> dict[str, str]:
    """The tests' files. Raises CannotSplitError."""
    declared = declared_in(problem)
    helpers = "\n".join(item.text for item in declared.before if item.names or "import" in item.kind)
    stand_in = f"const {problem.function} = __standIn({json.dumps(problem.function)})"
    outline = outlined(problem.test, "javascript")
    if later := next((word for leaf in leaves(outline.root) if (word := outline.text_of(leaf)) in _LATER), ""):
        raise CannotSplitError(f"the tests use {later}, and may go on after their last line")
    edits: list[Edit] = []
    end = 0
    for node in walk(outline.root):  # each call of `console.assert`, none inside another
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        arguments = node.child_by_field_name("arguments") if function is not None else None
        if function is None or arguments is None or node.start_byte < end:
            continue
        if "".join(outline.text_of(function).split()) == "console.assert":
            end = node.end_byte
            text = " ".join(outline.text_of(arguments)[1:-1].split())[:_LONGEST_TEXT]
            inner = outline.slice(arguments.start_byte + 1, arguments.end_byte - 1)
            edits.append((node.start_byte, end, f"__check(() => [{inner}\n], {json.dumps(text)})"))
    return {"tests.js": f"{helpers}\n{stand_in}\n{edited(outline, edits)}\n"}


def candidate(problem: PackProblem, code: str) -> dict[str, str]:
    """The candidate's files: its code, and a line that offers its function to the server."""
    name = problem.function
    offer = f";__wavebenchServe({{ {name}: typeof {name} === 'undefined' ? undefined : {name} }})"
    return {"main.js": f"{code}\n{offer}\n"}
