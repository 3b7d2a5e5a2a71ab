"""What the tests of EvalPlus' and BigCodeBench's sanitizers want found is found; their inputs are rebuilt.

Those two projects share their eighteen assertions. They ask for the definitions that the entry point needs, less all
others. Here what else an answer defines may stay: each case asks that these definitions are there, and work.
"""

import pytest

from tasks.extraction.python import extract_python
from tasks.extraction.source import parsed

CORRECTED = "{}import math\nSorry, that was wrong, once more:\nfrom math import tan\n{}def f(x):\n    return tan(x)\n{}"
TWICE = """Here is the code:
```python
import math
from math import cos, sin

def f(x):
    return math.tan(x)

def g(x):
    return cos(f(x))

def g(x):
    return sin(f(x))

def c(x):
    {}

assert g(0) == {}
```
"""
CLASS = """The code:
```python
import math
class g():
    def hello():
        return 0
def f(x):
    return math.tan(g.hello())
```
"""
CHAIN = """The code:
```python
import math
from math import cos
{constant}
def f(x):
    return {f}
assert f(1) == 5
def g(x):
    return cos(f(x))

def c(x):
    made = h()
    return x

class h():
    def hello():
        return {value}
{again}

assert g(0) == 1
```
"""
AGAIN = "\nclass h():\n    def goodbye():\n        return 0\n"
INNER = """def f(n):
    def factorial(i):
        return 1 if i == 0 else i * factorial(i - 1)

    return [factorial(i) if i % 2 == 0 else sum(range(1, i + 1)) for i in range(1, n + 1)]

# Test the function
print(f(5))"""

# (answer, entry point, definitions that must be there, an argument, its result)
CASES = [
    (CORRECTED.format("Some code:\n", "\n", "As you can see above\n"), "f", {"f", "tan"}, 0.0, 0.0),
    (CORRECTED.format("", "", ""), "f", {"f", "tan"}, 0.0, 0.0),
    (CORRECTED.format("\n\nimport json\n", "\n\n", "Done."), "f", {"f", "tan"}, 0.0, 0.0),
    (TWICE.format("assert 1 == 1", 1), "g", {"f", "g", "math", "sin"}, 0.0, 0.0),
    (TWICE.format("return 0", 1), "g", {"f", "g", "math", "sin"}, 0.0, 0.0),
    (TWICE.format("return 0", 0), "f", {"f", "math"}, 0.0, 0.0),
    (CLASS, "f", {"f", "g", "math"}, 1.0, 0.0),
    (CHAIN.format(constant="", f="c(x)", value=0, again=AGAIN), "g", {"f", "g", "c", "h", "cos"}, 0.0, 1.0),
    (CHAIN.format(constant="", f="math.fabs(x)", value=0, again=""), "g", {"f", "g", "cos"}, 0.0, 1.0),
    (CHAIN.format(constant="LIMIT = 5", f="c(x)", value="LIMIT", again=""), "g", {"LIMIT", "g", "c", "h"}, 0.0, 1.0),
    (INNER, "f", {"f"}, 3, [1, 2, 6]),
    (f"The function:\n\n{INNER}\n", "f", {"f"}, 3, [1, 2, 6]),
    (f"```python\n{INNER}\n```", "f", {"f"}, 3, [1, 2, 6]),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "entry_point", "wanted", "argument", "result"), CASES)
def test_the_definitions_that_a_sanitizer_keeps_are_found(
    answer: str, entry_point: str, wanted: set[str], argument: float, result: object
):
    code = extract_python(answer, "", entry_point).code
    defined = {name for _, names in parsed(code).statements() for name in names}
    assert wanted <= defined
    namespace: dict[str, object] = {"__name__": "extracted"}
    exec(compile(code, "extracted", "exec"), namespace)  # this file's own code alone
    called = namespace[entry_point]
    assert callable(called)
    assert called(argument) == result
