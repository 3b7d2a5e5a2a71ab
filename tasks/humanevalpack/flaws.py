"""What keeps a row of HumanEvalPack's form from being scored, by its language."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tasks.data.dataset import Row
from tasks.data.fault import Flaw
from tasks.data.own.python_source import check_flaws, compile_error, parse, used_names
from tasks.humaneval.flaws import entry_point_flaws, prompt_flaws

_NEEDED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "js": {"test": (r"\bassert\b|\bthrow\b", "a console.assert")},
    "java": {"test": (r"\bclass\s+Main\b[\s\S]*\bmain\s*\(", "a class Main with a method main")},
    "go": {
        "test": (r"\bfunc\s+Test\w*\s*\(", "a function func TestName(t *testing.T)"),
        "test_setup": (r"\bpackage\s+main\b[\s\S]*\"testing\"", 'package main and the import of "testing"'),
    },
    "cpp": {"test": (r"\bmain\s*\(", "a function main")},
    "rust": {"test": (r"#\[\s*test\s*\]", "a function marked #[test]")},
}
"""By language and column: the pattern without which no test would run, and what it stands for."""
_LOOSELY_PARSED = frozenset({"cpp"})
"""What the parser cannot read in these may be right nevertheless: macros and templates need the compiler."""
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_DECLARED = re.compile(r"(\w+)\s*(?:=\s*)?\(")
"""A name in front of a parameter list: some rows of HumanEvalPack spell entry_point otherwise than their code."""


def humanevalpack_flaws(code: str) -> Callable[[Row], Iterator[Flaw]]:
    """Finds the flaws of a row in the language that the data calls `code`, without running anything."""
    return partial(_flaws, code)


def _flaws(code: str, row: Row) -> Iterator[Flaw]:
    for column in ("prompt", "declaration", "canonical_solution", "buggy_solution", "instruction", "test"):
        if not str(row[column]).strip():
            yield Flaw(column, "is empty", "fill it in, as HumanEvalPack's own rows do")
            return
    if code != "python":
        yield from _other_flaws(code, row)
        return
    entry_point, test = str(row["entry_point"]), str(row["test"])
    yield from entry_point_flaws(entry_point)
    yield from prompt_flaws(str(row["prompt"]), str(row["canonical_solution"]), entry_point)
    found = [*check_flaws(test, "test")]
    yield from found
    if not found and "check" not in used_names(parse(test)):
        yield Flaw("test", "never calls check()", f"end it with check({entry_point})")
    if error := compile_error(str(row["prompt"]) + str(row["buggy_solution"])):
        yield Flaw("buggy_solution", f"does not continue the prompt ({error})", "write a body that runs but is wrong")


def _other_flaws(code: str, row: Row) -> Iterator[Flaw]:
    entry_point, declaration, test = (str(row[column]) for column in ("entry_point", "declaration", "test"))
    if not _IDENTIFIER.fullmatch(entry_point):
        yield Flaw("entry_point", "is not an identifier", "write the bare name of the function")
        return
    if "(" not in declaration:
        yield Flaw("declaration", "declares no function", "write the imports and the head of the function")
    for column, (pattern, meaning) in _NEEDED[code].items():
        if not re.search(pattern, str(row[column])):
            yield Flaw(column, f"lacks {meaning}, without which no test runs", "add it, as HumanEvalPack's own rows do")
            return
    declared = [entry_point, *_DECLARED.findall(declaration)]
    if not any(re.search(rf"\b{re.escape(name)}\b", test) for name in declared):
        yield Flaw("test", f"does not call {entry_point}", "call the function that the declaration names")
    from tasks.extraction.outline import outlined  # the parsers of five languages, which few commands need

    language = "javascript" if code == "js" else code
    whole = outlined(f"{row['prompt']}{row['canonical_solution']}", language)
    if not any(whole.function(name) for name in declared):
        yield Flaw(
            "prompt", f"with canonical_solution defines no function {entry_point}", "end it with the function's head"
        )
    if code not in _LOOSELY_PARSED and outlined(test, language).broken:
        yield Flaw("test", f"does not parse as {language}", "correct the tests")
