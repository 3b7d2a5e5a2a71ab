"""Finds a whole program in an answer where no function is asked for by name."""

from tasks.extraction.blocks import best_of
from tasks.extraction.fences import find_blocks
from tasks.extraction.normalise import answer_text
from tasks.extraction.outline import outlined
from tasks.extraction.python import LONGEST_ANSWER, LONGEST_SEARCHED
from tasks.extraction.source import parsed
from tasks.extraction.watched import bounded_extraction
from tasks.languages import SYNTAXES
from tasks.task import AnswerForm, Extraction


def extract_program(answer: str, language: str, form: AnswerForm = AnswerForm.AUTO) -> Extraction:
    """The last fenced block that is not shown as wrong; without any, the whole answer."""
    if form is not AnswerForm.AUTO:
        return Extraction(answer[:LONGEST_ANSWER], "program")
    text = answer_text(answer[:LONGEST_ANSWER])[:LONGEST_SEARCHED]
    if not text.strip():
        return Extraction("", "only thinking" if answer.strip() else "empty")
    return bounded_extraction(len(text), _search, text, language)


def _search(text: str, language: str) -> Extraction:
    def is_sound(code: str) -> bool:
        return not (parsed(code) if language == "python" else outlined(code, language)).broken

    blocks = find_blocks(text, SYNTAXES[language].fence_tags, is_sound).blocks
    own = [block for block in blocks if block.tag in SYNTAXES[language].fence_tags] or blocks
    best = best_of(own)
    return Extraction(best.code, "fence") if best else Extraction(text, "program")
