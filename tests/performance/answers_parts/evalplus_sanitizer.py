"""EvalPlus' sanitizer over answers: JSON lines of `answer` and `entry_point` come in, lines of code go out.

Runs in EvalPlus' own virtual environment, with the standard library besides.
"""

import json
import sys
import types

# Its benchmarks, which the sanitizer imports for its command alone, and which would fetch a data library.
data = types.ModuleType("evalplus.data")
data.__dict__["__getattr__"] = lambda name: None  # noqa: ARG005
sys.modules["evalplus.data"] = data

from evalplus.sanitize import sanitize  # noqa: E402 # pyright: ignore[reportMissingImports]

for line in sys.stdin:
    row = json.loads(line)
    try:
        code = sanitize(row["answer"], row["entry_point"])
    except Exception:  # whatever it raises, it found no code
        code = ""
    print(json.dumps(code), flush=True)
