"""The generic answers in Java, Go, C++ and Rust: those that the declared types allow.

A form is what a type is in any of the four: `int`, `text`, `list int`; what is neither stands there as the language
writes it. A strategy fits a problem where its pattern matches the forms of arguments and result.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.humanevalpack.problem import PackProblem
from tests.performance.strategy_parts.strategies import ECHO, first_result

_WHOLE = "int|long|i8|i32|i64|i128|isize|u8|u32|u64|u128|usize"
_NUMBER = f"{_WHOLE}|float|double|f32|f64"
FITS = {
    "the first argument": r"(.+) ; .* -> \1",
    "the last argument": r".* ; (.+) -> \1",
    "the length of the first": rf"(?:list .+|text|str) ; .* -> (?:{_WHOLE})",
    "the first, sorted": rf"list ({_WHOLE}|text) ; .* -> list \1",
    "the first, reversed": r"(list .+) ; .* -> \1",
    "the first text, reversed": r"(?:text|str) ; .* -> text",
    "the first's first item": r"list (.+) ; .* -> \1",
    "the first's last item": r"list (.+) ; .* -> \1",
    "the first as a text": rf"(?:{_WHOLE}) ; .* -> text",
    "the largest of the first": rf"list ({_NUMBER}) ; .* -> \1",
    "the smallest of the first": rf"list ({_NUMBER}) ; .* -> \1",
    "the sum of the first": rf"list ({_NUMBER}) ; .* -> \1",
    "the largest argument": rf"({_NUMBER}) ; \1 -> \1",
    "the smallest argument": rf"({_NUMBER}) ; \1 -> \1",
    "the sum of the arguments": rf"({_NUMBER}) ; \1 -> \1",
    "True": ".* -> bool",
    "False": ".* -> bool",
    "0": f".* -> (?:{_NUMBER})",
    "1": f".* -> (?:{_NUMBER})",
    "-1": r".* -> (?:int|long|i\d+|isize|float|double|f\d+)",
    "an empty text": ".* -> text",
    "an empty list": ".* -> list .+",
    "whether the first is true": rf"(?:{_WHOLE}) ; .* -> bool",
    "whether the first holds anything": r"(?:list .+|text|str) ; .* -> bool",
    "whether all arguments are equal": r"(?!f\d|float|double)(.+) ; \1 -> bool",
}
"""Forms of the first argument, of the last (empty where there is one alone) and of the result."""
OF_TWO = (
    *("the largest argument", "the smallest argument", "the sum of the arguments"),
    "whether all arguments are equal",
)


@dataclass(frozen=True, slots=True)
class TypedLanguage:
    """How one language writes types and bodies."""

    head: str
    """The head of a function named NAME: groups `result` and `arguments`."""
    named: str
    """One argument: groups `type` and `name`."""
    forms: tuple[tuple[str, str], ...]
    """Types and their forms, as regular expressions."""
    bodies: dict[str, str]
    """By strategy: `{a}` and `{b}` are the first and the last argument, `{result}` the result's type."""
    texts: str
    """A text literal, of what JSON writes."""
    lists: str
    """A list of `{items}`; `{result}` is its type."""


