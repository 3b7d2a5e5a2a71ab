"""The reward that a configuration names: a function of any package, found when the training starts."""

import importlib
from collections.abc import Callable
from typing import Any, cast

from datagen.finetune.config import FinetuneError


def find_reward(name: str) -> Callable[..., Any]:
    """MODULE:FUNCTION; a class is made without arguments. Raises FinetuneError."""
    module_name, _, function_name = name.partition(":")
    try:
        found = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise FinetuneError(
            f"reward = {name!r} cannot be had ({error}): write MODULE:FUNCTION, such as wavebench.rewards:code_reward."
        ) from None
    return cast(Callable[..., Any], found() if isinstance(found, type) else found)
