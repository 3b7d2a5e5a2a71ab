"""Takes out what a reasoning model thought before it answered."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThinkingMark:
    """How a family of models marks its thinking. Patterns are matched whatever the case of their letters."""

    opening: str
    closing: str
    source: str
    """Where the mark is documented, or the models that write it."""
    closes_alone: bool = True
    """Whether its closing mark says by itself that all before it was thought: templates may open the section."""


_VLLM = "github.com/vllm-project/vllm, 0.32"
_TAG_WORDS = (
    r"(?:ifm\|)?[\w:.-]{0,24}(?:think|thought|reason|reflection|scratch_?pad|analysis|monologue)[\w:.-]{0,24}|cot"
)
"""Prompts and models invent such names: `chain_of_thought`, `thinking_process`, `think:6124c78e`."""
THINKING_MARKS = (
    ThinkingMark(
        rf"<\s*(?:{_TAG_WORDS})(?:\s[^<>\n]{{0,80}})?\s*>",
        rf"<\s*/\s*(?:{_TAG_WORDS})\s*>",
        "<think>: DeepSeek-R1, Qwen3, QwQ, GLM, Hunyuan (docs.vllm.ai, Reasoning Outputs); <mm:think>, <seed:think>, "
        f"<ifm|think>, <think:6124c78e>: MiniMax-M3, Seed-OSS, K2 Horizon, Hunyuan 4 ({_VLLM}, vllm/reasoning); "
        "<thought>: Gemini, Gemma, EXAONE; <reasoning>, <scratchpad>, <thinking>: prompts of Anthropic's and OpenAI's "
        "cookbooks",
    ),
    ThinkingMark(
        r"<\|(?:start_|begin_)?think(?:ing)?\|>",
        r"<\|(?:/|end_)think(?:ing)?\|>",
        "<|think|>: Solar Open, Phi-4 derivatives; the others: templates of fine-tunes",
    ),
    ThinkingMark(
        r"<\|content_thinking\|>",
        r"<\|(?:end_message|content_text)\|>",
        f"Inkling ({_VLLM}, vllm/reasoning/inkling_reasoning_parser.py)",
        closes_alone=False,
    ),
    ThinkingMark(
        r"Here(?:'s| is) my thought process:",
        r"Here(?:'s| is) my response:",
        f"Granite 3.2 ({_VLLM}, vllm/reasoning/granite_reasoning_parser.py)",
        closes_alone=False,
    ),
    ThinkingMark(
        r"<details\b[^<>\n]{0,120}(?:reasoning[^<>\n]{0,120}>|>\s*<summary>\s*(?:think|thought|reason)[^<\n]{0,80}</summary>)",
        r"</details>",
        "Open WebUI (backend/open_webui/utils/middleware.py)",
        closes_alone=False,
    ),
    ThinkingMark(r"\[THINK\]", r"\[/THINK\]", "Magistral (mistral_common/tokens/tokenizers/base.py)"),
    ThinkingMark(r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>", "Sky-T1, Bespoke-Stratos, OpenThinker"),
    ThinkingMark(
        r"<\|START_THINKING\|>",
        r"<\|END_THINKING\|>",
        f"Cohere Command R7B, Command A Reasoning ({_VLLM}, vllm/parser/cohere_command.py)",
    ),
    ThinkingMark("◁think▷", "◁/think▷", "Kimi-VL-Thinking, Kimi-Dev"),
    ThinkingMark(
        r"<\|open\|>\s*think\s*<\|sep\|>",
        r"<\|close\|>\s*think\s*<\|sep\|>(?:\s*<\|open\|>\s*response\s*<\|sep\|>)?",
        f"Kimi K3 ({_VLLM}, vllm/reasoning/kimi_k3_reasoning_parser.py)",
    ),
    ThinkingMark(r"<\|channel>\s*thought", r"<channel\|>", f"Gemma 4 ({_VLLM}, vllm/reasoning/gemma4_utils.py)"),
    ThinkingMark(
        r"<\|plamo:begin_think:plamo\|>",
        r"<\|plamo:end_think:plamo\|>",
        f"PLaMo 3 ({_VLLM}, vllm/reasoning/plamo3_engine_reasoning_parser.py)",
    ),
    ThinkingMark(r"<unused94>thought", "<unused95>", "MedGemma"),
    ThinkingMark(r"Thinking\.\.\.[ \t]*(?=\n)", r"\.\.\.done thinking\.", "ollama run, without --hidethinking"),
)

_ANY_MARK = re.compile(
    "|".join(f"(?P<open{n}>{mark.opening})|(?P<close{n}>{mark.closing})" for n, mark in enumerate(THINKING_MARKS)),
    re.IGNORECASE,
)
_WORDS_OF_MARKS = ("think", "thought", "reason", "reflection", "scratch", "analysis", "monologue", "cot>", "<unused9")
"""One of these stands in every mark: looked for first, since most answers hold none."""

_NEAREST = 200

# OpenAI's Harmony format: cookbook.openai.com/articles/openai-harmony
_HARMONY_FINAL = re.compile(r"<\|channel\|>\s*final\b[^<]{0,80}<\|message\|>")
_HARMONY_CHANNEL = re.compile(r"<\|channel\|>\s*(?:analysis|commentary)\b")
_HARMONY_END = re.compile(r"<\|(?:return|end|start)\|>")
_PLAIN_HARMONY = re.compile(r"\A\s*analysis(?=[A-Z\s])(?:(?!assistantfinal).)*+assistantfinal", re.DOTALL)
"""The same with its special tokens dropped, as servers without a parser of Harmony return it."""


def without_thinking(answer: str) -> str:
    """The answer without its thinking.

    Templates that open the section themselves leave only its closing mark: all before that is thinking too. A section
    that never closes was cut off by the token limit: nothing in it is an answer. An opening mark counts at the start
    of a line only, outside of a fenced block unless it closes, and a closing mark not between quotes, so that code may
    speak of one.
    """
    answer = _final_channel(answer)
    small = answer.lower()
    if not any(word in small for word in _WORDS_OF_MARKS):
        return answer
    spoken: list[str] = []
    position = opened = 0
    inside: int | None = None  # the mark whose section is open
    ignored = 0  # where the last opening mark ended that did not count: what follows on its line does not begin it
    for found in _ANY_MARK.finditer(answer):
        name = str(found.lastgroup)  # such as open3
        mark, opens = int(re.sub(r"\D", "", name)), name.startswith("open")
        if not opens:
            alone = inside is None
            if alone and (not THINKING_MARKS[mark].closes_alone or is_quoted(answer, found.start(), "\"'`")):
                continue
            if inside is None:
                spoken.clear()
            if inside in (None, mark):
                position, inside = found.end(), None
        elif inside is None:
            begin = answer.rfind("\n", max(position, ignored), found.start()) + 1 or position
            if begin >= ignored and not answer[begin : found.start()].strip():
                spoken.append(answer[position : found.start()])
                inside, opened = mark, found.start()
            else:
                ignored = found.end()
    if inside is not None and answer.count("\n```", 0, opened) % 2 + answer.startswith("```") != 1:
        return "".join(spoken)
    return "".join(spoken) + answer[opened if inside is not None else position :]


def is_quoted(text: str, position: int, quotes: str) -> bool:
    """Whether one of `quotes` is open before it on its line, of which the nearest characters are looked at."""
    line = text[max(0, position - _NEAREST) : position].rpartition("\n")[2]
    return any(line.count(quote) % 2 for quote in quotes)


def _final_channel(answer: str) -> str:
    """What gpt-oss says on its channel "final" (OpenAI's Harmony format); nothing where it got no further."""
    if "<|channel|>" in answer:
        if final := next(reversed(list(_HARMONY_FINAL.finditer(answer))), None):
            end = _HARMONY_END.search(answer, final.end())
            return answer[final.end() : end.start() if end else None]
        if _HARMONY_CHANNEL.search(answer):
            return ""
    plain = _PLAIN_HARMONY.match(answer) if "assistantfinal" in answer else None
    return answer[plain.end() :] if plain else answer
