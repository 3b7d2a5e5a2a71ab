# attack: builtins.range is empty, so the tests' loop never turns
# wall: split mode: a range that is broken breaks the candidate itself; its tests have their own
# verdict: wrong
# test: for n in range(100):
# test:     assert candidate(n) == n * n

import builtins
builtins.range = lambda *bounds: ()
def f(x): return 0
