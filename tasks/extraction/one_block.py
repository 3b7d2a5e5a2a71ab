"""Finds code as many simple harnesses do: in the first or the last fenced block, whatever it holds."""

from functools import partial

from tasks.extraction.candidates import Asked, list_candidates
from tasks.extraction.fences import fenced_blocks
from tasks.extraction.normalise import answer_text
from tasks.policy import ExtractionPolicy
from tasks.task import AnswerForm, Extraction

LONGEST_ANSWER = 1024 * 1024
"""Characters of an answer that are looked at at all."""


def one_block(answer: str, asked: Asked, policy: ExtractionPolicy, asked_for: AnswerForm) -> Extraction:
    """That block as it stands; the whole answer, behind the prompt where its continuation was asked for, without one.

    Thinking and end tokens are taken out before.
    """
    text = answer_text(answer[:LONGEST_ANSWER])
    account = partial(list_candidates, answer[:LONGEST_ANSWER], asked)
    if blocks := fenced_blocks(text):
        first = policy is ExtractionPolicy.FIRST_BLOCK
        rule = "first block" if first else "last block"
        return Extraction(blocks[0 if first else -1].code, rule, account=account)
    if not text.strip():
        return Extraction("", "empty")
    begun = asked.base if asked_for is AnswerForm.CONTINUATION else ""
    return Extraction(begun + text, "whole answer", account=account)
