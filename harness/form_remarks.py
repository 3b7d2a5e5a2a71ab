"""Says when samples made elsewhere look like something else than what they were taken for."""

import re
from collections.abc import Iterator
from pathlib import Path

from harness.judged import read_marks
from harness.run_folder import RunFolder
from tasks.facts import facts
from tasks.task import AnswerForm
from tasks.verdict import Verdict

_CHARACTERS = 64 * 1024
"""How much of a text is looked at."""
_CHAT_MARKS = re.compile(r"^\s*(```|~~~)|<\|[a-z_]+\|>|</?think>|\[/?INST\]", re.MULTILINE)
_CODE_MARKS = frozenset("=(){}[]<>;@|\\")
_COMMENT = re.compile(r"""\s*(#|//|/\*|\*|--|\"\"\"|''')""")
_FEWEST_WORDS = 4


def form_remarks(path: Path) -> Iterator[str]:
    """What to try where most samples of a run folder do not compile, and why; nothing for a model's own answers."""
    with RunFolder(path, writable=False) as folder:
        config = folder.config()
        if not config.made_elsewhere:
            return
        judged = {key: mark.verdict for key, mark in read_marks(folder.verdicts.path).items()}
        judged = {key: verdict for key, verdict in judged.items() if verdict is not Verdict.NOT_JUDGED}
        chats = bodies = 0
        for key in (key for key, verdict in judged.items() if verdict is Verdict.NOT_COMPILED):
            turns = folder.completions.turns(key)
            form = config.form_of(turns)
            text = turns[-1].completion[:_CHARACTERS] if turns else ""
            chats += form is not AnswerForm.AUTO and looks_like_chat(text)
            bodies += form is AnswerForm.PROGRAM and looks_like_body(text)
    found = f"{path}: {{count}} of {len(judged)} samples do not compile and look like"
    if 2 * chats > len(judged):
        style = "" if config.style == "chat" or "chat" not in facts(config.task).styles else " --set style=chat"
        yield (
            f"{found.format(count=chats)} chat answers, with prose or fences around the code: judge the file again "
            f"with --form auto{style} and another --out, which searches each answer for its code."
        )
    elif 2 * bodies > len(judged):
        yield (
            f"{found.format(count=bodies)} function bodies, not whole programs: judge the file again with "
            f"--form continuation and another --out, which puts the prompt before each."
        )


def looks_like_chat(text: str) -> bool:
    """Whether a text that does not compile holds fences or chat tokens, or begins with prose."""
    return bool(_CHAT_MARKS.search(text)) or _is_prose(_first_line(text))


def looks_like_body(text: str) -> bool:
    """Whether a text begins inside a function."""
    return _first_line(text)[:1].isspace()


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _is_prose(line: str) -> bool:
    """Words with none of the characters that code is made of."""
    words = re.findall(r"[^\W\d_]+", line)
    return len(words) >= _FEWEST_WORDS and not _COMMENT.match(line) and not _CODE_MARKS & set(line)
