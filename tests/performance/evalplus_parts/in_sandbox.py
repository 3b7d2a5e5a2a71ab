"""EvalPlus' unsafe_execute over one sample. This file's text runs inside our sandbox, which is what isolates it.

The line before it defines `GIVEN`: EvalPlus' own files by module name, the program, the reference and the inputs.
"""

# pyright: reportUndefinedVariable=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false

import base64
import json
import marshal
import os
import sys
import types
from copy import deepcopy

write = os.write  # EvalPlus takes much of os away, and the candidate may replace the rest
dumps = json.dumps
given = json.loads(GIVEN)  # noqa: F821

psutil = types.ModuleType("psutil")
psutil.virtual_memory = lambda: types.SimpleNamespace(total=4 << 30)  # type: ignore[attr-defined]
sys.modules["psutil"] = psutil
for name in ("evalplus", *given["modules"]):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = []
for name, text in given["modules"].items():
    exec(compile(text, name, "exec"), sys.modules[name].__dict__)
unsafe_execute = sys.modules["evalplus.eval"].unsafe_execute  # type: ignore[attr-defined]

inputs = marshal.loads(base64.b85decode(given["inputs"]))
namespace: dict[str, object] = {}
exec(given["reference"], namespace)
reference = namespace[given["entry_point"]]
expected = [reference(*arguments) for arguments in deepcopy(inputs)]  # type: ignore[operator]
stat, progress = types.SimpleNamespace(value=3), types.SimpleNamespace(value=0)
details = [False] * len(inputs)
limits = [1.0] * len(inputs)
unsafe_execute(
    *(given["dataset"], given["entry_point"], given["code"], inputs, expected, limits, given["atol"]),
    *(True, stat, details, progress),
)
passed = stat.value == 0 and all(details[: progress.value]) and progress.value == len(inputs)
write(1, dumps({"passed": passed}).encode())
os._exit(0)
