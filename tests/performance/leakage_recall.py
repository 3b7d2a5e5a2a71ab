"""Recall of the behavioural leak check: paraphrased and renamed benchmark solutions among ordinary rows.

    python tests/performance/leakage_recall.py --data FOLDER_OF_BENCHMARKS

Plants one paraphrase of each reference solution of HumanEval and MBPP among functions of the standard library, at
least 5,000 rows in all, and lists every find that was not planted.
"""

import argparse
import ast
import time
from collections import Counter

from datagen.config import LeakageConfig
from datagen.leakage.behaviour import BehaviourCounts, behaviour_leaks
from datagen.leakage.benchmark import load_benchmarks
from datagen.rows.example import Example, TaskType
from datagen.rows.raw_function import Origin
from datagen.sources.collect import Collection, collect
from datagen.sources.source import SourceConfig, SourceKind
from sandbox.launch import open_sandbox


class Paraphrase(ast.NodeTransformer):
    """Other names, no annotations, turned conditions, augmented assignments written out, temporaries for results."""

    def __init__(self, code: str) -> None:
        self.tree = ast.parse(code)
        nodes = list(ast.walk(self.tree))
        names = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        names |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        self.names = {name: f"item_{place}" for place, name in enumerate(sorted(names))}

    def code(self) -> str:
        return ast.unparse(ast.fix_missing_locations(self.visit(self.tree)))

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self.names[node.arg])

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name, node.returns = self.names[node.name], None
        self.generic_visit(node)
        return node

    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        if node.orelse:
            node.test, node.body, node.orelse = ast.UnaryOp(ast.Not(), node.test), node.orelse, node.body
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        return ast.Assign([node.target], ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value))

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        self.generic_visit(node)
        if node.value is None:
            return [node]
        return [
            ast.Assign([ast.Name("outcome", ast.Store())], node.value),
            ast.Return(ast.Name("outcome", ast.Load())),
        ]


def row(code: str, number: int, source: str) -> Example:
    return Example(
        task=TaskType.GENERATION,
        instruction=f"Write Python function {number}.",
        input="",
        output=code,
        language="python",
        function_id=str(number),
        function_name="",
        origin=Origin(source, ""),
        teacher="rules",
        wording="",
        core_rank=number,
    )


def main(data: str) -> None:
    benchmarks = load_benchmarks(LeakageConfig(data=data))
    problems = [problem for benchmark in benchmarks for problem in benchmark.problems]
    planted = [row(Paraphrase(problem.solution).code(), number, "planted") for number, problem in enumerate(problems)]
    library = collect((SourceConfig("library", SourceKind.STANDARD_LIBRARY, limit=5500),), Collection())
    ordinary = [row(raw.code, len(planted) + number, "library") for number, raw in enumerate(library)]
    counts, begin = BehaviourCounts(), time.perf_counter()
    with open_sandbox() as sandbox:
        leaks = list(behaviour_leaks([*planted, *ordinary], problems, sandbox, counts))
    found = {(leak.example_id, leak.task_id) for leak in leaks}
    missed = [
        problem.task_id
        for each, problem in zip(planted, problems, strict=True)
        if (each.example_id, problem.task_id) not in found
    ]
    print(f"{len(planted)} planted among {len(planted) + len(ordinary)} rows, {time.perf_counter() - begin:.0f} s")
    print(f"recall {1 - len(missed) / len(planted):.4f}; missed: {', '.join(missed) or 'none'}")
    print(f"{counts.functions} functions, {counts.broken} not definable alone, {counts.killed} took a program down")
    ids = {each.example_id for each in ordinary}
    others = Counter((leak.task_id, leak.evidence) for leak in leaks if leak.example_id in ids)
    print(f"{len(others)} finds that were not planted:")
    for (task_id, evidence), _ in sorted(others.items()):
        print(f"  {task_id}: {evidence}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="")
    main(parser.parse_args().data)
