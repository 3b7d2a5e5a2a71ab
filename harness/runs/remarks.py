"""What to say of a run beside its score: lines too many, and samples that look like another form."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from harness.runs.run_folder import RunFolder, same_but_for_rules
from harness.runs.verdict_log import read_summaries
from tasks.facts import facts
from tasks.registry import known_benchmark
from tasks.task import AnswerForm
from tasks.verdict import Verdict

_CHARACTERS = 64 * 1024
"""How much of a text is looked at."""
_CHAT_MARKS = re.compile(r"^\s*(```|~~~)|<\|[a-z_]+\|>|</?think>|\[/?INST\]", re.MULTILINE)
_CODE_MARKS = frozenset("=(){}[]<>;@|\\")
_COMMENT = re.compile(r"""\s*(#|//|/\*|\*|--|\"\"\"|''')""")
_FEWEST_WORDS = 4


def run_remarks(path: Path) -> Iterator[str]:
    """What the lines of a run folder show that its score cannot."""
    with RunFolder(path, writable=False) as folder:
        yield from (f"{path}: {sentence}" for sentence in (*_remark_on_rules(folder), *_remark_on_lines(folder)))
        if folder.config().made_elsewhere:
            yield from (f"{path}: {sentence}" for sentence in _remark_on_forms(folder))


def _remark_on_rules(folder: RunFolder) -> Iterator[str]:
    """A run that was judged before the extraction rules changed."""
    row, section = known_benchmark(folder.config().task), folder.manifest().get("task")
    if row is not None and isinstance(section, dict):
        then, now = str(cast(dict[str, Any], section).get("version", "")), row.version
        if then != now and same_but_for_rules(then, now):
            yield (
                f"its verdicts were made under version {then} of the task, and the rules that find the code in answers "
                f"are now those of {now}: `wavebench judge {folder.path} --again` shows what changes."
            )


def _remark_on_lines(folder: RunFolder) -> Iterator[str]:
    """Lines of a model's run that do not fit together, as after adding another run's lines by hand."""
    if hidden := folder.completions.hidden:
        yield (
            f"lines of completions.jsonl that repeat the task, sample and turn of an earlier line are not judged "
            f"({hidden} of them). To judge several runs as one, put their lines into one file and judge that file."
        )
    asked = folder.config().samples
    if asked and (beyond := sum(number >= asked for _, number in folder.completions.samples())):
        yield (
            f"samples with numbers beyond the {asked} per problem that were asked for are counted, too ({beyond} of "
            f"them): if another run wrote them, remove their lines from completions.jsonl and verdicts.jsonl."
        )


def _remark_on_forms(folder: RunFolder) -> Iterator[str]:
    """What to try where most samples do not compile as what they were taken for."""
    config = folder.config()
    verdicts = {key: mark.verdict for key, mark in read_summaries(folder.verdicts.path).items()}
    judged = sum(verdict is not Verdict.NOT_JUDGED for verdict in verdicts.values())
    chats = bodies = 0
    for key in (key for key, verdict in verdicts.items() if verdict is Verdict.NOT_COMPILED):
        turns = folder.completions.turns(key)
        form = config.form_of(turns)
        text = turns[-1].completion[:_CHARACTERS] if turns else ""
        chats += form is not AnswerForm.AUTO and looks_like_chat(text)
        bodies += form is AnswerForm.PROGRAM and looks_like_body(text)
    if 2 * chats > judged:
        style = "" if config.style == "chat" or "chat" not in facts(config.task).styles else " --set style=chat"
        yield (
            f"{chats} of {judged} samples do not compile and look like chat answers, with prose or fences around the "
            f"code: judge the file again with --form auto{style} and another --out, which finds the code in each."
        )
    elif 2 * bodies > judged:
        yield (
            f"{bodies} of {judged} samples do not compile and look like function bodies, not whole programs: judge the "
            f"file again with --form continuation and another --out, which puts the prompt before each."
        )


def looks_like_chat(text: str) -> bool:
    """Whether a text that does not compile holds fences or chat tokens, or begins with prose."""
    line = _first_line(text)
    words = re.findall(r"[^\W\d_]+", line)
    is_prose = len(words) >= _FEWEST_WORDS and not _COMMENT.match(line) and not _CODE_MARKS & set(line)
    return bool(_CHAT_MARKS.search(text)) or is_prose


def looks_like_body(text: str) -> bool:
    """Whether a text begins inside a function."""
    return _first_line(text)[:1].isspace()


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")
