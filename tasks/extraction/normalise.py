"""From what a model wrote to the text of its answer: without thinking and end tokens, with the blanks that code has."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

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
    "<turn|>",  # Gemma 4
    "<|turn>",
    "<seed:eos>",  # Seed-OSS
    "<|eom|>",
    "<|end_message|>",  # Inkling
    "<|assistant|>",  # Zephyr, GLM, Phi-3
    "<|system|>",
    "<|observation|>",  # GLM-4
    "<|im_sep|>",  # Phi-4
    "<|start_of_role|>",  # Granite
    "<|endofturn|>",  # HyperCLOVA X
    "<|role_end|>",  # Ling
    "[e~[",  # MiniMax
    "[/INST]",  # Llama 2, Mistral
    "[INST]",
    "<EOT>",  # CodeLlama
    "<end_of_utterance>",  # SmolVLM
    "<\uff5cUser\uff5c>",  # DeepSeek-V2 and later
    "<|end\u2581of\u2581sentence|>",  # the same as retyped in many templates
    "<|file_sep|>",  # Qwen2.5-Coder: the next file of a repository
    "<|repo_name|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<file_sep>",  # StarCoder2
    "<fim_prefix>",
    "<fim_suffix>",
    "<fim_middle>",
)
"""Marks at which a model's turn has ended; a server that is not told of them returns them as text."""

_BEGINNINGS = frozenset(token[: 2 if token[1] in "|\uff5c" else 3] for token in END_TOKENS)
_UNKNOWN_MARK = r"<\|/?[A-Za-z_\u2581-]{1,40}\|>(?=[\w./]*[ \t]*$)"
"""A token of the same form that no list has, where at most one word stands behind it on its line."""
_END = re.compile("|".join([*map(re.escape, END_TOKENS), _UNKNOWN_MARK]), re.MULTILINE)
_BEGIN_DONE = re.compile(r"\A\s*\[BEGIN\][ \t]*\n|^[ \t]*\[DONE\][ \t]*(?:\n[\s\S]*)?\Z", re.MULTILINE)
"""The frame of MBPP's few-shot prompt (Austin et al. 2021)."""
_FRAME = re.compile(
    r"<\|(?:(?:begin|end)_of_(?:solution|box)|(?:START|END)_(?:RESPONSE|TEXT)|message_model|content_text)\|>"
)
"""What stands around an answer: Sky-T1, GLM-4.5V, Cohere, Inkling."""
_INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff")
_QUOTED_FENCE = re.compile(r"^[ \t]*(?P<quotes>>(?:[ \t]?>){0,3}) ?(?:`{3,}|~{3,})", re.MULTILINE)
_QUOTED_OPENINGS = (">```", "> ```", ">~~~", "> ~~~")
_NO_BREAK_INDENT = re.compile(r"^[ \t\xa0]*\xa0[ \t\xa0]*", re.MULTILINE)
_TAGS = "pre|code|answer|final_answer|solution|python|javascript|java|go|cpp|rust"
_TAG_BEFORE_CODE = re.compile(rf"^[ \t]*(?:<(?:{_TAGS})\b[^<>\n]{{0,80}}>)+(?=[^\s<])", re.MULTILINE | re.IGNORECASE)
_TAG_BEHIND_CODE = re.compile(rf"(?:</(?:{_TAGS})>)+[ \t]*$", re.MULTILINE | re.IGNORECASE)
_LATEX = re.compile(r"^[ \t]*\\(?:begin|end)\{(?:verbatim|lstlisting|minted|code)\}.*$", re.MULTILINE)
_LONGEST_JSON = 32 * 1024
_FENCED_JSON = re.compile(r"\A```(?:json)?[ \t]*\n(?P<json>.*)\n```\Z", re.DOTALL)
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\"": '"', r"\\": "\\"}
_ESCAPE = re.compile(r"\\[nt\"\\]")


def answer_text(answer: str) -> str:
    """What is left of an answer once all has gone that no reader would take for its text."""
    text = without_thinking(answer.replace("\r\n", "\n").replace("\r", "\n"))
    if "<|" in text:
        text = _FRAME.sub("", text)
    if any(beginning in text for beginning in _BEGINNINGS):  # most answers hold none
        text = before_end_token(text)
    if "[BEGIN]" in text or "[DONE]" in text:
        text = _BEGIN_DONE.sub("", text)
    if text.isascii():
        plain = text
    else:
        plain = _NO_BREAK_INDENT.sub(lambda found: found[0].replace("\xa0", " "), text.translate(_INVISIBLE))
    if any(opening in plain for opening in _QUOTED_OPENINGS) and (fence := _QUOTED_FENCE.search(plain)):
        depth = fence["quotes"].count(">")
        plain = re.sub(rf"^[ \t]*>(?:[ \t]?>){{0,{depth - 1}}}[ \t]?", "", plain, flags=re.MULTILINE)
    return _unwrapped(plain)


def before_end_token(text: str) -> str:
    """The text up to the first end token that no quote on its line encloses; those before any word are dropped."""
    begin = 0
    for found in _END.finditer(text):
        if not text[begin : found.start()].strip():
            begin = found.end()
        elif not is_quoted(text, found.start(), "\"'"):
            return text[begin : found.start()]
    return text[begin:]


def _unwrapped(text: str) -> str:
    """The text out of what else than Markdown may stand around code: JSON, escapes, tags, LaTeX."""
    stripped = text.strip()
    fenced = _FENCED_JSON.match(stripped) if stripped.startswith("```") else None
    quoted = fenced["json"].strip() if fenced else stripped
    if quoted[:1] + quoted[-1:] in ("{}", "[]", '""') and len(quoted) <= _LONGEST_JSON:
        with suppress(ValueError, RecursionError):
            return "\n\n".join(_texts(json.loads(quoted))) or text
    if "\\n" in text and "\n" not in stripped and not is_quoted(text, text.index("\\n"), "\"'"):
        return _ESCAPE.sub(lambda found: _ESCAPES[found[0]], text)
    if "```" in text:
        return text
    if "</" in text and _TAG_BEHIND_CODE.search(text):
        text = _TAG_BEHIND_CODE.sub("\n", _TAG_BEFORE_CODE.sub("\n", text))
    return _LATEX.sub("```", text) if "\\begin{" in text else text


def _texts(value: Any) -> Iterator[str]:
    """The texts of several lines in a JSON value."""
    match value:
        case str():
            if "\n" in value:
                yield value
        case list() | dict():
            items = cast("dict[str, Any] | list[Any]", value)
            for item in items.values() if isinstance(items, dict) else items:
                yield from _texts(item)
        case _:
            pass
