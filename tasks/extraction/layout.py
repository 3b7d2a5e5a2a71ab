"""Python code that tree-sitter lets pass and Python does not, for where its lines and indents are."""

from tree_sitter import Node

from tasks.extraction.budget import check_budget

_HOLDS_BLOCKS = frozenset(
    {
        *("block", "function_definition", "class_definition", "decorated_definition", "if_statement", "elif_clause"),
        *("else_clause", "for_statement", "while_statement", "with_statement", "try_statement", "except_clause"),
        *("except_group_clause", "finally_clause", "match_statement", "case_clause"),
    }
)


def is_uneven(root: Node) -> bool:
    """Whether a block of the tree is empty or unevenly indented, or a line begins with what only an open bracket lets
    go on."""
    waiting = [root]
    while waiting:  # not `walk`: only statements hold blocks, and most nodes are expressions
        check_budget()
        node = waiting.pop()
        children = node.named_children
        if node.type in ("block", "module") and _is_uneven(node, children):
            return True
        waiting += [child for child in children if child.type in _HOLDS_BLOCKS]
    return False


def _is_uneven(block: Node, statements: list[Node]) -> bool:
    places = [(child, child.start_point) for child in statements if child.type != "comment"]
    first_on_line = {place.row: place.column for _, place in reversed(places)}
    if len(set(first_on_line.values())) > 1 or (not places and block.type == "block"):
        return True
    return any(_breaks_off(child) for child, _ in places if child.type == "expression_statement")


def _breaks_off(statement: Node) -> bool:
    """Whether a name and the annotation behind it stand on two lines, as a sentence and code that follow each other."""
    for child in statement.named_children:
        assignment: Node | None = child
        while assignment is not None and assignment.type == "assignment":
            annotation = assignment.child_by_field_name("type")
            if annotation is not None and annotation.start_point.row > assignment.start_point.row:
                return True
            assignment = assignment.child_by_field_name("right")
    return False
