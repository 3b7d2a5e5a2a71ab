"""How many new tokens a model is allowed where nobody said: more for those that think before they answer."""

import re
from pathlib import PurePath

USUAL_MAX_TOKENS = 512
THINKING_MAX_TOKENS = 16_384
"""Qwen recommends 32,768 for hard problems; functions as short as a benchmark's take fewer."""

_THINKING = re.compile(
    r"(?:^|[/:])o[1-9](?:-|$)|gpt-[56](?!.*chat)|gpt-oss|deepseek-(?:r\d|reasoner|flash|v4)|(?:^|[/:_-])r1(?:-|$)|qwq|"
    r"magistral|kimi-k(?:2\.[5-9]|3)|exaone-deep|glm-(?:4\.[5-9]|5|z1)|"
    r"qwen3(?:\.\d)?-(?!.*(?:coder|instruct|base|embedding))|thinking|(?<!non-)reason(?:ing|er)|"
    r"minimax-m[1-3]|grok-(?:3-mini|4)(?!.*non-reasoning)|gemini-(?:2\.5|[34])|nemotron.*-(?:ultra|nano-v2)",
    re.IGNORECASE,
)
"""By the names that their makers gave them. A model that it misses shows by answers that are cut or thinking alone."""
_KINDS = ("api", "hf", "vllm")


def is_known_to_think(spec: str) -> bool:
    """Whether a model such as api:o3 or hf:Qwen/Qwen3-8B thinks before it answers, by its name alone."""
    kind, _, target = spec.partition(":")
    # Of a path only the last part is a model's name; a hub id has its maker's before it.
    name = target if target.count("/") < 2 and not target.startswith(("/", ".", "~")) else PurePath(target).name
    return kind in _KINDS and _THINKING.search(name) is not None


def default_max_tokens(spec: str) -> int:
    """The limit of new tokens where none is named."""
    return THINKING_MAX_TOKENS if is_known_to_think(spec) else USUAL_MAX_TOKENS