_JAVA_BODIES = {
    "the first argument": "return {a};",
    "the last argument": "return {b};",
    "the length of the first": "return ((Object) {a}) instanceof String ? ((String) (Object) {a}).length() : "
    "((List<?>) (Object) {a}).size();",
    "the first, sorted": "{result} r = new ArrayList<>({a}); Collections.sort(r); return r;",
    "the first, reversed": "{result} r = new ArrayList<>({a}); Collections.reverse(r); return r;",
    "the first text, reversed": "return new StringBuilder({a}).reverse().toString();",
    "the first's first item": "return {a}.get(0);",
    "the first's last item": "return {a}.get({a}.size() - 1);",
    "the first as a text": "return String.valueOf({a});",
    "the largest of the first": "return Collections.max({a});",
    "the smallest of the first": "return Collections.min({a});",
    "the sum of the first": "{result} r = ({result}) 0; for ({result} x : {a}) r += x; return r;",
    "the largest argument": "return Math.max({a}, {b});",
    "the smallest argument": "return Math.min({a}, {b});",
    "the sum of the arguments": "return {a} + {b};",
    "True": "return true;",
    "False": "return false;",
    "0": "return ({result}) 0;",
    "1": "return ({result}) 1;",
    "-1": "return ({result}) -1;",
    "an empty text": 'return "";',
    "an empty list": "return new ArrayList<>();",
    "whether the first is true": "return {a} != 0;",
    "whether the first holds anything": "return ((Object) {a}) instanceof String ? "
    "!((String) (Object) {a}).isEmpty() : !((List<?>) (Object) {a}).isEmpty();",
    "whether all arguments are equal": "return ((Object) {a}).equals({b});",
    ECHO: "return {literal};",
}
_GO_BODIES = {
    "the first argument": "return {a}",
    "the last argument": "return {b}",
    "the length of the first": "return {result}(len({a}))",
    "the first, sorted": "r := append({result}{{}}, {a}...); for i := range r {{ for j := range r {{ "
    "if r[i] < r[j] {{ r[i], r[j] = r[j], r[i] }} }} }}; return r",
    "the first, reversed": "r := {result}{{}}; for i := range {a} {{ r = append(r, {a}[len({a})-1-i]) }}; return r",
    "the first text, reversed": 'r := ""; for _, c := range {a} {{ r = string(c) + r }}; return r',
    "the first's first item": "return {a}[0]",
    "the first's last item": "return {a}[len({a})-1]",
    "the largest of the first": "r := {a}[0]; for _, x := range {a} {{ if x > r {{ r = x }} }}; return r",
    "the smallest of the first": "r := {a}[0]; for _, x := range {a} {{ if x < r {{ r = x }} }}; return r",
    "the sum of the first": "var r {result}; for _, x := range {a} {{ r += x }}; return r",
    "the largest argument": "if {a} > {b} {{ return {a} }}; return {b}",
    "the smallest argument": "if {a} < {b} {{ return {a} }}; return {b}",
    "the sum of the arguments": "return {a} + {b}",
    "True": "return true",
    "False": "return false",
    "0": "return 0",
    "1": "return 1",
    "-1": "return -1",
    "an empty text": 'return ""',
    "an empty list": "return {result}{{}}",
    "whether the first is true": "return {a} != 0",
    "whether the first holds anything": "return len({a}) > 0",
    ECHO: "return {literal}",
}
_CPP_BODIES = {
    "the first argument": "return {a};",
    "the last argument": "return {b};",
    "the length of the first": "return {a}.size();",
    "the first, sorted": "auto r = {a}; sort(r.begin(), r.end()); return r;",
    "the first, reversed": "return {result}({a}.rbegin(), {a}.rend());",
    "the first text, reversed": "return string({a}.rbegin(), {a}.rend());",
    "the first's first item": "if ({a}.empty()) abort(); return {a}[0];",
    "the first's last item": "if ({a}.empty()) abort(); return {a}.back();",
    "the first as a text": "return to_string({a});",
    "the largest of the first": "if ({a}.empty()) abort(); return *max_element({a}.begin(), {a}.end());",
    "the smallest of the first": "if ({a}.empty()) abort(); return *min_element({a}.begin(), {a}.end());",
    "the sum of the first": "{result} r = 0; for (auto x : {a}) r += x; return r;",
    "the largest argument": "return {a} > {b} ? {a} : {b};",
    "the smallest argument": "return {a} < {b} ? {a} : {b};",
    "the sum of the arguments": "return {a} + {b};",
    "True": "return true;",
    "False": "return false;",
    "0": "return 0;",
    "1": "return 1;",
    "-1": "return -1;",
    "an empty text": 'return "";',
    "an empty list": "return {{}};",
    "whether the first is true": "return {a} != 0;",
    "whether the first holds anything": "return !{a}.empty();",
    "whether all arguments are equal": "return {a} == {b};",
    ECHO: "return {literal};",
}
_RUST_BODIES = {
    "the first argument": "return {a};",
    "the last argument": "return {b};",
    "the length of the first": "return {a}.len() as {result};",
    "the first, sorted": "let mut r = {a}.to_vec(); r.sort(); return r;",
    "the first, reversed": "let mut r = {a}.to_vec(); r.reverse(); return r;",
    "the first text, reversed": "return {a}.chars().rev().collect();",
    "the first's first item": "return {a}[0].clone();",
    "the first's last item": "return {a}[{a}.len() - 1].clone();",
    "the first as a text": "return {a}.to_string();",
    "the largest of the first": "return {a}.iter().fold({a}[0], |r, x| if *x > r {{ *x }} else {{ r }});",
    "the smallest of the first": "return {a}.iter().fold({a}[0], |r, x| if *x < r {{ *x }} else {{ r }});",
    "the sum of the first": "return {a}.iter().sum();",
    "the largest argument": "return if {a} > {b} {{ {a} }} else {{ {b} }};",
    "the smallest argument": "return if {a} < {b} {{ {a} }} else {{ {b} }};",
    "the sum of the arguments": "return {a} + {b};",
    "True": "return true;",
    "False": "return false;",
    "0": "return 0 as {result};",
    "1": "return 1 as {result};",
    "-1": "return -1 as {result};",
    "an empty text": "return String::new();",
    "an empty list": "return vec![];",
    "whether the first is true": "return {a} != 0;",
    "whether the first holds anything": "return !{a}.is_empty();",
    "whether all arguments are equal": "return {a} == {b};",
    ECHO: "return {literal};",
}
LANGUAGES = {
    "java": TypedLanguage(
        head=r"public\s+(?P<result>[^(]+?)\s+NAME\s*\((?P<arguments>.*)\)",
        named=r"(?P<type>.+?)\s+(?P<name>\w+)",
        forms=(
            (r"boolean|Boolean", "bool"),
            (r"int|Integer", "int"),
            (r"long|Long", "long"),
            (r"double|Double", "double"),
            (r"String", "text"),
            (r"(?:List|ArrayList)<(.+)>", "list"),
        ),
        bodies=_JAVA_BODIES,
        texts="{}",
        lists="new ArrayList<>(Arrays.asList({items}))",
    ),
    "go": TypedLanguage(
        head=r"func\s+NAME\s*\((?P<arguments>.*)\)\s*(?P<result>.+?)\s*\{",
        named=r"(?P<name>\w+)\s*(?P<type>.*)",
        forms=((r"bool", "bool"), (r"int", "int"), (r"float64", "f64"), (r"string", "text"), (r"\[\](.+)", "list")),
        bodies=_GO_BODIES,
        texts="{}",
        lists="{result}{{{items}}}",
    ),
    "cpp": TypedLanguage(
        head=r"(?P<result>[\w<>, ]+?)\s+NAME\s*\((?P<arguments>.*)\)",
        named=r"(?P<type>.+?)\s+&?(?P<name>\w+)",
        forms=(
            (r"bool", "bool"),
            (r"int", "int"),
            (r"long long|long", "long"),
            (r"(float|double)", "float"),
            (r"string", "text"),
            (r"vector<\s*(.+)\s*>", "list"),
        ),
        bodies=_CPP_BODIES,
        texts="string({})",
        lists="{{{items}}}",
    ),
    "rust": TypedLanguage(
        head=r"fn\s+NAME\s*\((?P<arguments>.*)\)\s*->\s*(?P<result>.+?)\s*\{",
        named=r"(?:mut\s+)?(?P<name>\w+)\s*:\s*(?P<type>.+)",
        forms=(
            (r"bool", "bool"),
            (r"([iu](?:\d+|size)|f32|f64)", "number"),
            (r"String", "text"),
            (r"&\s*(?:'\w+\s+)?str", "str"),
            (r"&?\s*Vec<(.+)>", "list"),
        ),
        bodies=_RUST_BODIES,
        texts="String::from({})",
        lists="vec![{items}]",
    ),
}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a declaration says."""

    result: str
    names: list[str]
    forms: list[str]
    result_form: str


def signature(problem: PackProblem) -> Signature | None:
    """None where the declaration has no arguments or another form."""
    language = LANGUAGES[problem.language]
    pattern = language.head.replace("NAME", re.escape(problem.function))
    lines = problem.declaration.rstrip().splitlines()
    found = re.search(pattern, lines[-1])
    if not found:
        return None
    arguments: list[tuple[str, str]] = []
    for text in re.split(r",(?![^<(]*[>)])", found["arguments"]):
        each = re.fullmatch(language.named, text.strip())
        if not each:
            return None
        arguments.append((each["name"], each["type"].strip()))
    types = [kind for _, kind in arguments]
    for index in reversed(range(len(types) - 1)):  # Go names the type of several once
        types[index] = types[index] or types[index + 1]
    forms = [_form(kind, language) for kind in types]
    names = [name for name, _ in arguments]
    result = found["result"].strip()
    return Signature(result, names, forms, _form(result, language))


def bodies_of(problem: PackProblem) -> Iterator[tuple[str, str]]:
    """Name and body of each strategy whose pattern fits the problem's types."""
    found = signature(problem)
    if found is None:
        return
    language = LANGUAGES[problem.language]
    first, last = found.forms[0], found.forms[-1] if len(found.forms) > 1 else ""
    words = {"a": found.names[0], "b": found.names[-1], "result": found.result}
    for strategy, pattern in FITS.items():
        if strategy in OF_TWO and len(found.forms) != 2:
            continue
        if strategy in language.bodies and re.fullmatch(pattern, f"{first} ; {last} -> {found.result_form}"):
            yield strategy, language.bodies[strategy].format(**words)
    shown = _example(problem)
    if shown and (literal := _literal(ast.literal_eval(shown), found.result_form, found.result, language)):
        yield ECHO, language.bodies[ECHO].format(literal=literal)


