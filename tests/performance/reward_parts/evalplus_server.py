"""EvalPlus 0.3.1's untrusted_check, one answer a line: it lives in an environment of its own, asked through pipes."""

import json
import sys

from evalplus.eval import untrusted_check  # pyright: ignore[reportMissingImports] # lives in a virtual environment of its own

for line in sys.stdin:
    row = json.loads(line)
    status, _ = untrusted_check(
        "humaneval", row["code"], row["inputs"], row["fn_name"], row["outputs"], 0, [0.0] * len(row["inputs"]), True
    )
    print(float(status == "pass"), flush=True)
