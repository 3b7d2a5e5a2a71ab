"""The table of every setting of one kind of configuration, out of the docstrings of its class."""

import json
import shutil
import textwrap
from collections.abc import Sequence

from harness.runs.config import RunConfig
from harness.runs.settings import ConfigError, Setting, describe_settings
from sandbox.extras import entry_points_of

CONFIGURATIONS = "wavebench.settings"
"""Entry points of this group are the classes of other rooms' configurations; their name is the command's."""


def settings_of(kind: str) -> list[Setting]:
    """Every setting of a kind of configuration. Raises ConfigError that names the known kinds."""
    if kind == "run":
        return list(describe_settings(RunConfig))
    known = {point.name: point for point in entry_points_of(CONFIGURATIONS)}
    if kind not in known:
        raise ConfigError(f"There is no kind of configuration {kind!r}: use one of {', '.join(('run', *known))}.")
    return list(describe_settings(known[kind].load()))


def settings_text(settings: Sequence[Setting]) -> str:
    """Two lines or more per setting: name, type and default, and below them what it means."""
    width = min(120, shutil.get_terminal_size((100, 24)).columns)
    lines: list[str] = []
    for setting in settings:
        optional = "may be left out" if setting.default is None else f"default {json.dumps(setting.default)}"
        lines.append(f"{setting.name}  ({setting.type}; {'required' if setting.required else optional})")
        lines += textwrap.wrap(setting.meaning, width, initial_indent="    ", subsequent_indent="    ") or [""]
    return "\n".join(lines)