def codes_of_typed(problem: PackProblem) -> Iterator[tuple[str, str]]:
    """Name and code of each strategy: the declaration with another body."""
    closing = "    }\n}\n" if problem.language == "java" else "}\n"
    for strategy, body in bodies_of(problem):
        yield strategy, f"{problem.declaration.rstrip()}\n        {body}\n{closing}"


def _example(problem: PackProblem) -> str:
    """The first example's result as Python writes it; in Rust the first test's, as prompts hold none."""
    name, text = problem.function, problem.prompt
    if problem.language == "rust":
        text = re.sub(rf"assert_eq!\(({name}\(.*\)),\s*(.*)\);", r"\1 == \2", problem.test)
    text = re.sub(r"^\s*//", "", text, flags=re.MULTILINE)
    text = re.sub(r"\bvec!\[|\[\]\w+\{|\{", "[", text).replace("}", "]")
    return first_result(re.sub(r"\b(true|false)\b", lambda found: found[0].capitalize(), text), name)


def _form(kind: str, language: TypedLanguage) -> str:
    for pattern, form in language.forms:
        if found := re.fullmatch(pattern, kind):
            inner = found[1].strip() if found.groups() else ""
            if form == "list":
                return f"list {_form(inner, language)}"
            return inner or form
    return kind


def _literal(value: object, form: str, result: str, language: TypedLanguage) -> str:
    """The value as that language writes it; empty where it is not of the form."""
    if form == "bool" and isinstance(value, bool):
        return str(value).lower()
    if re.fullmatch(_WHOLE, form) and type(value) is int:
        return str(value)
    if re.fullmatch(_NUMBER, form) and isinstance(value, float):
        return str(value)
    if form == "text" and isinstance(value, str):
        return language.texts.format(json.dumps(value))
    if form.startswith("list ") and isinstance(value, list):
        items = [_literal(item, form.removeprefix("list "), "", language) for item in value]  # type: ignore[reportUnknownVariableType]
        return language.lists.format(items=", ".join(items), result=result) if all(items) else ""
    return ""
