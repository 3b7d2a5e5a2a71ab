"""The text of a module of ours as it is sent into the sandbox, where nothing of ours can be imported."""

import inspect
import re
from types import ModuleType

from datagen.execution import patience

_IMPORT = re.compile(r"^from datagen\.execution\.patience import .*\n", re.MULTILINE)


def sent_text(module: ModuleType) -> str:
    """The module's source behind that of `datagen.execution.patience`, the only one of ours that it may import."""
    return f"{inspect.getsource(patience)}\n{_IMPORT.sub('', inspect.getsource(module))}"
