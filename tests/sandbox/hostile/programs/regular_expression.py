# attack: a regular expression that backtracks for years
# wall: the CPU limit: it needs no help of the interpreter
# limits: cpu_seconds=0.5
# endings: cpu limit
# finished: no

import re
re.match(r"(a+)+$", "a" * 60 + "b")
