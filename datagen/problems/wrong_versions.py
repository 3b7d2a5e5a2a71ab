"""Wrong versions of a function: every planted fault, every step left out, every branch and result forced."""

import ast
import random
from collections.abc import Iterator

from datagen.bugs.inject import plant_bugs
from datagen.problems.trivial_answers import BODIES, trivial_answer

_MOST_PLANTED = 120


def mutants(code: str) -> list[str]:
    """Different versions with one fault each, those of `datagen.bugs` first.

    Those that differ only in what is refused, and in which words, are left out: tests of results cannot tell them.
    """
    planted = [bug.code for bug in plant_bugs(code, "python", random.Random(0), _MOST_PLANTED)]
    different = {_results_of(each): each for each in reversed([*planted, *_forced(code)])}
    different.pop(_results_of(code), None)
    return list(reversed(different.values()))


class _WithoutRefusals(ast.NodeTransformer):
    def visit_Raise(self, node: ast.Raise) -> ast.AST:  # noqa: ARG002 (the visitor's shape)
        return ast.Pass()

    def visit_Assert(self, node: ast.Assert) -> ast.AST:  # noqa: ARG002
        return ast.Pass()

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        is_refusal = all(isinstance(step, ast.Pass) for step in node.body) and not node.orelse
        return ast.Pass() if is_refusal else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Without a limit a text is split alike from both ends."""
        self.generic_visit(node)
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "rsplit"
            and len(node.args) + len(node.keywords) < 2
        ):
            node.func.attr = "split"
        return node


def _results_of(code: str) -> str:
    """The code in a form that is equal where all results must be."""
    return ast.unparse(_WithoutRefusals().visit(ast.parse(code)))


def trivial_versions(name: str) -> list[str]:
    """The generic wrong answers under the function's name."""
    return [trivial_answer(name, body) for body in BODIES.values()]


def _forced(code: str) -> Iterator[str]:
    tree = ast.parse(code)
    for node in list(ast.walk(tree)):
        before = dict(vars(node))
        for change in (_force_true, _force_false, _change_value, _leave_out):
            if change(node):
                yield ast.unparse(ast.fix_missing_locations(tree))
                vars(node).update(before)


def _force_true(node: ast.AST) -> bool:
    is_branch = isinstance(node, ast.If | ast.IfExp)
    if is_branch:
        node.test = ast.Constant(True)
    return is_branch


def _force_false(node: ast.AST) -> bool:
    is_branch = isinstance(node, ast.If | ast.IfExp | ast.While)
    if is_branch:
        node.test = ast.Constant(False)
    return is_branch


def _change_value(node: ast.AST) -> bool:
    """A text constant changed, or a result lost."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node.value = f"{node.value}~"
        return True
    if isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.Constant(None)
        return True
    return False


def _leave_out(node: ast.AST) -> bool:
    """A step that stands alone in its block: the planted faults leave it alone."""
    for block in ("body", "orelse", "finalbody"):
        # `body` of a lambda is one expression.
        steps: list[ast.stmt] = [] if isinstance(node, ast.Lambda | ast.IfExp) else getattr(node, block, [])
        if len(steps) == 1 and isinstance(steps[0], ast.Assign | ast.AugAssign | ast.Expr):
            setattr(node, block, [ast.Pass()])
            return True
    return False
