"""Documentation without comment marks, and what can be read out of it: summary, parameters, examples."""

import inspect
import re

_LINE_MARK = re.compile(r"^[ \t]*(?:///?!?|#+|\*(?!/))[ \t]?")
_BLOCK_OPEN = re.compile(r"^[ \t]*/\*+!?[ \t]?")
_BLOCK_CLOSE = re.compile(r"[ \t]*\*+/[ \t]*$")
_STRING_PREFIX = re.compile(r"^[rRuUbB]*(\"\"\"|'''|\"|')")
_TAG_LINE = re.compile(r"^\s*(?:@\w+|:\w+[^:\n]*:|[A-Z][\w ]{0,24}:\s*$|-{3,}|={3,}|#\s)")
_TAGS = (
    "a|b|blockquote|br|cite|code|dd|div|dl|dt|em|font|h[1-6]|hr|i|img|kbd|li|ol|p|pre|s|samp|small|span|strong|sub|"
    "sup|table|tbody|td|th|thead|tr|tt|u|ul|var"
)
# Behind a word an upper-case letter is a type's argument: `List<B>`.
_MARKUP = re.compile(rf"\{{@\w+\s+([^}}]*)\}}|</(?i:{_TAGS})\s*>|(?<!\w)<(?i:{_TAGS})\b[^>\n]*>|<(?:{_TAGS})\b[^>\n]*>")
_LICENCE = re.compile(
    r"\bcopyright\b|\(c\) *\d{4}|SPDX-License|\ball rights reserved\b|\blicensed (?:under|to)\b|\bpermission is hereby",
    re.IGNORECASE,
)


def strip_comment(comment: str) -> str:
    """The words of a comment, line by line, without its marks and common indentation."""
    text = _BLOCK_CLOSE.sub("", _BLOCK_OPEN.sub("", comment.strip("\n")))
    lines = [_LINE_MARK.sub("", line).rstrip() for line in text.splitlines()]
    return inspect.cleandoc("\n".join(lines)).strip()


def strip_string(literal: str) -> str:
    """The words of a Python docstring literal, read as text (escapes stay as written)."""
    opening = _STRING_PREFIX.match(literal)
    if opening is None:
        return ""
    quote = opening.group(1)
    body = literal[opening.end() :].removesuffix(quote)
    return inspect.cleandoc(body).strip()


def summary(docstring: str) -> str:
    """The first paragraph in one line, up to the first tag, heading or example."""
    taken: list[str] = []
    for line in docstring.splitlines():
        stripped = line.strip()
        if taken and not stripped:
            break
        if _TAG_LINE.match(line) or stripped.startswith((">>>", "```")):
            break
        if stripped:
            taken.append(stripped)
    return " ".join(_MARKUP.sub(lambda match: match.group(1) or "", " ".join(taken)).split())


def is_licence(comment: str) -> bool:
    """Whether a comment is about the rights on a file and not about the function below it."""
    return _LICENCE.search(comment) is not None


def has_doctest(docstring: str) -> bool:
    """Whether the documentation holds Python examples that doctest would run."""
    return ">>> " in docstring


def without_examples(docstring: str) -> str:
    """The documentation up to its first doctest prompt; examples of a solution do not belong in its description."""
    return docstring.split(">>>", 1)[0].rstrip()
