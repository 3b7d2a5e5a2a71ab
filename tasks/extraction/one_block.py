"""Finds code as many simple harnesses do: in the first or the last fenced block, whatever it holds."""

from tasks.extraction.fences import Block, fenced_blocks
from tasks.extraction.normalise import answer_text
from tasks.policy import ExtractionPolicy
from tasks.task import AnswerForm, Extraction

LONGEST_ANSWER = 1024 * 1024
"""Characters of an answer that are looked at at all."""


def one_block(answer: str, prompt: str, policy: ExtractionPolicy, asked_for: AnswerForm) -> Extraction:
    """That block as it stands; the whole answer, behind the prompt where its continuation was asked for, without one.

    Thinking and end tokens are taken out before.
    """
    text = answer_text(answer[:LONGEST_ANSWER])
    blocks: tuple[Block, ...] = fenced_blocks(text)
    if blocks:
        first = policy is ExtractionPolicy.FIRST_BLOCK
        return Extraction(blocks[0 if first else -1].code, "first block" if first else "last block")
    if not text.strip():
        return Extraction("", "empty")
    begun = prompt if asked_for is AnswerForm.CONTINUATION else ""
    return Extraction(begun + text, "whole answer")
