"""The generic answers in JavaScript, for HumanEvalPack's tests in that language."""

import ast
import json
from collections.abc import Iterator

from sandbox.program import Limits, Program
from tasks.humanevalpack.problem import PackProblem
from tests.performance.strategy_parts.strategies import ECHO, first_result

EXPRESSIONS = {
    "the first argument": "args[0]",
    "the last argument": "args[args.length - 1]",
    "a tuple of the arguments": "args",
    "the length of the first": "args[0].length",
    "the first, sorted": "[...args[0]].sort((a, b) => a - b)",
    "the first, reversed": "[...args[0]].reverse()",
    "the first's first item": "args[0][0]",
    "the first's last item": "args[0][args[0].length - 1]",
    "the first's items once": "[...new Set(args[0])]",
    "the first as a text": "String(args[0])",
    "the largest of the first": "Math.max(...args[0])",
    "the smallest of the first": "Math.min(...args[0])",
    "the sum of the first": "args[0].reduce((a, b) => a + b, 0)",
    "the largest argument": "Math.max(...args)",
    "the smallest argument": "Math.min(...args)",
    "the sum of the arguments": "args.reduce((a, b) => a + b)",
    "True": "true",
    "False": "false",
    "None": "null",
    "0": "0",
    "1": "1",
    "-1": "-1",
    "an empty text": "''",
    "an empty list": "[]",
    "whether the first is true": "Boolean(args[0])",
    "whether the last is true": "Boolean(args[args.length - 1])",
    "whether all arguments are equal": "args.every(each => each === args[0])",
}
_SIEVE = """
const codes = %s;
const tests = %s;
const held = [];
const quiet = { log: () => {}, assert: (right) => { if (!right) throw new Error('assertion'); } };
codes.forEach((code, number) => {
  try { new Function('require', 'console', code + '\\n' + tests)(require, quiet); held.push(number); } catch (error) {}
});
console.log(held.join(' '));
"""


def codes_of_javascript(problem: PackProblem) -> Iterator[tuple[str, str]]:
    """Name and code of each strategy that can be made for a problem."""
    name = problem.function
    for strategy, expression in EXPRESSIONS.items():
        yield strategy, f"const {name} = (...args) => {{\n  return {expression};\n}}\n"
    if shown := first_result(problem.prompt, name):
        yield ECHO, f"const {name} = (...args) => {{\n  return {_in_javascript(shown)};\n}}\n"


def sieve_of_javascript(problem: PackProblem, limits: Limits) -> Program:
    """Writes the numbers of the strategies that pass in one process with the tests."""
    codes = [code for _, code in codes_of_javascript(problem)]
    text = _SIEVE % (json.dumps(codes), json.dumps(problem.test))
    return Program("javascript", {"main.js": text}, limits=limits)


def _in_javascript(literal: str) -> str:
    try:
        return json.dumps(ast.literal_eval(literal))
    except TypeError:
        return "null"
