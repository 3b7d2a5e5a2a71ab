"""Understands why a server refuses a request: a field that it does not know, or a prompt beyond the context."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

import openai

_FIXED = frozenset({"model", "messages", "prompt"})
_UNSUPPORTED = re.compile(
    r"unsupported|not (?:be )?(?:supported|permitted|allowed|implemented|accepted)|unrecogni[sz]ed|unknown|unexpected|"
    r"extra[ _](?:inputs|fields|forbidden)|does(?: not|n't) (?:support|accept|allow)|deprecated|no longer|incompatible|"
    r"only \S{1,12} is (?:allowed|supported|accepted)|must be (?:left at|omitted)",
    re.IGNORECASE,
)
"""What says that a field is not known or not wanted, and not that its value is out of range."""
_LIMITS = ("max_tokens", "max_completion_tokens")
_BEYOND = re.compile(
    r"context[_ ](?:length|window|size)|maximum (?:model|context|input|prompt|sequence) length|max_model_len|"
    r"(?:prompt|input|request|messages?) (?:is|are|was) too (?:long|large|many tokens)|too many (?:input )?tokens|"
    r"exceeds? the (?:available context|model|maximum (?:context|model|input|prompt|sequence))|"
    r"longer than the (?:maximum )?(?:model|context)|reduce the length|"
    r"input tokens? exceeds?|exceed_context_size|string_above_max_length|"
    # vLLM from 0.32 on takes the room that is left for the limit: no request of ours asks for less than one token.
    r"max_(?:completion_)?tokens must be at least 1, got (?:0|-\d+)",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"(?:context (?:length|window|size)|max_model_len|model length)\D{0,40}?(\d[\d,]*)", re.IGNORECASE
)
_PROMPT = re.compile(
    r"(\d[\d,]*) (?:tokens )?(?:in|of|from) (?:the |your )?(?:messages|prompt|input)|"
    r"(\d[\d,]*) (?:input|prompt) tokens|(?:prompt|input)[^.\d]{0,30}?(\d[\d,]*) (?:input )?tokens",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """Fields that a server does not take."""

    leave_out: frozenset[str]
    rename: tuple[str, str] | None
    """Of the limit of new tokens: its name, and the one that the server wants."""
    reason: str


def words_of(error: openai.APIStatusError) -> str:
    """What the server said, as one line; without what it quotes of the request, which may hold any word."""
    body: Any = error.body
    if not isinstance(body, dict):
        return " ".join(str(body or error.message).split())
    fields = cast("dict[str, Any]", body)
    parts = [str(fields[name]) for name in ("message", "param", "code", "type") if fields.get(name)]
    details: Any = fields.get("detail", ())
    for detail in cast("list[Any]", details) if isinstance(details, list) else [details]:  # FastAPI, Mistral
        if isinstance(detail, dict):
            known = cast("dict[str, Any]", detail)
            parts += [f"{known.get('msg', '')} {known.get('type', '')} {' '.join(map(str, known.get('loc', ())))}"]
        else:
            parts.append(str(detail))
    return " ".join(" ".join(parts or [error.message]).split())


def refused_fields(error: openai.APIStatusError, sent: Collection[str]) -> FieldRefusal | None:
    """The fields among `sent` that the server names as unknown or unsupported; None where it refuses something else."""
    text = words_of(error)
    if error.status_code not in (400, 422) or not _UNSUPPORTED.search(text):
        return None
    words = set(re.findall(r"[A-Za-z0-9_]+", text))
    named = {name for name in sent if name not in _FIXED and name in words}
    limit = next((name for name in _LIMITS if name in named and name in sent), None)
    named -= set(_LIMITS)
    if limit:
        other = _LIMITS[1 - _LIMITS.index(limit)]
        # Without a limit an answer may cost a fortune: it is renamed or stays, never left out.
        return FieldRefusal(frozenset(named), (limit, other) if other not in sent else None, text[:160])
    return FieldRefusal(frozenset(named), None, text[:160]) if named else None


def is_beyond_context(error: openai.APIStatusError) -> bool:
    """Whether the prompt, alone or with the new tokens asked for, does not fit into the model's context."""
    return error.status_code in (400, 413, 422) and says_beyond_context(words_of(error))


def says_beyond_context(text: str) -> bool:
    """Whether the words of a refusal speak of a prompt that is too long for the model."""
    return _BEYOND.search(text) is not None


def context_room(error: openai.APIStatusError) -> int | None:
    """How many new tokens would fit behind the prompt, by the numbers of a refusal; None where it does not say."""
    text = words_of(error)
    context, prompt = _CONTEXT.search(text), _PROMPT.search(text)
    if not context or not prompt:
        return None
    tokens = next(group for group in prompt.groups() if group)
    return int(context[1].replace(",", "")) - int(tokens.replace(",", ""))
