"""Finds out once whether a server holds its model to JSON, and keeps what it found beside the data set."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from datagen.config import JsonMode, RoleConfig
from harness.files.atomic_write import write_whole
from harness.files.progress import inform
from harness.model import Model, ModelError, Request, Sampling
from tasks.prompt import Message, Prompt

PROBE_SCHEMA = MappingProxyType(
    {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    }
)
_QUESTION = "Which word says the opposite of 'cold'? Answer in JSON, with the key 'word'."
_TOKENS = 200


def settle_json_mode(role: RoleConfig, cache: Path, open_role: Callable[[RoleConfig], Model]) -> RoleConfig:
    """The role with off, object or schema in place of auto. `open_role` opens its model with the probe's schema.

    Raises ModelError when the server does not answer at all.
    """
    if role.json_mode is not JsonMode.AUTO:
        return role
    if not role.model.startswith("api:"):
        return replace(role, json_mode=JsonMode.OFF)
    file = cache / "json_modes.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    server = f"{role.model} {role.base_url}"
    if server not in known:
        asked = (JsonMode.SCHEMA, JsonMode.OBJECT)
        known[server] = next((mode for mode in asked if _holds(role, mode, open_role)), JsonMode.OFF).value
        cache.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(known, indent=2) + "\n")
        inform(f"json_mode of {role.model!r} at {role.base_url or 'OpenAI'!r} is {known[server]}.")
    return replace(role, json_mode=JsonMode(known[server]))


def _holds(role: RoleConfig, mode: JsonMode, open_role: Callable[[RoleConfig], Model]) -> bool:
    model = open_role(replace(role, json_mode=mode))
    request = Request("json mode", 0, 0, Prompt(messages=(Message("user", _QUESTION),)), seed=0)
    try:
        (answer,) = model.answer([request], Sampling(max_tokens=_TOKENS))
    except ModelError:
        if mode is JsonMode.OBJECT:  # a server that refuses both may refuse everything
            (answer,) = open_role(replace(role, json_mode=JsonMode.OFF)).answer([request], Sampling(max_tokens=_TOKENS))
        return False
    if "response_format" in model.facts().get("fields refused", ""):
        return False
    try:
        value: Any = json.loads(answer.completion)
    except ValueError:  # taken and not heeded
        return False
    return isinstance(value, dict)
