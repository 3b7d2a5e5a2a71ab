"""From what a model wrote to the text of its answer: without thinking and end tokens, with the blanks that code has."""

import re

from tasks.extraction.thinking import is_quoted, without_thinking

END_TOKENS = (
    "<|im_end|>",  # ChatML: Qwen, Yi, InternLM
    "<|im_start|>",
    "<|eot_id|>",  # Llama 3
    "<|eom_id|>",
    "<|start_header_id|>",
    "<|eot|>",  # Llama 4
    "<|end|>",  # Phi-3, gpt-oss
    "<|return|>",  # gpt-oss
    "<|endoftext|>",  # GPT-2 and descendants
    "<|end_of_text|>",  # Granite, Llama 3 base
    "<|EOT|>",  # DeepSeek-Coder
    "<\uff5cend\u2581of\u2581sentence\uff5c>",  # DeepSeek-V2 and later
    "<end_of_turn>",  # Gemma
    "<eos>",
    "</s>",  # Llama 2, Mistral
    "<|user|>",  # Zephyr, GLM
    "<|END_OF_TURN_TOKEN|>",  # Cohere
    "<end_of_solution>",
    "<|end_of_solution|>",  # Sky-T1
    "[|endofturn|]",  # EXAONE
    "<extra_id_1>",  # Nemotron
)
"""Marks at which a model's turn has ended; a server that is not told of them returns them as text."""

_BEGINNINGS = frozenset(token[:2] for token in END_TOKENS)
_END = re.compile("|".join(map(re.escape, END_TOKENS)))
_BEGIN_DONE = re.compile(r"\A\s*\[BEGIN\][ \t]*\n|^[ \t]*\[DONE\][ \t]*(?:\n[\s\S]*)?\Z", re.MULTILINE)
"""The frame of MBPP's few-shot prompt (Austin et al. 2021)."""
_SOLUTION_FRAME = re.compile(r"<\|begin_of_solution\|>|<\|START_RESPONSE\|>|<\|END_RESPONSE\|>")
_INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff")
_QUOTED_FENCE = re.compile(r"^[ \t]*>[ \t]?(?:`{3,}|~{3,})", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
_NO_BREAK_INDENT = re.compile(r"^[ \t\xa0]*\xa0[ \t\xa0]*", re.MULTILINE)


def answer_text(answer: str) -> str:
    """What is left of an answer once all has gone that no reader would take for its text."""
    text = without_thinking(answer.replace("\r\n", "\n").replace("\r", "\n"))
    if any(beginning in text for beginning in _BEGINNINGS):  # most answers hold none
        text = before_end_token(text)
    if "<|" in text:
        text = _SOLUTION_FRAME.sub("", text)
    if "[BEGIN]" in text or "[DONE]" in text:
        text = _BEGIN_DONE.sub("", text)
    if text.isascii():
        plain = text
    else:
        plain = _NO_BREAK_INDENT.sub(lambda found: found[0].replace("\xa0", " "), text.translate(_INVISIBLE))
    if ">" in plain and _QUOTED_FENCE.search(plain):
        plain = _QUOTE.sub("", plain)
    return plain


def before_end_token(text: str) -> str:
    """The text up to the first end token that no quote on its line encloses."""
    for found in _END.finditer(text):
        if not is_quoted(text, found.start(), "\"'"):
            return text[: found.start()]
    return text
