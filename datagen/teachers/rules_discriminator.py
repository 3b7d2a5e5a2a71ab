"""The discriminator that needs no LLM: every rule is a small check with a reason, overall is yes only if all are."""

import ast
import re
from collections.abc import Callable

from datagen.code.languages import LANGUAGES
from datagen.code.syntax import function_tree, parses, text_of, walk
from datagen.rows.example import Example, Opinion, Review, ReviewCheck, TaskType

RULES_REVIEWER = "rules"
_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])")
_COMMON = frozenset(
    [
        "this",
        "that",
        "with",
        "from",
        "which",
        "return",
        "returns",
        "given",
        "when",
        "where",
        "will",
        "have",
        "into",
        "than",
        "then",
        "they",
        "does",
        "value",
        "values",
        "function",
        "method",
        "object",
        "objects",
        "used",
        "using",
        "only",
        "also",
        "each",
        "other",
    ]
)
_FEWEST_WORDS = 5
"""Of a summary; shorter ones repeat the function's name."""
_SIGNATURE = re.compile(r"^\S*\w\([^)]*\)|->|^[\w.]+\s*=")
_STUB_WORDS = ("raise", "throw", "pass", "panic!", "unimplemented!", "todo!", "...")
_SECRET = re.compile(r"[A-Za-z]{5,}")
_ENCODINGS = frozenset({"ascii", "latin", "unicode", "surrogateescape"})
_PRIVATE_CALL = re.compile(r"(?<![\w.])_[a-z]\w*\s*\(")

Rule = Callable[[Example], str]
"""An empty string when the rule holds, else the reason why it does not."""


def review_by_rules(example: Example) -> Review:
    """The verdict over a row: each rule that applies to its task, then overall."""
    checks = tuple(
        ReviewCheck(name, not reason, reason) for name, rule in _RULES[example.task] for reason in [rule(example)]
    )
    failed = [f"{check.rule}: {check.reason}" for check in checks if not check.passed]
    return Review(RULES_REVIEWER, Opinion.BAD if failed else Opinion.GOOD, checks, "; ".join(failed))


def _short_instruction(example: Example) -> str:
    words = len(example.instruction.split())
    return "" if 4 <= words <= 150 else f"the instruction has {words} words"


def _solution_has_logic(example: Example) -> str:
    code = example.input if example.task is TaskType.SUMMARIZATION else example.output
    tree = function_tree(code, example.language)
    body = tree[0].child_by_field_name("body") if tree else None
    if body is None:
        return "the solution has no body"
    inner = text_of(body).strip("{} \n\t")
    steps = [line.strip() for line in inner.splitlines() if line.strip() and not line.strip().startswith(("#", "//"))]
    if len(steps) == 1 and (steps[0].startswith(_STUB_WORDS) or steps[0].rstrip(";") in ("return", "return None")):
        return "the solution is a stub"
    return "" if any(child.is_named for child in walk(body)) else "the solution is empty"


def _no_hidden_helpers(example: Example) -> str:
    own = example.function_name
    calls = {found.rstrip("( \t\n") for found in _PRIVATE_CALL.findall(example.output)} - {own}
    return f"the solution leans on the private {sorted(calls)[0]}" if calls else ""


def _no_secret_texts(example: Example) -> str:
    """A text of the solution that is no message, and that the instruction does not name, can only be guessed."""
    if example.language != "python" or not parses(example.output, "python"):
        return ""
    said = f"{example.instruction}\n{example.input}".lower()
    tree = ast.parse(example.output)
    refusals = [node for node in ast.walk(tree) if isinstance(node, ast.Raise | ast.Assert)]
    messages = {id(part) for node in refusals for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in messages:
            for word in _SECRET.findall(node.value):
                if word.lower() not in said and word.lower() not in _ENCODINGS:
                    return f"the solution needs the text {word!r}, which the instruction does not name"
    return ""


def _is_prose(example: Example) -> str:
    letters = sum(character.isalpha() or character.isspace() for character in example.output)
    words = len(example.output.split())
    if words < _FEWEST_WORDS:
        return f"the summary has {words} words"
    if _SIGNATURE.search(example.output):
        return "the summary is a signature"
    return "" if letters / len(example.output) >= 0.7 else "the summary is not plain language"


def _is_related(example: Example) -> str:
    """The description and the code share at least one word that is not everyday."""
    text = example.output if example.task is TaskType.SUMMARIZATION else example.instruction.split(":", 1)[-1]
    code = example.input if example.task is TaskType.SUMMARIZATION else example.output
    spoken, written = word_stems(text), word_stems(f"{code} {example.function_name}")
    if not spoken & written:
        return "the description shares no word with the code"
    if example.task is not TaskType.SUMMARIZATION:
        return ""
    # A summary that is mostly about things the code does not name tells what its author knew, not what it does.
    held = len(spoken & written)
    return "" if held >= min(2, len(spoken)) and 4 * held >= len(spoken) else "the summary holds too little of the code"


def word_stems(text: str) -> set[str]:
    """The beginnings of the words of a text or code, everyday words left out."""
    words = (word.lower() for word in _WORD.findall(text))
    return {word[:5] for word in words if len(word) > 3 and word not in _COMMON}


_LANGUAGE: tuple[str, Rule] = (
    "language named",
    lambda row: (
        ""
        if LANGUAGES[row.language].title in row.instruction
        else f"the instruction does not say {LANGUAGES[row.language].title}"
    ),
)
_LENGTH = ("instruction length", _short_instruction)
_CODE: tuple[str, Rule] = (
    "solution is code",
    lambda row: "" if function_tree(row.output, row.language) else "the solution does not parse as a function",
)
_MENDED: tuple[str, Rule] = (
    "something is mended",
    lambda row: "" if "".join(row.input.split()) != "".join(row.output.split()) else "nothing was mended",
)
_LOGIC = ("solution has logic", _solution_has_logic)
_RELATED, _PROSE = ("description fits", _is_related), ("summary is prose", _is_prose)

# Names and reasons stand in published rows, so rewording one would change the fingerprints of data sets.
_RULES: dict[TaskType, tuple[tuple[str, Rule], ...]] = {
    TaskType.GENERATION: (
        *(_LANGUAGE, _LENGTH, _CODE, _LOGIC, ("no hidden helpers", _no_hidden_helpers)),
        *(("no texts to guess", _no_secret_texts), _RELATED),
    ),
    TaskType.SUMMARIZATION: (_LANGUAGE, _LENGTH, ("code has logic", _solution_has_logic), _PROSE, _RELATED),
    TaskType.REPAIR: (_LANGUAGE, _LENGTH, _CODE, _MENDED, _RELATED),
    TaskType.TRANSLATION: (_LANGUAGE, _LENGTH),
}
