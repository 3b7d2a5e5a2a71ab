"""EvalPlus' sanitizer over answers: JSON lines of `answer` and `entry_point` come in, lines of code go out.

Runs in EvalPlus' own virtual environment, with the standard library besides.
"""

import json
import sys

from evalplus.sanitize import sanitize  # pyright: ignore[reportMissingImports]

for line in sys.stdin:
    row = json.loads(line)
    try:
        code = sanitize(row["answer"], row["entry_point"])
    except Exception as error:  # whatever it raises, it found no code
        code, _ = "", error
    print(json.dumps(code), flush=True)
